"""Families: twins stand together wherever laws are listed, each says what sets it apart, and one count is given everywhere."""

import itertools

from fitted_laws import ask
from fitted_laws.catalogue import shipped
from fitted_laws.laws.families import FAMILIES, OWN


def test_twins_say_what_sets_them_apart() -> None:
    """Each law of a family but our own sweeps, in words that no other has; a family has several laws and says which to take."""
    members: dict[str, dict[str, str]] = {}
    for law in shipped():
        if law.family.id in FAMILIES and law.family.id != OWN:
            members.setdefault(law.family.id, {})[law.id] = law.first.differs
    assert members.keys() | {OWN} == FAMILIES.keys()
    for id, differs in members.items():
        assert len(differs) > 1, id
        assert all(differs.values())
        assert len(set(differs.values())) == len(differs)
        assert FAMILIES[id].take


def test_what_a_family_says_to_take_is_there() -> None:
    ids = {law.id for law in shipped()}
    words = {word.strip(",;.") for family in FAMILIES.values() for word in family.take.split()}
    assert {word for word in words if any(part.isdigit() and len(part) == 4 for part in word.split("-"))} <= ids


def test_all_laws_answer_family_by_family() -> None:
    """The default law comes first, the rows of a family stand together, and each law answers once."""
    rows = ask("optimal", domain="language", compute=1e21, law="all")["rows"]
    families = [row["family"] for row in rows]
    assert len({row["law"] for row in rows}) == len(rows)
    assert rows[0]["law"] == ask("optimal", domain="language", compute=1e21).law
    assert len(list(itertools.groupby(families))) == len(set(families))
    assert len(set(families)) < len(families) / 2
    assert families[:6] == ["chinchilla"] * 6


def test_families_do_not_choose_who_answers() -> None:
    """The preferred law that can is still the one: kaplan-2020 before the twins of besiroglu-2024 that come before it in a list."""
    listed = [law.id for family in shipped().families("language").values() for law in family]
    assert listed.index("hoffmann-2022-rounded") < listed.index("kaplan-2020")
    preferred = [law.id for law in shipped().of("language")]
    assert preferred.index("kaplan-2020") < preferred.index("hoffmann-2022-rounded")
