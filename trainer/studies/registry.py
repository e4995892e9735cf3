"""Studies by name."""

from trainer.studies.finite import crossing, repeated
from trainer.studies.samples import captions, described, elsewhere, extrapolation, frames, image_encodings, position
from trainer.studies.scaling import (
    architectures,
    aspect,
    exponents,
    finetuned,
    foretold,
    heldout,
    percentiles,
    pruned,
)
from trainer.studies.study import Study

STUDIES: dict[str, Study] = {
    "exponents": exponents.STUDY,
    "heldout": heldout.STUDY,
    "foretold": foretold.STUDY,
    "captions": captions.STUDY,
    "described": described.STUDY,
    "position": position.STUDY,
    "extrapolation": extrapolation.STUDY,
    "elsewhere": elsewhere.STUDY,
    "encodings": image_encodings.STUDY,
    "percentiles": percentiles.STUDY,
    "frames": frames.STUDY,
    "aspect": aspect.STUDY,
    "crossing": crossing.STUDY,
    "image-crossing": crossing.OF_IMAGES,
    "repeated": repeated.STUDY,
    "architectures": architectures.STUDY,
    "pruned": pruned.STUDY,
    "finetuned": finetuned.STUDY,
}
