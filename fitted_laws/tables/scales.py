"""The words for powers of ten and units that stand behind numbers and in headers of tables."""

from fitted_laws.quantities.spelling import PF_DAY

COUNT_SCALES: dict[str, float] = {
    word: factor
    for factor, words in (
        (1e3, "k thousand thousands"),
        (1e6, "m mn mio mil million millions"),
        (1e9, "b bn bil billion billions g"),
        (1e12, "t tn trillion trillions"),
    )
    for word in words.split()
}
"""By lower-case word; M is never a thousandth here, since nothing that is counted has one."""

_PREFIXES = {"": 1.0, "g": 1e9, "giga": 1e9, "t": 1e12, "tera": 1e12, "p": 1e15, "peta": 1e15}
_PREFIXES |= {"e": 1e18, "exa": 1e18, "z": 1e21, "zetta": 1e21, "y": 1e24, "yotta": 1e24}
FLOP_SCALES: dict[str, float] = {
    **{f"{prefix}flop{plural}": factor for prefix, factor in _PREFIXES.items() for plural in ("", "s")},
    **dict.fromkeys(("pfday", "pfdays", "pfd", "petaflopday", "petaflopdays", "petaflopsday", "petaflopsdays"), PF_DAY),
    **dict.fromkeys(("pflopday", "pflopdays", "pflopsday", "pflopsdays"), PF_DAY),
}
"""FLOP by lower-case name without hyphens, slashes and spaces; FLOPs is their plural, as a table's total can only be."""
