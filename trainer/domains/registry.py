"""Domains by name."""

from trainer.domains.collected.arrays import Arrays
from trainer.domains.collected.codes import Codes
from trainer.domains.collected.described import Described
from trainer.domains.collected.pairs import Pairs
from trainer.domains.collected.pans import Pans
from trainer.domains.collected.pictures import Pictures
from trainer.domains.collected.text import Text
from trainer.domains.collected.video import Video
from trainer.domains.generated.arithmetic import Arithmetic
from trainer.domains.generated.captions import Captions
from trainer.domains.generated.classes import Classes
from trainer.domains.generated.field import Field
from trainer.domains.generated.ising import Ising
from trainer.domains.generated.markov import Markov
from trainer.domains.generated.mathematics import Mathematics
from trainer.domains.generated.sprites import Sprites

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
