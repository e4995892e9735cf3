"""Families: laws that are twins, of one paper or of one set of runs, and which of them to take for what."""

from __future__ import annotations

import msgspec

OWN = "sweeps"
"""The family of what we have trained ourselves."""


class LawFamily(msgspec.Struct, frozen=True):
    """What its laws share, and which to take for what; a law file names it by `id` and says in `differs` what sets it apart."""

    id: str
    title: str
    take: str = ""


FAMILIES = {
    family.id: family
    for family in (
        LawFamily(
            "chinchilla",
            "Chinchilla's runs, fitted in several ways",
            "besiroglu-2024 for plans; hoffmann-2022 for the numbers of the paper; approaches 1 and 2 to see how far ways of fitting differ",
        ),
        LawFamily(
            "gadre-2024",
            "Over-trained models on three data sets",
            "the data set nearest to yours; all losses are measured on C4",
        ),
        LawFamily(
            "porian-2024",
            "From Kaplan's allocation to Chinchilla's, step by step",
            "porian-2024 for plans; the others to see what each step of the recipe does to the exponent",
        ),
        LawFamily(
            "sardana-2024",
            "Far more tokens than parameters",
            "sardana-2024 for models that serve much; the others to see the exponent move with what is fitted",
        ),
        LawFamily(
            "clark-2022",
            "Routed language models at 130e9 tokens",
            "clark-2022 for mixtures; clark-2022-dense for what they are compared with",
        ),
        LawFamily(
            "krajewski-2024",
            "Mixtures of fine-grained experts",
            "krajewski-2024 for mixtures; krajewski-2024-dense for what they are compared with",
        ),
        LawFamily("hernandez-2021", "Transfer from text to code", "the one whose pretraining is like yours"),
        LawFamily(
            "kumar-2024",
            "Precision in and after training",
            "kumar-2024 for integers in training; kumar-2024-post for weights quantised after it",
        ),
        LawFamily(
            "gemstones-2025",
            "Models of many widths and depths",
            "gemstones-2025 for shapes; gemstones-2025-cooled for losses; the allocations to see how far they depend on what is fitted",
        ),
        LawFamily(
            "xlstm-2025",
            "xLSTM beside the Transformer, by context",
            "xlstm-2025-mlstm and xlstm-2025-llama to compare losses; the allocation of your context for sizes",
        ),
        LawFamily("moonlight-2025", "Muon beside AdamW", "the optimizer that you train with, or both in compare"),
        LawFamily(
            "tao-2024",
            "The size of the vocabulary",
            "tao-2024; tao-2024-approach1 to see how far two ways differ",
        ),
        LawFamily(
            OWN,
            "Our own small sweeps",
            "where no paper has a law of the domain, and to see how a law comes about",
        ),
    )
}
"""Every family with more to say than its one law."""
