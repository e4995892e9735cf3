"""TensorBoard: folders of event files, read by TensorBoard's own accumulator."""

from pathlib import Path
from typing import Any

import numpy as np
from tensorboard.backend.event_processing.event_accumulator import SCALARS, TENSORS, EventAccumulator
from tensorboard.plugins.hparams import plugin_data_pb2
from tensorboard.util import tensor_util

from trainer.tables.trackers.tracked import OK, History, Tracked, UnreadableExport

EVENTS = "*tfevents*"
ENDS = {0: OK, 1: OK, 2: "failed", 3: "unfinished"}
"""STATUS_UNKNOWN, SUCCESS, FAILURE, RUNNING: only runs with hyperparameters say how they ended."""


def read(path: Path) -> list[Tracked]:
    """One run a folder with event files. Hyperparameters in a folder of their own, as PyTorch writes them, belong to
    the run above.
    """
    files = [path] if path.is_file() else sorted(path.rglob(EVENTS))
    folders = list(dict.fromkeys(file.parent for file in files))
    if not folders:
        raise UnreadableExport(f"{path}: expected a folder of TensorBoard's event files ({EVENTS}), got none")
    root = path if path.is_dir() else path.parent
    runs = {folder: of_folder(folder, root) for folder in folders}
    for folder, run in list(runs.items()):
        above = next((runs[parent] for parent in folder.parents if parent in runs), None)
        if above is not None and run.settings and above.history and not above.settings:
            runs[_folder_of(runs, above)] = Tracked(
                name=above.name,
                place=above.place,
                quality=run.quality,
                settings=run.settings,
                history=run.history | above.history,
            )
            del runs[folder]
    return list(runs.values())


def _folder_of(runs: dict[Path, Tracked], wanted: Tracked) -> Path:
    return next(folder for folder, run in runs.items() if run is wanted)


def of_folder(folder: Path, root: Path) -> Tracked:
    """The scalars and hyperparameters of one folder."""
    events = EventAccumulator(str(folder), size_guidance={SCALARS: 0, TENSORS: 0})  # 0: all, not a sample
    events.Reload()
    history: History = {
        tag: [(float(e.step), _shortest(e.value)) for e in events.Scalars(tag)] for tag in events.Tags()[SCALARS]
    }
    for tag in events.Tags()[TENSORS]:
        if events.SummaryMetadata(tag).plugin_data.plugin_name == "scalars":
            history[tag] = [
                (float(e.step), _shortest(float(tensor_util.make_ndarray(e.tensor_proto)))) for e in events.Tensors(tag)
            ]
    settings, status = _hyperparameters(events)
    name = str(folder.relative_to(root)) if folder != root else folder.resolve().name
    return Tracked(
        name=name, place=f"tensorboard:{name}", quality=ENDS.get(status, OK), settings=settings, history=history
    )


def _shortest(value: float) -> float:
    """Events hold single precision: the shortest number that is the same in it."""
    return float(str(np.float32(value)))


def _hyperparameters(events: Any) -> tuple[dict[str, Any], int]:
    """Settings, and the status of the session's end."""
    settings: dict[str, Any] = {}
    status = 0
    metadata = [m for m in events.summary_metadata.values() if m.plugin_data.plugin_name == "hparams"]
    for content in (m.plugin_data.content for m in metadata):
        data = plugin_data_pb2.HParamsPluginData.FromString(content)
        for key, value in data.session_start_info.hparams.items():
            settings[key] = getattr(value, value.WhichOneof("kind"))
        status = max(status, data.session_end_info.status)
    return settings, status
