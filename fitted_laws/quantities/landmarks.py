"""Well-known language models as rows: published size, training tokens and compute, each with its source; facts, no losses."""

from __future__ import annotations

import msgspec


class Landmark(msgspec.Struct, frozen=True, kw_only=True):
    """One model as its makers describe it.

    `params` are all its parameters, `active_params` those that a token uses where these are fewer; `tokens` are processed in
    pretraining; `published_compute` is in FLOP, None where no figure was printed.
    """

    name: str
    year: int
    params: float
    active_params: float | None = None
    tokens: float
    published_compute: float | None = None
    source: str

    @property
    def used_params(self) -> float:
        """The parameters that a token uses."""
        return self.active_params or self.params

    @property
    def compute(self) -> float:
        """Training compute in FLOP: as published, else 6·N·D with the parameters that a token uses."""
        return self.published_compute or 6 * self.used_params * self.tokens


LANDMARKS = (
    Landmark(
        name="GPT-3",
        year=2020,
        params=175e9,
        tokens=300e9,
        published_compute=3.14e23,
        source="Brown et al. 2020, arXiv:2005.14165, Table 2.1 and Table D.1",
    ),
    Landmark(
        name="Gopher",
        year=2021,
        params=280e9,
        tokens=300e9,
        published_compute=5.76e23,
        source="Hoffmann et al. 2022, arXiv:2203.15556, Table 1 and Figure 2; the model: Rae et al. 2021, arXiv:2112.11446",
    ),
    Landmark(
        name="Chinchilla",
        year=2022,
        params=70e9,
        tokens=1.4e12,
        source="Hoffmann et al. 2022, arXiv:2203.15556, Table 1",
    ),
    Landmark(
        name="PaLM", year=2022, params=540e9, tokens=780e9, source="Chowdhery et al. 2022, arXiv:2204.02311, Section 1"
    ),
    Landmark(
        name="BLOOM",
        year=2022,
        params=176e9,
        tokens=366e9,
        source="BigScience 2022, arXiv:2211.05100; tokens: model card bigscience/bloom",
    ),
    Landmark(
        name="LLaMA 65B", year=2023, params=65e9, tokens=1.4e12, source="Touvron et al. 2023, arXiv:2302.13971, Table 2"
    ),
    Landmark(
        name="Llama 2 70B", year=2023, params=70e9, tokens=2e12, source="Touvron et al. 2023, arXiv:2307.09288, Table 1"
    ),
    Landmark(
        name="Falcon 180B",
        year=2023,
        params=180e9,
        tokens=3.5e12,
        source="Almazrouei et al. 2023, arXiv:2311.16867, abstract: over 3.5T tokens",
    ),
    Landmark(
        name="Llama 3 8B",
        year=2024,
        params=8e9,
        tokens=15e12,
        source="Meta 2024, model card github.com/meta-llama/llama3: over 15T tokens",
    ),
    Landmark(
        name="Llama 3 405B",
        year=2024,
        params=405e9,
        tokens=15.6e12,
        published_compute=3.8e25,
        source="Llama Team 2024, arXiv:2407.21783, Section 1",
    ),
    Landmark(
        name="Gemma 2 27B",
        year=2024,
        params=27e9,
        tokens=13e12,
        source="Gemma Team 2024, arXiv:2408.00118, Section 3.1; model card google/gemma-2-27b",
    ),
    Landmark(
        name="Qwen2.5 72B", year=2024, params=72e9, tokens=18e12, source="Qwen Team 2024, arXiv:2412.15115, abstract"
    ),
    Landmark(
        name="DeepSeek-V3",
        year=2024,
        params=671e9,
        active_params=37e9,
        tokens=14.8e12,
        source="DeepSeek-AI 2024, arXiv:2412.19437, abstract",
    ),
    Landmark(
        name="OLMo 2 32B",
        year=2025,
        params=32e9,
        tokens=6e12,
        source="Ai2 2025, model card allenai/OLMo-2-0325-32B and allenai.org/blog/olmo2-32B",
    ),
)
"""In the order of their years. Sizes are the round ones of their names, as the sources use them."""
