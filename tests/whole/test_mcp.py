"""Agents: the official client, over standard input and output, asks a server that it starts."""

import json
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import anyio
from mcp import Client
from mcp.client.stdio import StdioServerParameters, stdio_client
from waiting import PATIENCE

from fitted_laws import ask
from fitted_laws.questions import registry

TOOLS = ["ask", "list_questions", "describe_question", "list_laws", "compare_laws"]
TOO_LONG = 30_000
"""Characters that no reply may have: an agent reads all of it."""


def talk(what: Callable[[Client], Awaitable[Any]]) -> Any:
    """What comes of `what` with a client of a server of its own."""

    async def talking() -> Any:
        command = StdioServerParameters(command=sys.executable, args=["-P", "-m", "fitted_laws", "mcp"])
        with anyio.fail_after(PATIENCE):
            async with Client(stdio_client(command)) as client:
                return await what(client)

    return anyio.run(talking)


def text(result: Any) -> str:
    return "".join(part.text for part in result.content)


def test_five_tools_that_only_read() -> None:
    """Names, descriptions and hints, in few words."""

    async def listing(client: Client) -> Any:
        return await client.list_tools()

    tools = talk(listing).tools
    assert [tool.name for tool in tools] == TOOLS
    assert all(tool.description and tool.annotations and tool.annotations.read_only_hint for tool in tools)
    assert len(json.dumps([tool.model_dump() for tool in tools])) < 10_000


def test_an_agent_plans() -> None:
    """What there is, one question in full, its answer with interval, law, reach and source, other laws beside it."""
    budget = {"domain": "language", "compute": "1e21"}

    async def planning(client: Client) -> list[Any]:
        return [
            await client.call_tool("list_questions", {}),
            await client.call_tool("list_laws", {}),
            await client.call_tool("list_laws", {"domain": "language"}),
            await client.call_tool("ask", {"question": "optimal", "inputs": budget}),
            await client.call_tool("ask", {"question": "optimal", "inputs": {**budget, "fields": "tokens,loss"}}),
            await client.call_tool("compare_laws", {"question": "optimal", "inputs": budget}),
            await client.call_tool(
                "compare_laws",
                {"question": "loss", "inputs": budget, "laws_to_compare": ["openathena-2026", "besiroglu-2024"]},
            ),
            *[await client.call_tool("describe_question", {"question": name}) for name in registry.QUESTIONS],
        ]

    results = talk(planning)
    assert not any(result.is_error for result in results)
    assert max(len(text(result)) for result in results) < TOO_LONG
    questions, domains, laws, best, fields, families, losses, *described = results
    expected = ask("optimal", domain="language", compute="1e21")
    assert all(f"| {name} |" in text(questions) for name in registry.QUESTIONS)
    assert "| language |" in text(domains)
    assert "| besiroglu-2024 |" in text(laws)
    for name in ("params", "params_low", "params_high", "law", "reach"):
        assert best.structured_content[name] == expected[name]
    assert best.structured_content["warnings"] == expected["warnings"]
    assert best.structured_content["source"] == [expected["citation"]]
    assert "loss" in best.structured_content["more_fields"]
    assert {name: fields.structured_content[name] for name in ("tokens", "tokens_high", "loss_low")} == {
        name: expected[name] for name in ("tokens", "tokens_high", "loss_low")
    }
    assert len(families.structured_content["rows"]) == 8
    assert families.structured_content["rows"][0]["params"] == expected.params
    assert [row["law"] for row in losses.structured_content["rows"]] == ["openathena-2026", "besiroglu-2024"]
    assert all(row["comparable"] for row in losses.structured_content["rows"])
    assert all(f"## {name}\n" in text(one) for name, one in zip(registry.QUESTIONS, described, strict=True))


REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("ask", {"question": "optimum", "inputs": {}}, "nearest: optimal"),
    ("ask", {"question": "optimal", "inputs": {"domain": "language", "compute": "2,000"}}, "write 2000"),
    ("ask", {"question": "optimal", "inputs": {"domain": "language"}}, "compute"),
    ("ask", {"question": "target", "inputs": {"domain": "language", "loss": 0.5}}, "No answer"),
    ("list_laws", {"domain": "langage"}, "nearest: language"),
    ("compare_laws", {"question": "batch", "inputs": {"domain": "image-8x8", "loss": 2}}, "No answer"),
]
"""Tools, arguments, and what is said of them."""


def test_a_refusal_is_an_error_that_says_what_would_work() -> None:
    """Not an answer, and not a crash without words; the next call is answered all the same."""

    async def refused(client: Client) -> list[Any]:
        return [await client.call_tool(tool, arguments) for tool, arguments, _ in REFUSED]

    for result, (_, arguments, said) in zip(talk(refused), REFUSED, strict=True):
        assert result.is_error, arguments
        assert said in text(result)
