"""The service in this process: GETs of its application without a server; run by itself, a worker from nothing to its first answer."""

import asyncio
import os
from typing import Any


def gets(app: Any, queries: list[str], path: str) -> None:
    """One GET a query, in this process."""

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def one(query: str) -> None:
        statuses: list[int] = []

        async def send(message: dict[str, Any]) -> None:
            statuses.extend([message["status"]] if "status" in message else [])

        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "GET",
            "scheme": "http",
            "path": path,
        }
        scope |= {
            "raw_path": path.encode(),
            "root_path": "",
            "query_string": query.encode(),
            "headers": [(b"host", b"bench")],
        }
        await app({**scope, "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80), "state": {}}, receive, send)
        assert statuses == [200]

    async def every() -> None:
        for query in queries:
            await one(query)

    asyncio.run(every())


if __name__ == "__main__":
    os.environ["CALCULATORS"] = "0"
    from service.app import of_worker  # how long this takes is what is measured

    gets(of_worker(), ["domain=language&compute=1e21"], "/v1/optimal")
