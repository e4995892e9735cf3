"""A listener of its own for those who watch: health and metrics, answered by a thread while every other connection is taken."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from service.protocol.messages import Reply

CONNECTIONS = 16
"""At once; those who watch are few. One more is closed."""
SILENT_SECONDS = 5.0
"""After which a connection that says nothing is closed."""

Answers = Mapping[str, Callable[[], Reply]]


class Listener(ThreadingHTTPServer):
    """Answers GET and HEAD at the paths of `answers`, each time from a thread; workers share the port."""

    daemon_threads = True
    allow_reuse_port = True

    def __init__(self, host: str, port: int, answers: Answers) -> None:
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.answers = answers
        self._places = threading.BoundedSemaphore(CONNECTIONS)
        super().__init__((host, port), Visitor)

    def start(self) -> None:
        """Serves in a thread that ends with the process."""
        threading.Thread(target=self.serve_forever, name="listener", daemon=True).start()

    def process_request(self, request: Any, client_address: Any) -> None:
        if self._places.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._places.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Nothing: whoever watches asks again."""


class Visitor(BaseHTTPRequestHandler):
    """One connection of one request."""

    server: Listener
    timeout = SILENT_SECONDS
    server_version, sys_version = "fitted-laws", ""
    error_content_type, error_message_format = "text/plain; charset=utf-8", "%(explain)s\n"

    def do_GET(self) -> None:
        """The reply at a path, or 404."""
        if len(self.headers.get_all("Host", [])) != 1 and self.request_version != "HTTP/1.0":
            self.send_error(400, explain="expected the header Host, once")
            return
        answer = self.server.answers.get(self.path.partition("?")[0])
        if answer is None:
            self.send_error(404, explain=f"only {', '.join(self.server.answers)} are answered here")
            return
        reply = answer()
        self.send_response(reply.status)
        for name, value in (*reply.headers, ("Content-Type", reply.media_type), ("Content-Length", len(reply.body))):
            self.send_header(name, str(value))
        self.end_headers()
        if self.command == "GET":
            with contextlib.suppress(ConnectionError):
                self.wfile.write(reply.body)

    do_HEAD = do_GET

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: who watches is no event."""
