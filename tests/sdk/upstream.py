"""A fake upstream on this machine: it gives every answer that an SDK can ask for, and leaks."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, ClassVar

from tests.sdk import chat, messages, responses

__all__ = ["Upstream", "running"]

Json = dict[str, Any]

_WHOLE: dict[str, Callable[[Json], Json]] = {
    "/v1/chat/completions": chat.chat,
    "/v1/completions": chat.completion,
    "/v1/embeddings": chat.embeddings,
    "/v1/responses": responses.response,
    "/v1/messages": messages.message,
}
_EVENTS: dict[str, Callable[[Json], Iterator[Json]]] = {
    "/v1/chat/completions": chat.chunks,
    "/v1/completions": chat.completion_chunks,
    "/v1/responses": responses.events,
    "/v1/messages": messages.events,
}
# Where the stream of a model named `broken` breaks off: within the passage.
_BROKEN = 24
_NAMED = frozenset({"/v1/responses", "/v1/messages"})


class Upstream(ThreadingHTTPServer):
    """Where it listens, and how often each path was asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: Counter[str] = Counter()

    def handle_error(self, *where: Any) -> None:
        # A guard that refused lets the rest of an answer go.
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(*where)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Upstream
    # No reader waits for a full packet.
    disable_nagle_algorithm: ClassVar[bool] = True

    def do_POST(self) -> None:
        path = self.path.partition("?")[0]
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.server.asked[path] += 1
        if body.get("stream"):
            self._stream(path, body)
        else:
            self._whole(_WHOLE[path](body))

    def log_message(self, *_: object) -> None:
        """Nothing is logged."""

    def _whole(self, told: Json) -> None:
        raw = json.dumps(told).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def _stream(self, path: str, body: Json) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream; charset=utf-8")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        for number, event in enumerate(_EVENTS[path](body)):
            if body["model"] == "broken" and number == _BROKEN:
                self.close_connection = True
                return
            head = ""
            if path in _NAMED:
                head = f"event: {event['type']}\n"
            if path == "/v1/responses":
                event |= {"sequence_number": number}
            self._chunk(f"{head}data: {json.dumps(event)}\n\n")
        if path not in _NAMED:
            self._chunk("data: [DONE]\n\n")
        self._chunk("")

    def _chunk(self, text: str) -> None:
        raw = text.encode()
        self.wfile.write(b"%x\r\n%b\r\n" % (len(raw), raw))


@contextmanager
def running() -> Iterator[Upstream]:
    with Upstream() as upstream:
        Thread(target=upstream.serve_forever, daemon=True).start()
        try:
            yield upstream
        finally:
            upstream.shutdown()
