"""The embedded AWS behind HTTP, on this machine only: `python -m local.embedded.server --port 5000`."""

import argparse
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from moto.core.base_backend import BackendDict
from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from local.embedded.world import EmbeddedAws

HOST = "127.0.0.1"


class QuietRequestHandler(MotoRequestHandler):  # type: ignore[misc]  # moto is untyped
    """Logs no requests, which would mix with the stderr of tests and the demo."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Do nothing."""


@contextmanager
def serve(port: int = 0, *, partition: str = "aws", verbose: bool = False) -> Iterator[EmbeddedAws]:
    """Run the server in a thread of this process, on `port` or a free one; yields the embedded AWS behind it.

    All of moto's state is reset before and after. Raises OSError if the port is taken.
    """
    server = _server(port, MotoRequestHandler if verbose else QuietRequestHandler)
    BackendDict.reset()
    aws = EmbeddedAws.install(partition, f"http://{HOST}:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield aws
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
        BackendDict.reset()


def _server(port: int, handler: type[WSGIRequestHandler]) -> BaseWSGIServer:
    # If the port is taken, moto's ThreadedMotoServer waits for ever, and werkzeug alone exits the process.
    # ThreadedMotoServer also leaves its socket open when it stops.
    application = DomainDispatcherApplication(create_backend_app)
    with socket.create_server((HOST, port)) as listening:
        return make_server(
            HOST,
            listening.getsockname()[1],
            application,
            threaded=True,
            request_handler=handler,
            fd=listening.fileno(),
        )


def main(arguments: list[str] | None = None) -> None:
    """Serve until SIGTERM or SIGINT; the first line of stdout is the endpoint's URL."""
    parser = argparse.ArgumentParser(prog="python -m local.embedded.server", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0, the default, takes a free one")
    parser.add_argument("--verbose", action="store_true", help="log every request to stderr")
    options = parser.parse_args(arguments)
    stopped = threading.Event()

    def stop(*_: Any) -> None:
        stopped.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    with ExitStack() as stack:
        try:
            aws = stack.enter_context(serve(options.port, verbose=options.verbose))
        except OSError as error:
            sys.exit(f"port {options.port} can't be had: {(error.strerror or str(error)).lower()}")
        sys.stdout.write(f"{aws.endpoint_url}\n")
        sys.stdout.flush()
        stopped.wait()


if __name__ == "__main__":
    main()
