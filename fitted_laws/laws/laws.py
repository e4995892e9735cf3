"""All laws that answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from fitted_laws.laws.families import LawFamily
from fitted_laws.laws.law import Law
from fitted_laws.laws.relation import Relation
from fitted_laws.quantities.display import number_of
from fitted_laws.quantities.domains import DOMAINS, Domain, domain
from fitted_laws.quantities.problems import NotFound

DRAWS = 4000
EMPTY: Mapping[str, int] = MappingProxyType({})


SHIPPED, GIVEN = 0, 1
"""The places of what ships with the package, and of the first file or folder that a user has named."""


class Laws:
    """Laws by domain and id; the first of a domain that can answer does where no law is named.

    `places` says of relations by name as how manyth their file or folder was given: the last comes first, before all that are shipped.
    """

    def __init__(
        self, relations: Iterable[Relation], digest: str, draws: int = DRAWS, places: Mapping[str, int] = EMPTY
    ) -> None:
        grouped: dict[tuple[str, str], list[Relation]] = {}
        for relation in relations:
            grouped.setdefault((relation.domain, relation.id), []).append(relation)
        placed = [(max(places.get(each.name, GIVEN) for each in group), group) for group in grouped.values()]
        placed.sort(key=lambda pair: (-pair[0], -pair[1][0].preference, -pair[1][0].year, pair[1][0].id))
        laws = [Law(group, draws, shipped=place == SHIPPED) for place, group in placed]
        self.digest = digest
        self._laws = laws
        self._by_domain: dict[str, list[Law]] = {}
        for law in laws:
            self._by_domain.setdefault(law.domain.id, []).append(law)

    def __iter__(self) -> Iterator[Law]:
        return iter(self._laws)

    def __len__(self) -> int:
        return len(self._laws)

    def __repr__(self) -> str:
        return f"<{number_of(len(self), 'law')} of {number_of(len(self.domains), 'domain')}, catalogue {self.digest}>"

    @property
    def domains(self) -> list[Domain]:
        """Domains with a law, in the order of the domain table, then those that only a law file knows."""
        ids = {law.domain.id for law in self}
        return [domain(id) for id in (*(d for d in DOMAINS if d in ids), *sorted(ids - set(DOMAINS)))]

    def meant(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """A question's inputs; without a domain that of the law which answers first is meant."""
        return {"domain": next(iter(self)).domain.id, **inputs}

    def of(self, domain_id: str) -> list[Law]:
        """The laws of a domain, preferred first.

        Raises:
            NotFound: there is no such domain; the nearest names are offered.
        """
        if domain_id not in self._by_domain:
            raise NotFound.named("domain", domain_id, (d.id for d in self.domains))
        return self._by_domain[domain_id]

    def families(self, domain_id: str) -> dict[LawFamily, list[Law]]:
        """The laws of a domain by family, that of the most preferred law first; within a family the preferred ones first.

        Raises:
            NotFound: there is no such domain.
        """
        return by_family(self.of(domain_id))

    def named(self, id: str) -> list[Law]:
        """The law of that id in each of its domains.

        Raises:
            NotFound: there is no such law.
        """
        laws = [law for law in self if law.id == id]
        if not laws:
            raise NotFound.named("law", id, (law.id for law in self))
        return laws


def by_family(laws: Iterable[Law]) -> dict[LawFamily, list[Law]]:
    """Laws by family, each family where its first law stands."""
    families: dict[LawFamily, list[Law]] = {}
    for law in laws:
        families.setdefault(law.family, []).append(law)
    return families
