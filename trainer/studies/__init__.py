"""Studies by name: each is one file, with its records, that `make reproduce STUDY=name` computes again."""

from trainer.studies import (
    aspect,
    captions,
    crossing,
    described,
    elsewhere,
    encodings,
    exponents,
    extrapolation,
    frames,
    heldout,
    percentiles,
    position,
)
from trainer.studies.study import Study

STUDIES: dict[str, Study] = {
    "exponents": exponents.STUDY,
    "heldout": heldout.STUDY,
    "captions": captions.STUDY,
    "described": described.STUDY,
    "position": position.STUDY,
    "extrapolation": extrapolation.STUDY,
    "elsewhere": elsewhere.STUDY,
    "encodings": encodings.STUDY,
    "percentiles": percentiles.STUDY,
    "frames": frames.STUDY,
    "aspect": aspect.STUDY,
    "crossing": crossing.STUDY,
}
