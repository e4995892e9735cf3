"""Runs on a cluster: a job array of Slurm, one ensemble a task, on a card one lot. Needs no torch.

The same command afterwards takes up what was recorded.
"""

from __future__ import annotations

import shlex
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import msgspec

from trainer.files import Refusal, write_whole
from trainer.sweep.devices import on_card
from trainer.sweep.engines.local import Job, command, lots

SCRIPT = """#!/bin/bash
#SBATCH --job-name={name}
#SBATCH --array=0-{last}
#SBATCH --cpus-per-task={cards}
{card}#SBATCH --output={folder}/slurm-%a.out
export OMP_NUM_THREADS=1
exec {command} < {folder}/slurm-$SLURM_ARRAY_TASK_ID.jsonl
"""


def slurm(jobs: Sequence[Job], folder: Path, name: str) -> None:
    """Writes a lot a task and the array's script, and submits it; ends when the array does.

    Raises:
        Refusal: there is no sbatch here, or it refuses.
    """
    here, tasks = folder.resolve(), lots(jobs)
    for number, lot in enumerate(tasks):
        write_whole(msgspec.json.encode(lot) + b"\n", here / f"slurm-{number}.jsonl")
    script = here / "sweep.sbatch"
    cards = jobs[0].cards
    card = f"#SBATCH --gres=gpu:{cards}\n" if on_card(jobs[0].device) else ""
    text = SCRIPT.format(
        name=name,
        last=len(tasks) - 1,
        folder=shlex.quote(str(here)),
        command=shlex.join(command(cards)),
        card=card,
        cards=cards,
    )
    write_whole(text.encode(), script)
    if shutil.which("sbatch") is None:
        raise Refusal(
            f"engine slurm: expected sbatch on the path, found none; {script} is written: submit it where Slurm is, then say this again"
        )
    done = subprocess.run(["sbatch", "--wait", str(script)], check=False, capture_output=True, text=True)  # noqa: S603, S607 - of the user's own path
    if done.returncode:
        raise Refusal(f"engine slurm: sbatch refuses {script}: {done.stderr.strip()}")
