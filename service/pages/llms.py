"""`/llms.txt`: what an agent needs to ask, in one page of Markdown (llmstxt.org), made from the registry."""

from __future__ import annotations

from urllib.parse import quote, urlencode

from fitted_laws import Laws
from fitted_laws.documents.listings import domains_listing
from fitted_laws.questions.registry import QUESTIONS

HEAD = """# Fitted Laws

> Answers what loss, model size or budget to expect of a training run, from published and fitted scaling laws: a number with its \
interval, reach, law and citation.

Ask `GET /v1/<question>?domain=…&<inputs>`: JSON; `.csv` and `.txt` (one bare number) by suffix. Numbers are written 1e21, 70B, 40%; a bare \
number is in the unit that the question's page names (counts, FLOP, nats/token). `fields=params,tokens` keeps an answer short, `law=all` or \
`law=a,b` gives a row a law, `interval=none` leaves intervals out. A refusal is `application/problem+json` whose `detail` says what would work.
Of a number say its law, its interval (`_low` to `_high`, central 90 %), its `reach` and the `warnings` that matter; losses of two laws \
compare only where `loss_on` agrees.
"""
REFERENCE = """
## Reference

- [OpenAPI](/openapi.json): every address, input and field
- [Questions](/v1/questions): inputs and answers of each, as JSON
- [Laws](/v1/laws.csv): every law, its source and what it was fitted on
- [Accelerators](/v1/accelerators.csv): what `plan` and budgets like `3000 H100-days@40%` know

## Optional

- [Documents](/docs): units, options, formats, limits, for people
- Model Context Protocol: `pip install "fitted-laws[mcp]"`, then `fitted-laws mcp` on standard input and output
"""


def llms(laws: Laws) -> bytes:
    """The page: how to ask, an example of each question, the domains with their laws, where the rest stands."""
    questions = "\n".join(
        f"- [{name}](/v1/{name}?{urlencode({k: str(v) for k, v in question.example.items()}, quote_via=quote)}): {question.in_words()}"
        for name, question in QUESTIONS.items()
    )
    domains = domains_listing(laws).table("markdown")
    return f"{HEAD}\n## Questions, each with an example\n\n{questions}\n\n## Domains\n\n{domains}\n{REFERENCE}".encode()
