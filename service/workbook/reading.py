"""How a cell reads what a person writes, without the service: 70B, 1.4T, 2,5e23 or 3 PF-days, in any locale.

A decimal comma is a point. What is not read here is left to the service, which reads more and says what it expects.
"""

from __future__ import annotations

from xlsxwriter.worksheet import Worksheet

from fitted_laws.quantities.spelling import PF_DAY
from service.workbook.closed.expressions import Expr, at

SHEET = "reading"
NOT_HERE = "ask"
"""What is read of a text that only the service understands."""
SUFFIXES = {"K": "1E3", "M": "1E6", "B": "1E9", "T": "1E12", "P": f"{PF_DAY:.15G}".replace("+", "")}


class Reader:
    """The hidden sheet where texts are taken apart, a row an input."""

    def __init__(self, sheet: Worksheet) -> None:
        self.sheet = sheet
        self.sheet.write_row(0, 0, ("text", "factor", "number", "e", "mantissa", "point", "value"))
        self.row = 1

    def read(self, cell: str, sheet: str, value: float | str | None) -> Expr:
        """What the cell of an input holds as a number; empty where it is empty."""
        row, where = self.row, f"'{sheet}'!{cell}"
        text, factor, number, e, mantissa, point = (at(row, column) for column in range(6))
        scale = "1"
        for suffix, times in SUFFIXES.items():
            scale = f'IF(RIGHT({text},1)="{suffix}",{times},{scale})'
        clean = f'SUBSTITUTE(SUBSTITUTE(UPPER({where}&"")," ",""),",",".")'
        fraction = f"IF(LEN({mantissa})>{point},VALUE(MID({mantissa},{point}+1,20))/10^(LEN({mantissa})-{point}),0)"
        power = f'IF(LEN({number})>{e},10^VALUE(SUBSTITUTE(MID({number},{e}+1,9),"+","")),1)'
        put_together = f"(VALUE(LEFT({mantissa},{point}-1))+{fraction})*{power}*{factor}"
        formulas = (
            f'IF(ISNUMBER({where}),"",SUBSTITUTE(SUBSTITUTE({clean},"PF-DAYS","P"),"PFD","P"))',
            scale,
            f"IF({factor}=1,{text},LEFT({text},LEN({text})-1))",
            f'FIND("E",{number}&"E")',
            f"LEFT({number},{e}-1)",
            f'FIND(".",{mantissa}&".")',
            f'IF(ISNUMBER({where}),{where},IF({text}="","",IFERROR({put_together},"{NOT_HERE}")))',
        )
        for column, (formula, found) in enumerate(zip(formulas, _taken_apart(value), strict=True)):
            self.sheet.write_formula(row, column, f"={formula}", None, found)
        self.row += 1
        return Expr(f"{SHEET}!{at(row, 6)}", _taken_apart(value)[6])


def _taken_apart(value: float | str | None) -> tuple[float | str, ...]:
    """What those cells hold where the input holds `value`: a number, nothing, or a count with its suffix such as 1T."""
    if not isinstance(value, str):
        return "", 1.0, "", 1.0, "", 1.0, "" if value is None else value
    factor = float(SUFFIXES.get(value[-1], "1"))
    number = value[:-1] if factor != 1 else value
    return (
        value,
        factor,
        number,
        float(len(number) + 1),
        number,
        float((number + ".").index(".") + 1),
        float(number) * factor,
    )
