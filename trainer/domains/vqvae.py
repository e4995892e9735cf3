"""Trains a VQ-VAE whose encoder `material/codec.py` runs.

`python -m trainer.domains.vqvae SOURCE STRIDE STEPS` freezes it.

Needs torch.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from trainer.domains.collected.pictures import TILE
from trainer.domains.material.codec import CODECS
from trainer.domains.material.tiles import tiles

CODES, DIMENSIONS, WIDTH = 256, 16, 16
BATCH, RATE, COMMITMENT = 32, 2e-3, 0.25
DECAY = 0.99
"""Of the moving averages that codes are means of (van den Oord et al. 2017, appendix A.1)."""
TOLD, TESTED = 100, 256
"""Steps between lines of progress; tiles that are judged at once."""
IDLE = 0.02
"""A code whose average count is lower begins anew at an output of the batch."""


class Model(nn.Module):  # type: ignore[misc]  # torch is not among what mypy reads
    """Encoder, codes as moving averages, decoder. A stride of 4 halves the picture twice, one of 2 once."""

    def __init__(self, stride: int) -> None:
        super().__init__()
        up, inner = (nn.ConvTranspose2d, (4, 2, 1)) if stride == 4 else (nn.Conv2d, (3, 1, 1))
        self.first = nn.Conv2d(3, WIDTH, 4, 2, 1)
        self.second = nn.Conv2d(WIDTH, 2 * WIDTH, *inner)
        self.out = nn.Conv2d(2 * WIDTH, DIMENSIONS, 1, bias=False)
        parts = (nn.Conv2d(DIMENSIONS, 2 * WIDTH, 3, 1, 1), nn.ReLU(), up(2 * WIDTH, WIDTH, *inner), nn.ReLU())
        self.decoder = nn.Sequential(*parts, nn.ConvTranspose2d(WIDTH, 3, 4, 2, 1))
        self.register_buffer("codebook", torch.randn(CODES, DIMENSIONS) * 0.1)
        self.register_buffer("counts", torch.ones(CODES))
        self.register_buffer("sums", self.codebook.clone())

    def encode(self, x: Tensor) -> Tensor:
        return self.out(functional.relu(self.second(functional.relu(self.first(x)))))

    def chosen(self, z: Tensor) -> Tensor:
        """The nearest code of each place, (n, side, side)."""
        return torch.cdist(z.permute(0, 2, 3, 1).flatten(1, 2), self.codebook).argmin(dim=2).view(len(z), *z.shape[2:])

    def decoded(self, chosen: Tensor) -> Tensor:
        return self.decoder(self.codebook[chosen].permute(0, 3, 1, 2))

    def loss(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """What is minimised, and the squared error of the picture."""
        z = self.encode(x)
        chosen = self.chosen(z)
        self.learn(z.detach().permute(0, 2, 3, 1).reshape(-1, DIMENSIONS), chosen.flatten())
        q = self.codebook[chosen].permute(0, 3, 1, 2)
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


def trained(source: str, stride: int, steps: int, seed: int = 0) -> Model:
    """A model that has learnt from tiles of the source's training pictures, for so many steps."""
    torch.manual_seed(seed)
    model, pictures = Model(stride), tiles(source, TILE)
    pixels = torch.from_numpy(pictures.train)
    optimiser = torch.optim.AdamW(model.parameters(), lr=RATE)
    for step in range(1, steps + 1):
        loss, error = model.loss(scaled(pixels[torch.randint(len(pixels), (BATCH,))]))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        if step % TOLD == 0:
            sys.stdout.write(f"step {step}: squared error {float(error):.5f}\n")
    sys.stdout.write(judged(model, scaled(torch.from_numpy(pictures.test))))
    return model


def scaled(tiles_: Tensor) -> Tensor:
    """What the encoder sees, (n, 3, side, side) about 0."""
    return tiles_.permute(0, 3, 1, 2).float() / 255 - 0.5


@torch.no_grad()  # type: ignore[untyped-decorator]
def judged(model: Model, held_out: Tensor) -> str:
    """How the codes of pictures that training has not seen fare."""
    errors, counts = [], torch.zeros(CODES)
    for x in held_out.split(TESTED):
        chosen = model.chosen(model.encode(x))
        errors.append(functional.mse_loss(model.decoded(chosen), x, reduction="none").mean((1, 2, 3)))
        counts += torch.bincount(chosen.flatten(), minlength=CODES)
    error, p = float(torch.cat(errors).mean()), counts[counts > 0] / counts.sum()
    entropy = float(-(p * p.log()).sum())
    return f"held out: squared error {error:.5f} of values from 0 to 1, {len(p)} of {CODES} codes in use, entropy {entropy:.3f} nats a code\n"


def freeze(model: Model, path: Path) -> None:
    """As `codec` reads it, in half precision; the sides of the kernels tell its stride."""
    kernels = {name: getattr(model, name).weight.detach().flatten(1).T.numpy() for name in ("first", "second", "out")}
    biases = {f"{name}_bias": getattr(model, name).bias.detach().numpy() for name in ("first", "second")}
    arrays = {**kernels, **biases, "codebook": model.codebook.numpy()}
    np.savez_compressed(path, **{name: value.astype(np.float16) for name, value in arrays.items()})


if __name__ == "__main__":
    freeze(trained(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])), CODECS / f"vqvae-{sys.argv[2]}.npz")
