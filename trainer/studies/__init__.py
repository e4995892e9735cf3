"""Studies by name: each is one file, with its records, that `make reproduce STUDY=name` computes again."""

from trainer.studies import captions, elsewhere, exponents, extrapolation, position
from trainer.studies.study import Study

STUDIES: dict[str, Study] = {
    "exponents": exponents.STUDY,
    "captions": captions.STUDY,
    "position": position.STUDY,
    "extrapolation": extrapolation.STUDY,
    "elsewhere": elsewhere.STUDY,
}
