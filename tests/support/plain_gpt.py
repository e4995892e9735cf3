"""A decoder-only transformer trained as one would write it first, in the manner of nanoGPT: what the trainer's speed is held against."""

import torch
from torch import Tensor, nn
from torch.nn import functional


class Block(nn.Module):
    """Layer norm, fused attention over heads, layer norm, four times as wide a hidden layer; biases as they come."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.before, self.between = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attend, self.mix = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x: Tensor) -> Tensor:
        n, length, width = x.shape
        q, k, v = (
            part.view(n, length, self.heads, width // self.heads).transpose(1, 2)
            for part in self.attend(self.before(x)).split(width, dim=2)
        )
        mixed = functional.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.mix(mixed.transpose(1, 2).contiguous().view(n, length, width))
        return x + self.down(functional.gelu(self.up(self.between(x))))


class PlainGPT(nn.Module):
    def __init__(self, vocabulary: int, length: int, layers: int, width: int, heads: int) -> None:
        super().__init__()
        self.tokens, self.places = nn.Embedding(vocabulary, width), nn.Embedding(length, width)
        self.blocks = nn.Sequential(*(Block(width, heads) for _ in range(layers)))
        self.last, self.head = nn.LayerNorm(width), nn.Linear(width, vocabulary, bias=False)
        self.tokens.weight = self.head.weight

    def forward(self, tokens: Tensor, targets: Tensor) -> Tensor:
        x = self.tokens(tokens) + self.places(torch.arange(tokens.shape[1]))
        found = self.head(self.last(self.blocks(x)))
        return functional.cross_entropy(found.flatten(0, 1), targets.flatten())


class PlainLoop:
    """One step: a batch from a long row of tokens, loss, gradient, clipping, AdamW, the loss read."""

    def __init__(self, row: Tensor, model: PlainGPT, length: int, batch: int) -> None:
        self.row, self.model, self.length, self.batch = row, model, length, batch
        weights = list(model.parameters())
        groups = [
            {"params": [w for w in weights if w.dim() >= 2], "weight_decay": 0.1},
            {"params": [w for w in weights if w.dim() < 2], "weight_decay": 0.0},
        ]
        self.optimiser = torch.optim.AdamW(groups, lr=1e-3, betas=(0.9, 0.95))

    def step(self) -> float:
        starts = torch.randint(len(self.row) - self.length, (self.batch,)).tolist()
        tokens = torch.stack([self.row[i : i + self.length] for i in starts])
        targets = torch.stack([self.row[i + 1 : i + 1 + self.length] for i in starts])
        loss = self.model(tokens, targets)
        loss.backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimiser.step()
        self.optimiser.zero_grad(set_to_none=True)
        return loss.item()
