"""A law that comes with its question: `"law": {the file}` in a JSON body. It alone answers, and nothing of it is kept."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import NamedTuple

import msgspec

from fitted_laws import Laws
from fitted_laws.quantities.problems import Fault, NotUnderstood
from service.api.fit import require_law
from service.settings import Settings

EXPECTED = "a law id; a law file is taken by POST /v1/<question> with columns, on a service started with UPLOADS=1"


class Asked(NamedTuple):
    """Inputs, the laws that are asked, and whether the law came with the question."""

    inputs: Mapping[str, object]
    laws: Laws
    given: bool


def asked(inputs: Mapping[str, object], laws: Laws, settings: Settings) -> Asked:
    """The inputs and `laws`, or the law that comes with them; its domain need not be said.

    Raises:
        NotUnderstood: it is no law file, or none is taken here.
    """
    law = inputs.get("law")
    if not isinstance(law, msgspec.Raw):
        return Asked(inputs, laws, given=False)
    if not settings.uploads:
        raise NotUnderstood.of(Fault("law", EXPECTED, "an object"))
    raw = bytes(law)
    relations = require_law(raw)
    digest = hashlib.sha256(raw).hexdigest()[:16]
    own = Laws(relations, digest, settings.draws, dict.fromkeys((relation.name for relation in relations), 1))
    others = {name: value for name, value in inputs.items() if name != "law"}
    return Asked({"domain": relations[0].domain, **others}, own, given=True)
