"""The one list of names: what columns of tables and keys of trackers are called, as words that stand in any order."""

from __future__ import annotations

SPELLINGS: dict[str, str] = {
    spelling: word
    for word, spellings in {
        "params": "param parameter parameters nparams numel weights",
        "tokens": "token tok toks ntokens",
        "compute": "flos",
        "loss": "losses nll xent ce crossentropy",
        "embedding": "embeddings embed embeds emb",
        "active": "activated",
        "heldout": "val valid validation dev eval evaluation",
        "train": "training trained",
        "total": "all overall trainable",
        "unique": "distinct",
        "seen": "processed consumed used cumulative",
        "steps": "step iter iters iteration iterations updates",
        "batch": "bs batchsize",
        "length": "len",
        "sequence": "seq",
        "seqlen": "sequencelength",
        "context": "ctx",
        "epochs": "nepochs",
        "bytes": "byte",
        "without": "no excl excluding minus",
        "vocabulary": "vocab",
    }.items()
    for spelling in spellings.split()
}
"""Other spellings of a word, in lower case."""

_FILLERS = (
    "n num number nr of count counts the final last mean avg average smoothed smooth ema model lm in at end global "
    "actual measured approx metric metrics config summary hparams optimizer optimiser gradient input run"
)
FILLERS = frozenset(_FILLERS.split())
"""Words that change nothing."""

NAMES: dict[str, tuple[str, ...]] = {
    "params": ("params", "params total", "params size", "model size"),
    "active_params": ("params active",),
    "embedding_params": ("params embedding",),
    "non_embedding_params": (
        "params non embedding",
        "params nonembedding",
        "params nonembed",
        "params without embedding",
        "params transformer",
        "params backbone",
    ),
    "tokens": (
        "tokens",
        "tokens seen",
        "tokens train",
        "tokens total",
        "tokens train total",
        "tokens total seen",
        "tokens train seen",
        "tokens data",
        "tokens dataset",
        "tokens train data",
    ),
    "unique_tokens": ("unique", "tokens unique", "tokens train unique", "tokens unique data"),
    "epochs": ("epochs",),
    "compute": ("compute", "compute total", "compute train", "compute train total", "compute budget", "compute seen"),
    "loss": (
        "loss heldout",
        "loss test",
        "loss heldout test",
        "loss",
        "loss train",
        "loss heldout best",
        "loss heldout min",
        "loss best",
        "loss min",
    ),
    "steps": ("steps", "steps train", "steps max", "steps total", "steps train max", "steps train total"),
    "batch_tokens": ("batch tokens", "batch size tokens", "tokens per steps", "tokens per batch", "train batch tokens"),
    "batch_size": (
        "batch",
        "batch size",
        "batch size total",
        "batch size train",
        "batch size train total",
        "batch size effective",
        "batch sequence",
    ),
    "sequence_length": (
        "sequence length",
        "seqlen",
        "context length",
        "context size",
        "context window",
        "context",
        "block size",
        "max sequence length",
        "max seqlen",
        "sequence size",
        "max length sequence",
    ),
    "tokens_per_param": ("tokens per params", "tpp", "params tokens ratio", "tokens train per params"),
    "bytes_per_token": ("bytes per tokens",),
    "vocabulary": ("vocabulary size", "vocabulary"),
    "weight": ("weight",),
}
"""By quantity its names, of which an earlier one is taken before a later one: a held-out loss before the training loss.
Words stand in any order.
"""
LETTERS = {"n": "params", "d": "tokens", "c": "compute", "l": "loss"}
"""The papers' letters, alone; `n` also before what is counted (`N_active`)."""
VAGUE = frozenset((*LETTERS, "unique", "weight"))
"""Names that say a quantity only where no folder stands before them."""
_NOT_THE_LOSS = (
    "std err error scale low high sem se var weight delta ratio diff reducible irreducible aux z router load balance per "
    "bits entropy oracle scaler relative excess improvement"
)
NOT_THE_LOSS = frozenset(_NOT_THE_LOSS.split())
"""What a column with a held-out loss of something else may not say in its name."""
ELSEWHERE = 50
"""Rank of a loss whose name says words that are not known, such as its data set: taken only where it is the only one."""
BY_WORDS: dict[frozenset[str], tuple[str, int]] = {
    frozenset(name.split()): (quantity, rank)
    for quantity, names in reversed(NAMES.items())
    for rank, name in enumerate(names)
}
"""By the words of a name its quantity, and its place among that quantity's names."""
