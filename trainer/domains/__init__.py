"""Domains by name, of known entropy and of files: each is one struct in one file, read from a sweep's TOML by its `name`."""

from trainer.domains.arithmetic import Arithmetic
from trainer.domains.arrays import Arrays
from trainer.domains.captions import Captions
from trainer.domains.classes import Classes
from trainer.domains.codes import Codes
from trainer.domains.described import Described
from trainer.domains.field import Field
from trainer.domains.ising import Ising
from trainer.domains.markov import Markov
from trainer.domains.mathematics import Mathematics
from trainer.domains.pairs import Pairs
from trainer.domains.pans import Pans
from trainer.domains.pictures import Pictures
from trainer.domains.sprites import Sprites
from trainer.domains.text import Text
from trainer.domains.video import Video

AnyDomain = (
    Markov
    | Ising
    | Field
    | Sprites
    | Arithmetic
    | Mathematics
    | Captions
    | Classes
    | Text
    | Pictures
    | Codes
    | Video
    | Pans
    | Pairs
    | Described
    | Arrays
)
"""What a run may be trained on; msgspec reads it by the tag `name`."""
DOMAINS: dict[str, type[AnyDomain]] = {
    "markov": Markov,
    "ising": Ising,
    "field": Field,
    "sprites": Sprites,
    "arithmetic": Arithmetic,
    "mathematics": Mathematics,
    "captions": Captions,
    "classes": Classes,
}
"""Those of known entropy."""
