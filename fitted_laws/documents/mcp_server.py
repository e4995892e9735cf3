"""`fitted-laws mcp`: five tools for agents, over the Model Context Protocol on standard input and output. It needs the extra `mcp`."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Annotated, Any, ParamSpec, TypeVar

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import ToolAnnotations
from pydantic import Field

from fitted_laws import __version__
from fitted_laws.documents import agents
from fitted_laws.laws.laws import Laws
from fitted_laws.quantities.problems import Problem

INSTRUCTIONS = """Fitted Laws answers questions of people who plan training runs from fitted scaling laws: expected loss, best size for a budget, \
tokens for a target, cost. Every number is a law's: say which (`law`, `source`), its interval (`_low` to `_high`, central 90 %) and its \
`reach` (`inside` the fit, else extrapolated: `near` under a decade, `far` under three, `beyond`). Report the warnings that matter. \
Losses of different laws are on different data: compare them only where `comparable` is true.
Numbers may be written 1e21, 70B, 1.4T, 40%, `3000 H100-days@40%`. A bare number is in the unit that `describe_question` names: \
params and tokens are counts, compute is FLOP, loss is nats/token. Start with `ask`; where it refuses, the error says what would work."""
Words = ParamSpec("Words")
Told = TypeVar("Told")
Inputs = Annotated[
    dict[str, str | int | float | bool | list[str | int | float]],
    Field(
        description="inputs by name, `domain` among them ('language' for English text), and options: `law`, `level`, `fields` "
        "('params,tokens,loss': these instead of the headline), …; numbers, or texts such as '70B'; lists give a row each"
    ),
]
QuestionName = Annotated[str, Field(description="its name, as list_questions has it: loss, optimal, target, plan, …")]


def refusing(tool: Callable[Words, Told]) -> Callable[Words, Told]:
    """The tool, whose refusals are errors that the agent reads."""

    @functools.wraps(tool)
    def told(*words: Words.args, **named: Words.kwargs) -> Told:
        try:
            return tool(*words, **named)
        except Problem as problem:
            raise ToolError(f"{problem.title}: {problem.detail}") from None

    return told


def server(laws: Laws) -> MCPServer[Any]:
    """What offers the answers of `laws`; nothing that it does changes anything."""
    offered = MCPServer("fitted-laws", version=__version__, instructions=INSTRUCTIONS, log_level="WARNING")
    reading = ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=False)

    @offered.tool(annotations=reading)
    @refusing
    def ask(question: QuestionName, inputs: Inputs) -> dict[str, Any]:
        """The answer to one question: its headline with interval, law, reach, warnings and source. For example question 'optimal',
        inputs {"domain": "language", "compute": "1e23"}: the best model size for that budget.
        """
        return agents.asked(laws, question, inputs)

    @offered.tool(annotations=reading)
    @refusing
    def list_questions() -> str:
        """Every question that can be asked: its name, what it asks, its inputs, its headline."""
        return agents.questions_in_short()

    @offered.tool(annotations=reading)
    @refusing
    def describe_question(question: QuestionName) -> str:
        """One question in full: an example, inputs with units and ranges, fields of the answer, options."""
        return agents.one_question(laws, question)

    @offered.tool(annotations=reading)
    @refusing
    def list_laws(
        domain: Annotated[
            str | None, Field(description="what is modelled; without it the domains with their laws")
        ] = None,
    ) -> str:
        """The laws of a domain, the one that answers unasked first: what each holds, what it was fitted on, its source."""
        return agents.laws_in_short(laws, domain)

    @offered.tool(annotations=reading)
    @refusing
    def compare_laws(
        question: QuestionName,
        inputs: Inputs,
        laws_to_compare: Annotated[
            list[str] | None,
            Field(description="two to eight ids; without them the preferred law of each family that can answer"),
        ] = None,
    ) -> dict[str, Any]:
        """The same question answered by several laws side by side, a row each: how much the answer depends on whom one asks."""
        return agents.compared(laws, question, inputs, laws_to_compare)

    return offered
