"""The Lambda runtime API, as far as one function in a process of its own needs it (AWS Lambda developer guide)."""

import json
import queue
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

HOST = "127.0.0.1"
ROOT = "/2018-06-01/runtime"
TIMEOUT_SECONDS = 60


@dataclass(frozen=True)
class Answer:
    """The post of a runtime: `response`, `error` or `init/error`, the body, and the error type in it."""

    kind: str
    body: Any
    error_type: str | None


@dataclass
class RuntimeApi:
    """Hands invocations to a runtime, and takes its answers."""

    function_arn: str
    address: str = ""
    _events: "queue.Queue[dict[str, Any]]" = field(default_factory=queue.Queue)
    _answers: "queue.Queue[Answer]" = field(default_factory=queue.Queue)

    def invoke(self, event: dict[str, Any]) -> Answer:
        """Send one event to the runtime and return its answer."""
        self._events.put(event)
        return self.answer()

    def answer(self) -> Answer:
        """The next answer, to an invocation or at init."""
        return self._answers.get(timeout=TIMEOUT_SECONDS)

    def next_event(self) -> bytes:
        """Wait for an invocation and return its event as JSON."""
        return json.dumps(self._events.get()).encode()

    def take(self, path: str, body: bytes, error_type: str | None) -> None:
        """Keep a post of the runtime as its next answer."""
        kind = "init/error" if path.endswith("/init/error") else path.rsplit("/", 1)[1]
        self._answers.put(Answer(kind, json.loads(body), error_type))


@contextmanager
def serve_runtime_api(function_arn: str) -> Iterator[RuntimeApi]:
    """Serve the runtime API for one function on the loopback."""
    api = RuntimeApi(function_arn)
    server = _Server((HOST, 0), _handler_for(api))
    api.address = f"{HOST}:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield api
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore the broken connection of a runtime that was stopped while it waited."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


def _handler_for(api: RuntimeApi) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            assert self.path == f"{ROOT}/invocation/next"
            body = api.next_event()
            deadline = int(1000 * (time.time() + TIMEOUT_SECONDS))
            self._send(
                200,
                body,
                {
                    "Lambda-Runtime-Aws-Request-Id": str(uuid.uuid4()),
                    "Lambda-Runtime-Deadline-Ms": str(deadline),
                    "Lambda-Runtime-Invoked-Function-Arn": api.function_arn,
                    "Lambda-Runtime-Trace-Id": "Root=1-00000000-000000000000000000000000;Sampled=0",
                    "Content-Type": "application/json",
                },
            )

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            # Reply first: the test may stop the runtime as soon as it has the answer.
            self._send(202, b'{"status":"OK"}', {})
            api.take(self.path, body, self.headers.get("Lambda-Runtime-Function-Error-Type"))

        def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
            pass

    return Handler
