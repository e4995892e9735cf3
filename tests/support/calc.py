"""Drives LibreOffice Calc through UNO, for tests; run by the Python that LibreOffice brings: `calc.py PIPE` with a JSON task on standard input.

The task: `path` of a workbook, `edits` and `probes` as [sheet, cell, value or formula]. The answer on standard output: the values of all
formula cells as stored and after a hard recalculation (null: #N/A), the seconds that it took, and what the probes say.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

import uno
from com.sun.star.beans import PropertyValue
from com.sun.star.connection import NoConnectException
from com.sun.star.sheet.CellFlags import FORMULA
from com.sun.star.sheet.FormulaResult import STRING

NOT_AVAILABLE = 32767
FULL_UPDATE = 3


def connected(pipe) -> Any:
    """The desktop of the office that listens at `pipe`, once it does."""
    local = uno.getComponentContext()
    resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
    end = time.monotonic() + 90
    while True:
        try:
            context = resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
        except NoConnectException:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)
        else:
            return context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)


def given(**one) -> PropertyValue:
    """A property of UNO."""
    made = PropertyValue()
    ((made.Name, made.Value),) = one.items()
    return made


def formulas(sheet) -> dict[str, Any]:
    """The cells of a sheet that hold a formula, by place."""
    found, cells = sheet.queryContentCells(FORMULA).Cells.createEnumeration(), {}
    while found.hasMoreElements():
        cell = found.nextElement()
        cells[cell.AbsoluteName.rpartition(".")[2].replace("$", "")] = cell
    return cells


def shown(cell) -> float | str | list[int] | None:
    """The value of a cell; null where it is #N/A, and the number of any other error in a list."""
    error = cell.getError()
    if error:
        return None if error == NOT_AVAILABLE else [error]
    return cell.String if cell.FormulaResultType2 == STRING else cell.Value


def everything(document) -> dict[str, dict[str, float | str | list[int] | None]]:
    return {sheet.Name: {place: shown(cell) for place, cell in formulas(sheet).items()} for sheet in document.Sheets}


def main() -> None:
    task = json.load(sys.stdin)
    desktop = connected(sys.argv[1])
    address = Path(task["path"]).as_uri()
    document = desktop.loadComponentFromURL(
        address, "_blank", 0, (given(Hidden=True), given(UpdateDocMode=FULL_UPDATE))
    )
    stored = everything(document)
    for sheet, place, value in [*task["edits"], *task["probes"]]:
        cell = document.Sheets.getByName(sheet).getCellRangeByName(place)
        if isinstance(value, str) and value.startswith("="):
            cell.setFormula(value)
        elif isinstance(value, str):
            cell.setString(value)
        else:
            cell.setValue(value)
    began = time.perf_counter()
    document.calculateAll()
    seconds = time.perf_counter() - began
    probed = [shown(document.Sheets.getByName(sheet).getCellRangeByName(place)) for sheet, place, _ in task["probes"]]
    json.dump({"stored": stored, "calculated": everything(document), "seconds": seconds, "probed": probed}, sys.stdout)
    document.close(True)  # noqa: FBT003 - UNO knows no keywords
    desktop.terminate()


if __name__ == "__main__":
    main()
