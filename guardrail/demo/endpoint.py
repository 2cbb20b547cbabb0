"""The model behind an OpenAI-compatible endpoint on this machine, and a client for it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from threading import Thread
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, Field

from guardrail.demo.model import LanguageModel

__all__ = ["ask", "serve"]

_ROUTE = "/v1/chat/completions"
_ONLY = f"there is only POST {_ROUTE}"
_NAME = "leakrail-demo"
_TIMEOUT = 30.0


class _Turn(BaseModel):
    role: str
    content: str


class _Request(BaseModel):
    messages: list[_Turn] = Field(min_length=1)
    model: str = _NAME
    stream: bool = False
    seed: int = Field(default=0, ge=0)
    max_tokens: int = Field(default=140, ge=1, le=4096)
    temperature: float = Field(default=0.5, ge=0, le=2)


@contextmanager
def serve(model: LanguageModel, *, pace: float = 0.0) -> Iterator[str]:
    """The base URL of an endpoint on a free port; `pace` is a rest in seconds before each token."""
    with _Server(model, pace) as server:
        thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/v1"
        finally:
            server.shutdown()
            thread.join()


def ask(url: str, prompt: str, *, seed: int = 0) -> Iterator[str]:
    """The pieces of the answer to one prompt, as they come over the wire."""
    place = urlsplit(url)
    body = {
        "model": _NAME,
        "messages": [{"role": "user", "content": prompt}],
        "stream": True,
        "seed": seed,
    }
    with closing(HTTPConnection(place.netloc, timeout=_TIMEOUT)) as connection:
        connection.request("POST", f"{place.path}/chat/completions", json.dumps(body))
        with connection.getresponse() as response:
            if response.status != 200:
                raise ConnectionError(f"{url} answered with status {response.status}")
            for line in response:
                if line.startswith(b"data: {"):
                    [choice] = json.loads(line[len(b"data: ") :])["choices"]
                    yield choice["delta"].get("content", "")


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, model: LanguageModel, pace: float) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.model = model
        self.pace = pace

    def server_bind(self) -> None:
        # HTTPServer would look its own name up, which takes seconds where there is no resolver.
        TCPServer.server_bind(self)
        self.server_name, self.server_port = "127.0.0.1", self.socket.getsockname()[1]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = _TIMEOUT
    server: _Server

    def do_GET(self) -> None:  # http.server finds it by this name
        self._fail(404, _ONLY)

    def do_POST(self) -> None:
        try:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            request = _Request.model_validate_json(body) if self.path == _ROUTE else None
        except ValueError:
            self._fail(400, "send JSON with messages, each with a role and a text as its content")
            return
        if request is None:
            self._fail(404, _ONLY)
        elif request.stream:
            # A reader who has seen enough hangs up.
            with suppress(ConnectionError):
                self._stream(request)
        else:
            pieces = list(self._pieces(request))
            message = {"role": "assistant", "content": "".join(pieces)}
            reason = _reason(request, len(pieces))
            self._reply(200, _completion(request, "chat.completion", reason, message=message))

    def log_message(self, *_: object) -> None:
        """Keep quiet: the screen belongs to the answers."""

    def _pieces(self, request: _Request) -> Iterator[str]:
        for piece in self.server.model.stream(
            request.messages[-1].content,
            seed=request.seed,
            max_tokens=request.max_tokens,
            temperature=request.temperature,
        ):
            time.sleep(self.server.pace)
            yield piece

    def _stream(self, request: _Request) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        self._send(request, None, role="assistant", content="")
        size = 0
        for piece in self._pieces(request):
            self._send(request, None, content=piece)
            size += 1
        self._send(request, _reason(request, size))
        self.wfile.write(b"data: [DONE]\n\n")

    def _send(self, request: _Request, reason: str | None, **delta: str) -> None:
        event = _completion(request, "chat.completion.chunk", reason, delta=delta)
        self.wfile.write(f"data: {json.dumps(event)}\n\n".encode())

    def _fail(self, status: int, message: str) -> None:
        self._reply(status, {"error": {"message": message, "type": "invalid_request_error"}})

    def _reply(self, status: int, answer: dict[str, Any]) -> None:
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _completion(
    request: _Request, kind: str, reason: str | None, **content: dict[str, str]
) -> dict[str, Any]:
    return {
        "id": f"chatcmpl-{request.seed}",
        "object": kind,
        "created": int(time.time()),
        "model": request.model,
        "choices": [{"index": 0, **content, "finish_reason": reason}],
    }


def _reason(request: _Request, size: int) -> Literal["length", "stop"]:
    return "length" if size == request.max_tokens else "stop"
