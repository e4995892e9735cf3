"""Domains as rows: what is modelled, whether it is text, and how many tokens one sample holds."""

from __future__ import annotations

import msgspec


class Domain(msgspec.Struct, frozen=True, kw_only=True):
    """What is modelled. `text` losses have a perplexity; a domain with `tokens_per_sample` has a loss per sample.

    `parts` are those of a sample that have a loss of their own.
    """

    id: str
    title: str
    text: bool = False
    sample: str | None = None
    tokens_per_sample: int | None = None
    parts: tuple[str, ...] = ()


DOMAINS: dict[str, Domain] = {
    domain.id: domain
    for domain in (
        Domain(id="language", title="English text", text=True),
        Domain(id="image-8x8", title="Images of 8×8 RGB pixels", sample="image", tokens_per_sample=192),
        Domain(id="image-16x16", title="Images of 16×16 RGB pixels", sample="image", tokens_per_sample=768),
        Domain(id="image-32x32", title="Images of 32×32 RGB pixels", sample="image", tokens_per_sample=3072),
        Domain(
            id="image-vq-16x16", title="Images of 64×64 pixels as 16×16 VQ codes", sample="image", tokens_per_sample=256
        ),
        Domain(
            id="image-vq-32x32",
            title="Images of 64×64 pixels as 32×32 VQ codes",
            sample="image",
            tokens_per_sample=1024,
        ),
        Domain(
            id="video-vq-16x16x16", title="Video of 16 frames of 16×16 VQ codes", sample="video", tokens_per_sample=4096
        ),
        Domain(id="video-vq-8x8x8", title="Video of 8 frames of 8×8 VQ codes", sample="video", tokens_per_sample=512),
        Domain(
            id="text-to-image",
            title="Caption, then a 32×32 image",
            sample="image",
            tokens_per_sample=3072,
            parts=("text", "image"),
        ),
        Domain(
            id="image-to-text",
            title="A 32×32 image, then its caption",
            sample="image",
            tokens_per_sample=3072,
            parts=("text", "image"),
        ),
        Domain(id="text-to-image-8x8", title="A caption, then 8×8 RGB pixels"),
        Domain(id="image-to-text-8x8", title="8×8 RGB pixels, then their caption"),
        Domain(id="math", title="Procedurally generated mathematics, answers only (Extrapolate)"),
        Domain(id="code", title="Python code", text=True),
        Domain(id="image-classification", title="Images by class, by vision Transformers"),
        Domain(id="image-diffusion", title="Images from captions, by diffusion Transformers"),
    )
}


def domain(id: str) -> Domain:
    """The row of `id`; a domain known only from a law file has no more than its name."""
    return DOMAINS.get(id) or Domain(id=id, title=id)


def parted() -> list[str]:
    """The ids of the domains whose loss has parts."""
    return [row.id for row in DOMAINS.values() if row.parts]
