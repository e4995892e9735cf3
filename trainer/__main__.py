"""The trainer's command line, `python -m trainer` or `fitted-laws`: sweep, fit, judge, freeze. Only sweeps need torch."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence

from fitted_laws.laws.lawfile import BadLawFile
from fitted_laws.quantities.extras import installing, loaded, path_for_children
from fitted_laws.quantities.problems import Problem, Unanswerable
from fitted_laws.quantities.reader import ends_with_its_reader
from fitted_laws.quantities.spelling import Unreadable

DONE, NOT_UNDERSTOOD, UNFITTABLE = 0, 2, 3
COMMANDS = {
    "sweep": "trainer.commands.sweep:sweep_command",
    "gpu": "trainer.commands.gpu:gpu_command",
    "calibrate": "trainer.commands.calibrate:calibrate_command",
    "import": "trainer.commands.import_runs:import_command",
    "fit": "trainer.commands.fit:fit_command",
    "backtest": "trainer.commands.backtest:backtest_command",
    "report": "trainer.commands.report:report_command",
    "suggest": "trainer.commands.suggest:suggest_command",
    "forecast": "trainer.commands.forecast:forecast_command",
    "freeze": "trainer.commands.freeze:freeze_command",
    "reproduce": "trainer.commands.reproduce:reproduce_command",
}
"""Where each command adds its options to a parser. matplotlib, numba and scipy's distributions take longer to import
than a fit takes.
"""


def command(words: Sequence[str]) -> int:
    """`fitted-laws fit …`, as `fitted_laws.__main__` finds it among the entry points."""
    return main(words, "fitted-laws")


@ends_with_its_reader
def main(arguments: Sequence[str] | None = None, prog: str = "python -m trainer") -> int:
    """Runs one command; 0 done, 2 not understood, 3 nothing can be determined. What is no refusal is a bug, and is
    raised.
    """
    words = sys.argv[1:] if arguments is None else list(arguments)
    os.environ.update(path_for_children(os.environ, os.pathsep))
    parser = argparse.ArgumentParser(prog=prog, description="Fits scaling laws to tables of runs.", allow_abbrev=False)
    commands = parser.add_subparsers(dest="command", required=True)
    try:
        for name in words[:1] if words[:1] and words[0] in COMMANDS else COMMANDS:
            add = adder(name)
            add(commands.add_parser(name, help=(add.__doc__ or "").strip().splitlines()[0], allow_abbrev=False))
        options = parser.parse_args(words)
        options.run(options)
    except Unanswerable as reason:
        print(f"{prog.rsplit(maxsplit=1)[-1]}: {reason}", file=sys.stderr)
        return UNFITTABLE
    except (Problem, BadLawFile, Unreadable) as reason:
        print(f"{prog.rsplit(maxsplit=1)[-1]}: {reason}", file=sys.stderr)
        return NOT_UNDERSTOOD
    return DONE


def adder(name: str) -> Callable[[argparse.ArgumentParser], None]:
    """What adds the options of the command `name`, from its module."""
    module, _, function = COMMANDS[name].partition(":")
    add: Callable[[argparse.ArgumentParser], None] = getattr(loaded(module, name, installing("trainer")), function)
    return add


if __name__ == "__main__":
    sys.exit(main())
