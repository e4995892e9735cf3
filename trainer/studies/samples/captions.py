"""What an image says of its caption: the model's mutual information beside the exact one (after H eq 4.1, on
`captions`).
"""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from trainer.domains.generated.captions import Captions
from trainer.estimation.objective import Array
from trainer.studies.study import Finding, Records, Study, interval, last_readings, redrawn, relation
from trainer.sweep.records import RunRecord

TEXT_FIRST, IMAGE_FIRST = "captions-text-image", "captions-image-text"


def excess_of_text(record: RunRecord) -> float:
    """Nats a sample by which the model's loss on the caption is above its entropy in that place of the order."""
    domain = record.config.domain
    if not isinstance(domain, Captions):
        raise TypeError(f"expected a run on captions, got {domain}")
    return float(np.array(record.excess_by_place)[domain.text].sum())


def find(records: Records) -> Finding:
    """I of a model is L(text) where the caption comes first, less L(text) where the image does, each in its own model
    of one size and seed.
    """
    alone, image_first = (last_readings(records[name]) for name in (TEXT_FIRST, IMAGE_FIRST))
    domain = alone[0].config.domain
    if not isinstance(domain, Captions):
        raise TypeError(f"expected runs on captions, got {domain}")
    exact, text = domain.information, float(sum(np.log(domain.attributes[i]) for i in domain.mentioned))
    params = np.array([r.params for r in alone], float)
    excess = np.array([[excess_of_text(r) for r in side] for side in (alone, image_first)])
    learnt = exact + excess[0] - excess[1]
    short = exact - learnt

    def line(weights: Array) -> Array:
        """ln short = alpha·(ln Nc − ln N) by least squares."""
        slope, level = np.polyfit(np.log(params), np.log(short), 1, w=np.sqrt(weights))
        return np.array([exact, np.exp(-level / slope), -slope])

    drawn = redrawn(line, len(params))
    sizes = sorted(set(params.tolist()))
    rows = [
        {
            "params": size,
            "mutual_information": float(learnt[params == size].mean()),
            "infogain": float((learnt / (text + excess[0]))[params == size].mean()),
            "share_of_exact": float(learnt[params == size].mean() / exact),
        }
        for size in sizes
    ]
    numbers = {
        "exact_mutual_information": exact,
        "exact_infogain": exact / text,
        "largest_infogain": rows[-1]["infogain"],
        **interval("alpha", drawn[:, 2]),
    }

    def draw(axes: Axes) -> None:
        axes.axhline(exact, color="0.6", linestyle="--", label=f"exact: {exact:.3f} nats")
        axes.semilogx(params, learnt, "o", label="models")
        fine = np.geomspace(params.min(), params.max(), 50)
        axes.semilogx(fine, exact - (drawn[0, 1] / fine) ** drawn[0, 2], label=f"short by (Nc/N)^{drawn[0, 2]:.2f}")
        axes.set(xlabel="parameters of attention and MLP", ylabel="mutual information, nats a caption")

    return Finding(
        rows=rows,
        numbers=numbers,
        says=f"At {sizes[-1]:,.0f} parameters a model has {100 * rows[-1]['share_of_exact']:.1f} % of the exact {exact:.3f} nats, from below; "
        f"what is missing falls as N^-{drawn[0, 2]:.2f}",
        relations=[relation("information", "ceiled-information", ("I_max", "Nc", "alpha"), drawn)],
        draw=draw,
    )


STUDY = Study(
    title="Mutual information of image and caption",
    records=(TEXT_FIRST, IMAGE_FIRST),
    paper="I = λ ln(N/N_c), rising over all sizes, far from a ceiling that nobody knows (eq 4.1)",
    find=find,
    law="captions",
)
