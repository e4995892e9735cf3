"""Trains the VQ-VAE whose encoder `domains/codec.py` runs: `python -m trainer.vqvae SOURCE NAME SECONDS` freezes it. Needs torch."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from trainer.domains.codec import CODECS
from trainer.domains.pictures import TILE
from trainer.domains.tiles import tiles

CODES, DIMENSIONS, WIDTH = 256, 16, 16
BATCH, RATE, COMMITMENT = 32, 2e-3, 0.25
DECAY = 0.99
"""Of the moving averages that codes are means of (van den Oord et al. 2017, appendix A.1)."""
IDLE = 0.02
"""A code whose average count is lower begins anew at an output of the batch."""


class Model(nn.Module):  # type: ignore[misc]  # torch is not among what mypy reads
    """Encoder, codes as moving averages, decoder."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Conv2d(3, WIDTH, 4, 2, 1), nn.Conv2d(WIDTH, 2 * WIDTH, 4, 2, 1)
        self.out = nn.Conv2d(2 * WIDTH, DIMENSIONS, 1, bias=False)
        parts = (nn.Conv2d(DIMENSIONS, 2 * WIDTH, 3, 1, 1), nn.ReLU(), nn.ConvTranspose2d(2 * WIDTH, WIDTH, 4, 2, 1), nn.ReLU())
        self.decoder = nn.Sequential(*parts, nn.ConvTranspose2d(WIDTH, 3, 4, 2, 1))
        self.register_buffer("codebook", torch.randn(CODES, DIMENSIONS) * 0.1)
        self.register_buffer("counts", torch.ones(CODES))
        self.register_buffer("sums", self.codebook.clone())

    def encode(self, x: Tensor) -> Tensor:
        return self.out(functional.relu(self.second(functional.relu(self.first(x)))))

    def loss(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """What is minimised, and the squared error of the picture."""
        z = self.encode(x)
        flat = z.permute(0, 2, 3, 1).reshape(-1, DIMENSIONS)
        chosen = torch.cdist(flat, self.codebook).argmin(dim=1)
        self.learn(flat.detach(), chosen)
        q = self.codebook[chosen].view(z.shape[0], *z.shape[2:], DIMENSIONS).permute(0, 3, 1, 2)
        error = functional.mse_loss(self.decoder(z + (q - z).detach()), x)
        return error + COMMITMENT * functional.mse_loss(z, q), error.detach()

    @torch.no_grad()  # type: ignore[untyped-decorator]
    def learn(self, flat: Tensor, chosen: Tensor) -> None:
        self.counts.mul_(DECAY).add_(torch.bincount(chosen, minlength=CODES), alpha=1 - DECAY)
        self.sums.mul_(DECAY).index_add_(0, chosen, flat, alpha=1 - DECAY)
        idle = self.counts < IDLE * len(flat) / CODES
        if idle.any():
            self.sums[idle] = flat[torch.randint(len(flat), (int(idle.sum()),))]
            self.counts[idle] = 1.0
        self.codebook.copy_(self.sums / self.counts[:, None])


def trained(source: str, seconds: float, seed: int = 0) -> Model:
    """On tiles of the source's training pictures, for so long."""
    torch.manual_seed(seed)
    model, pixels = Model(), torch.from_numpy(tiles(source, TILE).train)
    optimiser = torch.optim.AdamW(model.parameters(), lr=RATE)
    begun, step = time.monotonic(), 0
    while time.monotonic() - begun < seconds:
        x = pixels[torch.randint(len(pixels), (BATCH,))].permute(0, 3, 1, 2).float() / 255 - 0.5
        loss, error = model.loss(x)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        step += 1
        if step % 100 == 0:
            sys.stdout.write(f"step {step}: squared error {float(error):.5f}, {int((model.counts > 1).sum())} codes in use\n")
    return model


def freeze(model: Model, path: Path) -> None:
    """As `codec` reads it, in half precision."""
    kernels = {name: getattr(model, name).weight.detach().flatten(1).T.numpy() for name in ("first", "second", "out")}
    biases = {f"{name}_bias": getattr(model, name).bias.detach().numpy() for name in ("first", "second")}
    arrays = {**kernels, **biases, "codebook": model.codebook.numpy()}
    np.savez_compressed(path, **{name: value.astype(np.float16) for name, value in arrays.items()})


if __name__ == "__main__":
    freeze(trained(sys.argv[1], float(sys.argv[3])), CODECS / f"{sys.argv[2]}.npz")
