"""All laws that answer."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator

from fitted_laws.laws.law import Law
from fitted_laws.laws.relation import Relation
from fitted_laws.quantities.domains import DOMAINS, Domain, domain
from fitted_laws.quantities.problems import NotFound

DRAWS = 4000


class Laws:
    """Laws by domain and id; the first of a domain is preferred where no law is named. `shipped` names the relations of the package."""

    def __init__(
        self, relations: Iterable[Relation], digest: str, draws: int = DRAWS, shipped: Container[str] = ()
    ) -> None:
        grouped: dict[tuple[str, str], list[Relation]] = {}
        for relation in relations:
            grouped.setdefault((relation.domain, relation.id), []).append(relation)
        laws = [Law(group, draws, shipped=group[0].name in shipped) for group in grouped.values()]
        laws.sort(key=lambda law: (-law.first.preference, -law.first.year, law.id))
        self.digest = digest
        self._laws = laws

    def __iter__(self) -> Iterator[Law]:
        return iter(self._laws)

    def __len__(self) -> int:
        return len(self._laws)

    @property
    def domains(self) -> list[Domain]:
        """Domains with a law, in the order of the domain table, then those that only a law file knows."""
        ids = {law.domain.id for law in self}
        return [domain(id) for id in (*(d for d in DOMAINS if d in ids), *sorted(ids - set(DOMAINS)))]

    def of(self, domain_id: str) -> list[Law]:
        """The laws of a domain, preferred first.

        Raises:
            NotFound: there is no such domain; the nearest names are offered.
        """
        laws = [law for law in self if law.domain.id == domain_id]
        if not laws:
            raise NotFound.named("domain", domain_id, (d.id for d in self.domains))
        return laws

    def named(self, id: str) -> list[Law]:
        """The law of that id in each of its domains.

        Raises:
            NotFound: there is no such law.
        """
        laws = [law for law in self if law.id == id]
        if not laws:
            raise NotFound.named("law", id, (law.id for law in self))
        return laws
