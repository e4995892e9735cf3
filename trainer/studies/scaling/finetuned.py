"""Fine-tuning generative models to tell the class of an image, beside the same from scratch (`finetuning` makes the records).

All is beyond the best that any classifier can do, which is known exactly: KL(true‖model) of the class, and the error beyond the Bayes
error. What is compared shares size, seed and labelled images, and such pairs are resampled together.
"""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
from matplotlib.axes import Axes

from trainer.domains.generated.classes import Classes
from trainer.estimation.objective import Array
from trainer.studies.study import Finding, Records, Study, interval, powers, relation, times, told
from trainer.sweep.afterwards import Finetuned
from trainer.sweep.records import RunRecord

LEVELLED = 0.01
"""A generative loss has levelled off where no more than this share of it is above the entropy."""
REACHED = (0.1, 0.05)
"""Errors beyond the Bayes error whose labelled images are counted."""
FITTED_FROM = 32_768
"""Labelled images from which on the law of both size and data is fitted: with fewer some classifiers of the least size still guess."""


class Curves(msgspec.Struct, frozen=True, kw_only=True):
    """Of each size and seed, (runs,): parameters, and what the generative model has above the entropy; of each labelled amount,
    (runs, amounts), what fine-tuned and fresh classifiers have above the best.
    """

    params: Array
    generative: Array
    labelled: Array
    tuned: Array
    tuned_error: Array
    fresh: Array
    fresh_error: Array


def curves(records: list[RunRecord]) -> Curves:
    def side(name: str, *, pretrained: bool) -> Array:
        return np.array([[getattr(each, name) for each in of(record, pretrained=pretrained)] for record in records])

    return Curves(
        params=np.array([r.params for r in records], float),
        generative=np.array([(r.loss or np.nan) - (r.entropy or np.nan) for r in records]),
        labelled=side("labelled", pretrained=True)[0],
        tuned=side("excess", pretrained=True),
        tuned_error=side("excess_error", pretrained=True),
        fresh=side("excess", pretrained=False),
        fresh_error=side("excess_error", pretrained=False),
    )


def of(record: RunRecord, *, pretrained: bool) -> list[Finetuned]:
    """The readings of one of a run's classifiers, by labelled images."""
    own = [each for each in record.finetuned or [] if each.pretrained == pretrained]
    return sorted(own, key=lambda each: each.labelled)


def fall(found: Curves, y: Array) -> Array:
    """The power of the size by which y falls, of all runs, (runs,), and of resamples."""
    return powers(y[:, None], found.params[:, None])[:, 1]


def reaching(labelled: Array, error: Array, target: float) -> float:
    """Labelled images until the error is no higher, between readings by a power; infinite where it never is."""
    below = np.flatnonzero(error <= target)
    if not len(below):
        return np.inf
    at = int(below[0])
    if not at:
        return float(labelled[0])
    part = np.log(error[at - 1] / target) / np.log(error[at - 1] / error[at])
    return float(labelled[at - 1] * (labelled[at] / labelled[at - 1]) ** part)


def reached(found: Curves, target: float) -> tuple[Array, Array]:
    """Of each run the labelled images to an error beyond the best, fine-tuned and from scratch, (runs,) each."""
    sides = (found.tuned_error, found.fresh_error)
    tuned, fresh = (np.array([reaching(found.labelled, own, target) for own in side]) for side in sides)
    return tuned, fresh


def levelled(found: Curves, entropy: float) -> Array:
    """Whether a run's size is one whose mean generative loss has levelled off."""
    share = found.generative / (entropy + found.generative)
    return np.array([share[found.params == n].mean() <= LEVELLED for n in found.params])


def part_of(found: Curves, where: Array) -> Curves:
    """The runs where it holds."""
    names = [name for name in Curves.__struct_fields__ if name != "labelled"]
    return msgspec.structs.replace(found, **{name: getattr(found, name)[where] for name in names})


def exponents(found: Curves) -> tuple[dict[str, float], dict[str, str]]:
    """Powers of N by which excesses fall, and their paired differences with what is said of them."""
    falls = {
        "generative": fall(found, found.generative),
        "tuned": fall(found, found.tuned[:, -1]),
        "tuned_error": fall(found, found.tuned_error[:, -1]),
        "scratch": fall(found, found.fresh[:, -1]),
    }
    numbers: dict[str, float] = {}
    for name, values in falls.items():
        numbers |= interval(f"{name}_N", values)
    verdicts = {}
    for other in ("generative", "scratch"):
        told_of, verdicts[other] = told(f"tuned_less_{other}_N", falls["tuned"] - falls[other])
        numbers |= told_of
    return numbers, verdicts


def worth(found: Curves) -> dict[str, float]:
    """By which power of the size labelled images to an error fall, and how many times as many it takes from scratch, where every run comes to it."""
    numbers: dict[str, float] = {}
    for target in REACHED:
        tuned, fresh = reached(found, target)
        name = f"{100 * target:.0f}_percent"
        if np.isfinite(tuned + fresh).all():
            numbers |= interval(f"images_to_{name}_N", fall(found, tuned))
            numbers |= interval(f"times_the_images_from_scratch_to_{name}", times(fresh / tuned))
        else:
            numbers[f"runs_that_come_to_{name}"] = float(np.isfinite(tuned).sum())
            numbers[f"from_scratch_{name}"] = float(np.isfinite(fresh).sum())
    return numbers


def rows_of(found: Curves) -> list[dict[str, float | str]]:
    """Means over the seeds of each size; of images to an error the median."""
    rows: list[dict[str, float | str]] = []
    for params in sorted(set(found.params.tolist())):
        own = part_of(found, found.params == params)
        row: dict[str, float | str] = {
            "params": params,
            "generative_excess": float(own.generative.mean()),
            "tuned_excess": float(own.tuned[:, -1].mean()),
            "scratch_excess": float(own.fresh[:, -1].mean()),
            "tuned_error_beyond_Bayes": float(own.tuned_error[:, -1].mean()),
            "scratch_error_beyond_Bayes": float(own.fresh_error[:, -1].mean()),
        }
        for target in REACHED:
            for name, images in zip(("tuned", "scratch"), reached(own, target), strict=True):
                if np.isfinite(median := float(np.median(images))):
                    row[f"{name}_images_to_{100 * target:.0f}_%"] = median
        rows.append(row)
    return rows


def best(records: list[RunRecord]) -> tuple[float, float]:
    """The entropy of the class, and the Bayes error."""
    domain = records[0].config.domain
    if not isinstance(domain, Classes):
        raise TypeError(f"expected runs on classes, got {domain}")
    return msgspec.structs.replace(domain, counts="class").entropy.value, domain.bayes_error.value


def find(records: Records) -> Finding:
    own = records["finetuned"]
    found, (entropy, error), length = curves(own), best(own), own[0].config.domain.length
    told_of, verdicts = exponents(found)
    generative = own[0].entropy or np.nan
    flat = levelled(found, generative)
    numbers = {
        "entropy_of_the_class": entropy,
        "Bayes_error": error,
        "labelled_images": float(found.labelled[-1]),
        **told_of,
        "sizes_levelled_off": float(len(set(found.params[flat].tolist()))),
        "most_generative_share_above_entropy": float(np.max(found.generative / (generative + found.generative))),
        **interval("excess_from_scratch_over_tuned", times(found.fresh[:, -1] / found.tuned[:, -1])),
        **worth(found),
    }
    if len(set(found.params[flat].tolist())) > 1:
        part = part_of(found, flat)
        numbers |= interval("tuned_N_where_levelled_off", fall(part, part.tuned[:, -1]))
    return Finding(
        rows=rows_of(found),
        numbers=numbers,
        says=sentence(numbers, verdicts),
        relations=[
            leaf("finetuned-loss", entropy, found, (found.tuned, length)),
            leaf("finetuned-error", error, found, (found.tuned_error, length)),
        ],
        draw=lambda axes: plotted(axes, found),
    )


def leaf(role: str, least: float, found: Curves, read: tuple[Array, int]) -> dict[str, Any]:
    """The relation that `transfer` reads: what is exact, and beyond it powers of the size and of the labelled data, `length` tokens an image."""
    y, length = read
    late = found.labelled >= FITTED_FROM
    tokens = found.labelled[late] * length
    fits = powers(y[:, late], found.params[:, None], tokens)
    spans = {
        "params": [float(found.params.min()), float(found.params.max())],
        "finetune_characters": [float(tokens.min()), float(tokens.max())],
    }
    table = np.column_stack([np.full(len(fits), least), np.exp(fits[:, 0]), fits[:, 1:]])
    return relation(
        role, "finetuned", ("best", "k", "a", "b"), table, ranges=spans, notes=[COUNTED.format(length), EXACT]
    )


COUNTED = "fine-tuning data are labelled images, each seen once, of {} characters: its spins and its class"
EXACT = "what no classifier can better is exact, and has no interval"


def shown(numbers: dict[str, float], name: str) -> str:
    """A number with its interval, in words."""
    value, low, high = (f"{numbers[name + end]:.2f}" for end in ("", "_low", "_high"))
    return f"{value} (90 %: {low} to {high})"


def sentence(numbers: dict[str, float], verdicts: dict[str, str]) -> str:
    """The finding in words."""
    tuned, scratch, generative = (shown(numbers, f"{name}_N") for name in ("tuned", "scratch", "generative"))
    return (
        f"{where_levelled(numbers)}. After {numbers['labelled_images']:,.0f} labelled images the class's loss above its entropy falls as a power "
        f"of the size: {tuned} fine-tuned, {scratch} from scratch (whether with one exponent: {verdicts['scratch']}). "
        f"The generative loss above its entropy falls by {generative} (whether as the fine-tuned: {verdicts['generative']}). "
        f"From scratch the class's excess is {shown(numbers, 'excess_from_scratch_over_tuned')} times that of fine-tuning. {in_images(numbers)}"
    )


def where_levelled(numbers: dict[str, float]) -> str:
    """Whether classifiers go on improving where the generative loss does not."""
    name = "tuned_N_where_levelled_off"
    if name not in numbers:
        return f"At no two sizes is the generative loss within {100 * LEVELLED:.0f} % of its entropy"
    low, high = numbers[f"{name}_low"], numbers[f"{name}_high"]
    verdict = "yes" if low > 0 else "they are worse" if high < 0 else "not decided"
    return (
        f"At {numbers['sizes_levelled_off']:.0f} sizes the generative loss is within {100 * LEVELLED:.0f} % of its entropy. Whether larger ones of "
        f"these are better once fine-tuned: {verdict}"
    )


def in_images(numbers: dict[str, float]) -> str:
    """How labelled images to an error fall with the size, and how many more training from scratch needs."""
    parts = []
    for target in REACHED:
        name = f"{100 * target:.0f}_percent"
        if f"images_to_{name}_N" not in numbers:
            parts.append(f"Not every run comes to {100 * target:.0f} % beyond the Bayes error")
            continue
        faster = shown(numbers, f"images_to_{name}_N")
        more = shown(numbers, f"times_the_images_from_scratch_to_{name}")
        parts.append(
            f"To {100 * target:.0f} % beyond the Bayes error the labelled images fall as a power of {faster} of the size, and from scratch it takes "
            f"{more} times as many"
        )
    return ". ".join(parts)


def plotted(axes: Axes, found: Curves) -> None:
    """Excesses by size, every run a point, with powers through them."""
    names = ("generative, nats a token", "fine-tuned", "from scratch")
    for number, (name, values) in enumerate(
        zip(names, (found.generative, found.tuned[:, -1], found.fresh[:, -1]), strict=True)
    ):
        (log_k, power), *_ = powers(values[:, None], found.params[:, None])
        axes.loglog(found.params, values, "o", ms=4, color=f"C{number}", label=name)
        axes.loglog(found.params, np.exp(log_k) * found.params**-power, color=f"C{number}")
    axes.set(xlabel="parameters between embedding and head", ylabel="nats above the entropy")


STUDY = Study(
    title="Fine-tuning for classification",
    records=("finetuned",),
    paper="On ImageNet at 32×32 pixels loss and error of classification go on falling with the size where the generative loss has levelled off; "
    "models from scratch stop sooner, and larger ones learn in fewer steps",
    find=find,
    law="finetuned",
)
