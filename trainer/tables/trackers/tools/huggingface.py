"""Hugging Face's Trainer: `trainer_state.json` of checkpoints, and the sizes in the headers of their safetensors."""

import json
import math
import struct
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from trainer.files import content_of
from trainer.tables.trackers.tracked import OK, History, Tracked, UnreadableExport

STATE = "trainer_state.json"
EMBEDDINGS = (
    "embed_tokens.",
    "wte.",
    "wpe.",
    "word_embeddings.",
    "position_embeddings.",
    "embed_positions.",
    "embed_in.",
)
"""Parts of the names of tensors that its `num_parameters(exclude_embeddings=True)` leaves out."""
MOST_HEADER = 1 << 26


def read(path: Path) -> list[Tracked]:
    """One run a folder of checkpoints, as of its last one."""
    files = [path] if path.is_file() else sorted(path.rglob(STATE))
    if not files:
        raise UnreadableExport(f"{path}: expected a folder with {STATE}, got none")
    root = path if path.is_dir() else path.parent
    last: dict[Path, tuple[float, Path, Mapping[str, Any]]] = {}
    for file in files:
        state = _state(file)
        folder = file.parent.parent if file.parent.name.startswith("checkpoint-") else file.parent
        if folder not in last or float(state.get("global_step", 0)) >= last[folder][0]:
            last[folder] = (float(state.get("global_step", 0)), file, state)
    return [_run(folder, root, file, state) for folder, (_, file, state) in last.items()]


def _state(file: Path) -> Mapping[str, Any]:
    try:
        state = json.loads(content_of(file, f"a {STATE}"))
    except ValueError as error:
        raise UnreadableExport(f"{file}: expected JSON as Hugging Face's Trainer writes it, got {error}") from None
    if not isinstance(state, Mapping) or not isinstance(state.get("log_history"), list):
        raise UnreadableExport(
            f"{file}: expected JSON with log_history, as Hugging Face's Trainer writes it, got other JSON"
        )
    return state


def _run(folder: Path, root: Path, file: Path, state: Mapping[str, Any]) -> Tracked:
    history: History = {}
    for entry in state["log_history"]:
        if "train_runtime" in entry:
            continue  # the summary at the end: its train_loss is a mean over the whole run
        for key, value in entry.items():
            if isinstance(value, int | float) and not isinstance(value, bool):
                history.setdefault(key, []).append((float(entry.get("step", math.nan)), float(value)))
    settings = dict(_sizes(file.parent))
    seen = history.pop("num_input_tokens_seen", [])
    tokens = seen if any(count for _, count in seen) else _tokens_of_flos(state, settings, history)
    steps = float(state.get("global_step", 0))
    name = str(folder.relative_to(root)) if folder != root and root in folder.parents else folder.resolve().name
    return Tracked(
        name=name,
        place=f"huggingface:{name}",
        quality=OK if steps >= float(state.get("max_steps") or math.inf) else "unfinished",
        settings=settings,
        history={**history, **({"tokens": tokens} if tokens else {})},
    )


def _tokens_of_flos(state: Mapping[str, Any], sizes: Mapping[str, int], history: History) -> list[tuple[float, float]]:
    """Tokens by step, where the Trainer was not told to count them: from `total_flos`, which it counts as 6 × parameters
    without embeddings × tokens, in equal steps.
    """
    flos, steps = float(state.get("total_flos") or 0), float(state.get("global_step") or 0)
    if not (flos and steps and "non_embedding_params" in sizes):
        return []
    total = flos / (6 * sizes["non_embedding_params"])
    return [(step, total * step / steps) for step, _ in history.get("step", [])]


def _sizes(folder: Path) -> Iterator[tuple[str, int]]:
    """Parameters by the shapes in the headers of the folder's safetensors, all and without embeddings."""
    shapes: dict[str, list[int]] = {}
    for file in sorted(folder.glob("*.safetensors")):
        if file.name.startswith("adapter"):
            return  # low-rank adapters are a part of a model
        shapes |= _shapes(file)
    if shapes:
        counts = {name: math.prod(shape) for name, shape in shapes.items()}
        yield "params", sum(counts.values())
        yield (
            "non_embedding_params",
            sum(n for name, n in counts.items() if not any(part in name for part in EMBEDDINGS)),
        )


def _shapes(file: Path) -> dict[str, list[int]]:
    """The shape of each tensor: 8 bytes of length, then a header of JSON."""
    try:
        with file.open("rb") as stream:
            (size,) = struct.unpack("<Q", stream.read(8))
            header = json.loads(stream.read(size)) if size < MOST_HEADER else {}
    except (OSError, ValueError, struct.error) as error:
        raise UnreadableExport(f"{file}: expected a safetensors file, got {error}") from None
    return {name: about["shape"] for name, about in header.items() if name != "__metadata__"}
