"""For the tests of the workbook: a reader of .xlsx, and a small spreadsheet that calculates its formulas without the code that wrote them."""

import functools
import io
import math
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Never, TypeAlias
from urllib.parse import quote
from xml.etree import ElementTree as ET

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
REL = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
TOKEN = re.compile(
    r"""\s*(?:(?P<text>"(?:[^"]|"")*")|(?P<number>\d+\.?\d*(?:E[+-]?\d+)?)|(?P<truth>TRUE|FALSE)\b(?!\()|(?P<function>[A-Za-z_.]+)\(
    |(?P<ref>(?:(?:'[^']+'|\w+)!)?\$?[A-Z]{1,2}\$?\d+(?::\$?[A-Z]{1,2}\$?\d+)?)|(?P<name>[A-Za-z_]+)|(?P<sign><=|>=|[-+*/^&=<>(),]))""",
    re.VERBOSE,
)


Value: TypeAlias = float | str
Thunk: TypeAlias = Callable[[], Any]
"""What part of a formula comes to, once it is asked for."""


class Unavailable(Exception):
    """#N/A."""


class Failed(Unavailable):
    """Any other error: of a text where a number is needed, of a root that there is not."""


@dataclass
class Cell:
    """A cell as stored: its formula, if it has one, and its value; None is #N/A."""

    formula: str | None
    value: object


@dataclass
class Book:
    """Sheets by name, each its cells by place; defined names; validation lists and other rules by sheet and place."""

    sheets: dict[str, dict[str, Cell]] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    rules: dict[str, dict[str, ET.Element]] = field(default_factory=dict)
    hidden: set[str] = field(default_factory=set)

    def formulas(self) -> list[tuple[str, str, Cell]]:
        return [
            (sheet, place, cell)
            for sheet, cells in self.sheets.items()
            for place, cell in cells.items()
            if cell.formula
        ]


def parse(raw) -> ET.Element:
    return ET.fromstring(raw)  # noqa: S314 - our own file


def read(content) -> Book:
    """The workbook of these bytes."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        shared = [
            "".join(t.text or "" for t in item.iter(f"{MAIN}t")) for item in parse(archive.read("xl/sharedStrings.xml"))
        ]
        targets = {
            relation.get("Id"): relation.get("Target") for relation in parse(archive.read("xl/_rels/workbook.xml.rels"))
        }
        tree = parse(archive.read("xl/workbook.xml"))
        book = Book(names={name.get("name"): name.text for name in tree.iter(f"{MAIN}definedName")})
        for sheet in tree.iter(f"{MAIN}sheet"):
            page = parse(archive.read(f"xl/{targets[sheet.get(f'{REL}id')]}"))
            book.sheets[sheet.get("name")] = {cell.get("r"): _cell(cell, shared) for cell in page.iter(f"{MAIN}c")}
            book.rules[sheet.get("name")] = {rule.get("sqref"): rule for rule in page.iter(f"{MAIN}dataValidation")}
            if sheet.get("state") == "hidden":
                book.hidden.add(sheet.get("name"))
    return book


def _cell(element, shared) -> Cell:
    formula, value, kind = element.findtext(f"{MAIN}f"), element.findtext(f"{MAIN}v"), element.get("t")
    if kind == "e":
        return Cell(formula, None)
    if kind == "s":
        return Cell(formula, shared[int(value)])
    if kind == "b":
        return Cell(formula, value == "1")
    return Cell(formula, (value or "") if kind == "str" or not value else float(value))


def spoiled(content, wrong="424242") -> bytes:
    """The same workbook with `wrong` as the stored value of every formula."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        for item in old.infolist():
            raw = old.read(item)
            if item.filename.startswith("xl/worksheets/sheet"):
                raw = re.sub(
                    rb'(<c r="\w+"(?: s="\d+")?)(?: t="\w+")?>(<f>[^<]*</f>)<v>[^<]*</v>',
                    rb"\1>\2<v>" + wrong.encode() + rb"</v>",
                    raw,
                )
            new.writestr(item, raw)
    return out.getvalue()


class Calculator:
    """Calculates cells from the inputs; `fetch` is WEBSERVICE: an address in, a text out, Unavailable where there is none."""

    def __init__(self, book: Book, fetch: Callable[[str], str]) -> None:
        self.book, self.fetch, self.done, self.spans = book, fetch, {}, {}

    def value(self, sheet, place) -> Value:
        """The value of a cell; Unavailable is raised where it is #N/A."""
        place = place.replace("$", "")
        if (sheet, place) not in self.done:
            self.done[sheet, place] = self._outcome(sheet, self.book.sheets[sheet].get(place, Cell(None, "")))
        found = self.done[sheet, place]
        if isinstance(found, Unavailable):
            raise found
        return found

    def shown(self, sheet, place) -> Value | None:
        """As `value`, None for #N/A."""
        try:
            return self.value(sheet, place)
        except Unavailable:
            return None

    def _outcome(self, sheet, cell) -> Value | Exception:
        try:
            return Formula(cell.formula, sheet, self).calculate() if cell.formula else cell.value
        except Unavailable as error:
            return error

    def column(self, sheet, span) -> list[Value]:
        """The values of a range, row by row; those of one without formulas are kept."""
        sheet, span = (part.strip("'") for part in span.rsplit("!", 1)) if "!" in span else (sheet, span)
        if (sheet, span) not in self.spans:
            (left, first), (right, last) = (
                re.fullmatch(r"([A-Z]+)(\d+)", end).groups() for end in span.replace("$", "").split(":")
            )
            columns = [_letters(column) for column in range(_number(left), _number(right) + 1)]
            places = [f"{column}{row}" for row in range(int(first), int(last) + 1) for column in columns]
            cells = self.book.sheets[sheet]
            if not any(cells[place].formula for place in places if place in cells):
                self.spans[sheet, span] = [cells[place].value if place in cells else "" for place in places]
            else:
                return [self.value(sheet, place) for place in places]
        return self.spans[sheet, span]


def _number(letters) -> int:
    return functools.reduce(lambda sum_, letter: 26 * sum_ + ord(letter) - 64, letters, 0)


def _letters(number) -> str:
    return (_letters((number - 1) // 26) if number > 26 else "") + chr(65 + (number - 1) % 26)


def written(value) -> str:
    """A value as `A2&""` gives it: a number to fifteen digits, with a decimal comma, which the formulas must cope with."""
    return f"{value:.15G}".replace(".", ",") if isinstance(value, float) else value


class Formula:
    """One formula, parsed and calculated in one pass; arguments are calculated only when a function asks for them."""

    def __init__(self, text, sheet, calculator) -> None:
        self.tokens = [(match.lastgroup, match[match.lastgroup]) for match in TOKEN.finditer(text)]
        self.sheet, self.calculator, self.at = sheet, calculator, 0

    def calculate(self) -> Value:
        thunk = self._compared()
        assert self.at == len(self.tokens), self.tokens[self.at :]
        return thunk()

    def _take(self, *signs) -> str | None:
        if self.at < len(self.tokens) and self.tokens[self.at][0] == "sign" and self.tokens[self.at][1] in signs:
            self.at += 1
            return self.tokens[self.at - 1][1]
        return None

    def _chain(self, part, operators) -> Thunk:
        left = part()
        while sign := self._take(*operators):
            left = _operation(operators[sign], left, part())
        return left

    def _compared(self) -> Thunk:
        return self._chain(self._joined, COMPARISONS)

    def _joined(self) -> Thunk:
        return self._chain(self._sum, {"&": lambda a, b: written(a) + written(b)})

    def _sum(self) -> Thunk:
        return self._chain(self._product, {"+": lambda a, b: a + b, "-": lambda a, b: a - b})

    def _product(self) -> Thunk:
        return self._chain(self._power, {"*": lambda a, b: a * b, "/": lambda a, b: a / b})

    def _power(self) -> Thunk:
        return self._chain(self._atom, {"^": lambda a, b: a**b})

    def _atom(self) -> Thunk:
        if self._take("-"):
            inner = self._atom()
            return lambda: -inner()
        if self._take("("):
            inner = self._compared()
            assert self._take(")")
            return inner
        kind, text = self.tokens[self.at]
        self.at += 1
        return getattr(self, f"_{kind}")(text)

    def _text(self, text) -> Thunk:
        return lambda: text[1:-1].replace('""', '"')

    def _number(self, text) -> Thunk:
        return lambda: float(text)

    def _truth(self, text) -> Thunk:
        return lambda: text == "TRUE"

    def _name(self, text) -> Thunk:
        return self._ref(self.calculator.book.names[text])

    def _ref(self, text) -> Thunk:
        if ":" in text:
            return lambda: self.calculator.column(self.sheet, text)
        sheet, _, place = text.rpartition("!")
        return lambda: self.calculator.value(sheet.strip("'") or self.sheet, place)

    def _function(self, name) -> Thunk:
        arguments = []
        while not self._take(")"):
            arguments.append(self._compared())
            self._take(",")
        return lambda: FUNCTIONS[name.removeprefix("_xlfn.")](self.calculator, *arguments)


def _order(value) -> tuple[bool, Value]:
    """Numbers come before texts; an empty cell is an empty text."""
    return (True, "") if value is None else (isinstance(value, str), value)


COMPARISONS = {
    "=": lambda a, b: _order(a) == _order(b),
    ">": lambda a, b: _order(a) > _order(b),
    "<": lambda a, b: _order(a) < _order(b),
    ">=": lambda a, b: _order(a) >= _order(b),
    "<=": lambda a, b: _order(a) <= _order(b),
}


def _operation(act, left, right) -> Thunk:
    def result() -> Value:
        try:
            found = act(left(), right())
        except (ArithmeticError, TypeError) as error:
            raise Failed from error
        if isinstance(found, complex):
            raise Failed
        return found

    return result


def _numeric(act) -> Callable[..., Value]:
    """A function of numbers; of anything else it fails."""

    def called(_, *arguments) -> Value:
        try:
            return act(*(argument() for argument in arguments))
        except (ArithmeticError, TypeError, ValueError) as error:
            raise Failed from error

    return called


def _each(tests) -> list[Value]:
    """All of them, since an error in the last makes the whole one."""
    return [test() for test in tests]


def _largest(_, *arguments) -> float:
    """MAX: of a range the texts in it do not count."""
    found = [argument() for argument in arguments]
    if any(isinstance(value, str) for value in found):
        raise Failed
    flat = [value for part in found for value in (part if isinstance(part, list) else [part])]
    return max((float(value) for value in flat if isinstance(value, float)), default=0.0)


def _index(_, among, row, column=None) -> Value:
    place = int((column or row)()) - 1
    if not 0 <= place < len(among()):
        raise Failed
    return among()[place]


def _find(_, text, within) -> float:
    if text() not in within():
        raise Failed
    return within().index(text()) + 1.0


def _value(_, text) -> float:
    """Digits, with a percent sign at most: what every locale reads alike."""
    if not re.fullmatch(r"\d+%?|-\d+", text()):
        raise Failed
    return float(text().rstrip("%")) / (100 if text().endswith("%") else 1)


def _na(*_) -> Never:
    raise Unavailable


def _if_error(_, tried, otherwise) -> Value:
    try:
        return tried()
    except Unavailable:
        return otherwise()


def _is_na(_, tried) -> bool:
    try:
        tried()
    except Unavailable:
        return True
    return False


def _number_value(_, text, point, group) -> float:
    assert (point(), group()) == (".", ",")
    return float(text())


def _match(_, value, among, exactly) -> int:
    assert exactly() == 0
    if value() not in among():
        raise Unavailable
    return among().index(value()) + 1.0


FUNCTIONS = {
    "ABS": _numeric(abs),
    "AND": lambda _, *tests: all(_each(tests)),
    "ASINH": _numeric(math.asinh),
    "EXP": _numeric(math.exp),
    "FIND": _find,
    "HYPERLINK": lambda _, link, text: (link(), text())[1],
    "INT": _numeric(lambda value: float(math.floor(value))),
    "LEFT": lambda _, text, count: text()[: int(count())],
    "LEN": lambda _, text: float(len(text())),
    "LN": _numeric(math.log),
    "MAX": _largest,
    "MID": lambda _, text, start, count: text()[int(start()) - 1 :][: int(count())],
    "MIN": _numeric(min),
    "NOT": lambda _, test: not test(),
    "RIGHT": lambda _, text, count: text()[-int(count()) :],
    "ROUND": _numeric(lambda value, digits: round(value, int(digits))),
    "UPPER": lambda _, text: text().upper(),
    "VALUE": _value,
    "CHAR": lambda _, code: chr(int(code())),
    "ENCODEURL": lambda _, text: quote(text(), safe="-._~"),
    "IMPORTDATA": lambda calculator, link, *_: calculator.fetch(link()),
    "IF": lambda _, test, yes, no: yes() if test() else no(),
    "IFERROR": _if_error,
    "INDEX": _index,
    "ISNA": _is_na,
    "ISNUMBER": lambda calculator, tried: not _is_na(calculator, tried) and isinstance(tried(), float),
    "MATCH": _match,
    "NA": _na,
    "NUMBERVALUE": _number_value,
    "OR": lambda _, *tests: any(_each(tests)),
    "SUBSTITUTE": lambda _, text, old, new: text().replace(old(), new()),
    "WEBSERVICE": lambda calculator, link: calculator.fetch(link()),
}
