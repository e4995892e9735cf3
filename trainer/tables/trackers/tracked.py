"""A run as a tracker keeps it, whatever the tracker: settings, last values, and what was logged by step."""

import re
from typing import Any

import msgspec

from trainer.files import Refusal

OK = "ok"
History = dict[str, list[tuple[float, float]]]
"""By key, (step, value) in the order of steps."""


class UnreadableExport(Refusal):
    """What a tracker left cannot be used: file, expected, got."""


class Tracked(msgspec.Struct, frozen=True, kw_only=True):
    """One run; `quality` is `ok`, or how it ended: `failed`, `crashed`, `unfinished`, …; `place` says where it came
    from.
    """

    name: str
    place: str
    quality: str = OK
    settings: dict[str, Any] = {}
    finals: dict[str, float] = {}
    history: History = {}

    def keys(self) -> list[str]:
        """All that it says, without what trackers note for themselves."""
        return [
            key
            for key in dict.fromkeys((*self.history, *self.finals, *self.settings))
            if not key.startswith(("_", "mlflow."))
        ]


def named(run: Tracked, pattern: re.Pattern[str]) -> Tracked:
    """The run with the named groups of `pattern`, where its name matches, among its settings."""
    match = pattern.search(run.name)
    return msgspec.structs.replace(run, settings={**run.settings, **match.groupdict()}) if match else run
