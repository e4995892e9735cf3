"""Runs on a cluster: a job array of Slurm, whose nodes share the folder of output; a task an ensemble, on cards a lot. Needs no torch.

The array goes on where this process dies; the same command afterwards listens to it again, or takes up what was recorded.
"""

from __future__ import annotations

import shlex
import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from trainer.files import Refusal, write_whole
from trainer.sweep.devices import on_card
from trainer.sweep.engines.engine import Heard, Job, command, failed, lots, runs_of

SCRIPT = """#!/bin/bash
#SBATCH --job-name={name}
#SBATCH --array=0-{last}
#SBATCH --cpus-per-task={cards}
{gres}#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --output={folder}/slurm-%A-%a.out
#SBATCH --error={folder}/slurm-%A-%a.err
export OMP_NUM_THREADS=1
exec {command} < {folder}/slurm-$SLURM_ARRAY_TASK_ID.jsonl
"""
POLL_SECONDS = 2.0
UNSEEN_POLLS = 3
"""That an array is not listed, one after another, before it has ended: its last words may reach a shared folder late."""


class Slurm:
    """A sweep's array; its number stands in the folder, `slurm.id`."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder, self.name = folder.resolve(), name
        self.number = ""

    def submit(self, jobs: Sequence[Job]) -> Iterator[Heard]:
        former = self.folder / "slurm.id"
        before = former.read_text().strip() if former.exists() else ""
        self.number = before if before and listed(before) else self.submitted(jobs)
        left, read, unseen = runs_of(jobs), dict[Path, int](), 0
        while left and unseen < UNSEEN_POLLS:
            unseen = 0 if listed(self.number) else unseen + 1
            for path in sorted(self.folder.glob(f"slurm-{self.number}-*.out")):
                lines = path.read_bytes()[read.get(path, 0) :].splitlines(keepends=True)
                for line in lines:
                    if line.endswith(b"\n"):  # else it is still being written
                        read[path] = read.get(path, 0) + len(line)
                        heard = msgspec.json.decode(line, type=Heard)
                        left -= {heard.run} if heard.ended else set()
                        yield heard
            if left:
                time.sleep(POLL_SECONDS)
        yield from failed(
            left, f"its task of Slurm's array {self.number} has ended without it: see slurm-{self.number}-*.err"
        )

    def submitted(self, jobs: Sequence[Job]) -> str:
        """Writes a lot a task and the array's script, and submits it; its number.

        Raises:
            Refusal: there is no sbatch here, or it refuses.
        """
        tasks, cards, script = lots(jobs), jobs[0].cards, self.folder / "sweep.sbatch"
        for number, lot in enumerate(tasks):
            write_whole(msgspec.json.encode(lot) + b"\n", self.folder / f"slurm-{number}.jsonl")
        text = SCRIPT.format(
            name=self.name,
            last=len(tasks) - 1,
            folder=shlex.quote(str(self.folder)),
            command=shlex.join(command(cards)),
            gres=f"#SBATCH --gres=gpu:{cards}\n" if on_card(jobs[0].device) else "",
            cards=cards,
        )
        write_whole(text.encode(), script)
        if shutil.which("sbatch") is None:
            raise Refusal(
                f"engine slurm: expected sbatch on the path, found none; {script} is written: submit it where Slurm is, then say this again"
            )
        done = said(["sbatch", "--parsable", str(script)])
        if done.returncode:
            raise Refusal(f"engine slurm: sbatch refuses {script}: {done.stderr.strip()}")
        number_ = done.stdout.strip().partition(";")[0]
        write_whole(number_.encode() + b"\n", self.folder / "slurm.id")
        return number_

    def cancel(self) -> None:
        if self.number:
            said(["scancel", self.number])


def listed(number: str) -> bool:
    """Whether a task of the array waits or runs. A controller that does not answer ends nothing."""
    if shutil.which("squeue") is None:
        return False
    done = said(["squeue", "--noheader", f"--jobs={number}"])
    return bool(done.stdout.strip()) or (done.returncode != 0 and "Invalid job id" not in done.stderr)


def said(words: Sequence[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(words, check=False, capture_output=True, text=True)  # noqa: S603 - of the user's own path
