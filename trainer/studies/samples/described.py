"""What photographs say of their generated captions, by size: from the captions' loss and from the pictures', by models
of both orders (H eq 4.1).
"""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from trainer.estimation.objective import Array
from trainer.studies.study import Finding, Records, Study, interval, last_readings, relation, resamples
from trainer.sweep.law.law import stuck
from trainer.sweep.records import RunRecord

TEXT_FIRST, IMAGE_FIRST = "text-to-image", "image-to-text"
GRID = 400
"""Values of Nc tried, evenly in its logarithm from half the least size to the largest."""


def learnt(params: Array, information: Array, weights: Array) -> Array:
    """lamda and Nc of I = lamda·ln(N/Nc), none below Nc, by least squares: for each Nc lamda is that of a line through
    its zero.
    """
    log_params = np.log(params)
    at = np.linspace(log_params.min() - np.log(2), log_params.max(), GRID, endpoint=False)
    beyond = np.maximum(log_params - at[:, None], 0)
    slope = np.maximum((beyond * information) @ weights / (beyond**2 @ weights + np.finfo(float).tiny), 0)
    best = int(((information - slope[:, None] * beyond) ** 2 @ weights).argmin())
    return np.array([slope[best], np.exp(at[best])])


def unstuck(records: Records) -> tuple[list[RunRecord], list[RunRecord]]:
    """The last readings of both orders, of one size and seed each.

    Without runs that are stuck on a plateau and their twins.
    """
    plateau: set[tuple[int, int]] = set()
    for side in records.values():
        stuck_runs = stuck(side)
        plateau |= {(r.params, r.config.seed) for r in side if r.run in stuck_runs}
    text_first, image_first = (
        [r for r in last_readings(records[name]) if (r.params, r.config.seed) not in plateau]
        for name in (TEXT_FIRST, IMAGE_FIRST)
    )
    return text_first, image_first


def seeds_apart(params: Array, losses: Array) -> float:
    """How far the seeds of one size are apart, on average over sizes and over rows of losses, (rows, runs)."""
    repeated = [params == size for size in set(params) if (params == size).sum() > 1]
    return float(np.mean([np.ptp(row[of_size]) for row in losses for of_size in repeated]))


def by_size(params: Array, columns: dict[str, Array]) -> list[dict[str, float | str]]:
    """A row of each size: its parameters, and the mean of each column there."""
    return [
        {"params": size, **{name: float(column[params == size].mean()) for name, column in columns.items()}}
        for size in sorted(set(params.tolist()))
    ]


def find(records: Records) -> Finding:
    """I is the loss of a part where it comes first, less its loss where the other does, each in its own model of one
    size and seed.

    The captions' entropy given their pictures is exact; without, it is by the frequencies of what training tiles show.
    So I of the test's captions is known to what those frequencies miss. Runs that are stuck on a plateau are left out,
    and their twins of the other order.
    """
    text_first, image_first = unstuck(records)
    params = np.array([r.params for r in text_first], float)
    text, image = (
        np.array([[r.parts[part] for r in side] for side in (text_first, image_first)]) for part in ("text", "image")
    )
    known = text_first[0].least["text"] - image_first[0].least["text"]
    by_text, by_image = text[0] - text[1], image[1] - image[0]
    drawn = np.array([learnt(params, by_text, weights) for weights in resamples(len(params))])
    columns = {
        "information_by_text": by_text,
        "information_by_image": by_image,
        "infogain": by_text / text[0],
        "text_alone": text[0],
        "text_given_image": text[1],
    }
    rows = by_size(params, columns)
    largest = float(by_text[params == params.max()].mean())
    apart = by_image - by_text
    error = float(apart.std(ddof=1) / np.sqrt(len(apart)))
    seeds = seeds_apart(params, image)
    numbers = {
        "known_information": known,
        "known_infogain": known / text_first[0].least["text"],
        "share_of_known": largest / known,
        "by_image_less_by_text": float(apart.mean()),
        "by_image_less_by_text_error": error,
        "seeds_apart_by_image": seeds,
        **interval("lambda", drawn[:, 0]),
        **interval("Nc", drawn[:, 1]),
    }

    def draw(axes: Axes) -> None:
        axes.axhline(known, color="0.6", linestyle="--", label=f"known: {known:.2f} nats")
        axes.semilogx(params, by_text, "o", label="by the captions' loss")
        axes.semilogx(params, by_image, "x", label="by the pictures' loss")
        fine = np.geomspace(params.min(), params.max(), 50)
        axes.semilogx(
            fine,
            drawn[0, 0] * np.maximum(np.log(fine / drawn[0, 1]), 0),
            label=f"{drawn[0, 0]:.2f} ln(N/{drawn[0, 1]:,.0f})",
        )
        axes.set(xlabel="parameters of attention and MLP", ylabel="mutual information, nats a caption")

    return Finding(
        rows=rows,
        numbers=numbers,
        says=f"At {params.max():,.0f} parameters a model has learnt {largest:.2f} of the {known:.2f} nats that a picture says of its caption; "
        f"I rises as {drawn[0, 0]:.2f} ln(N/{drawn[0, 1]:,.0f}). By the pictures' loss it is "
        f"{apart.mean():+.1f} ± {error:.1f} nats beside that, where seeds are {seeds:.1f} nats apart",
        relations=[relation("information", "log-information", ("lamda", "Nc"), drawn)],
        draw=draw,
    )


STUDY = Study(
    title="What photographs say of their generated captions",
    records=(TEXT_FIRST, IMAGE_FIRST),
    paper="I = λ ln(N/N_c), rising over all sizes, far from a ceiling that nobody knows (eq 4.1)",
    find=find,
    law="described",
)
