"""Starts and stops a local cloud: ministack in a process of its own, and the embedded AWS in this one."""

import os
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from local.cloud.cloud import ACCOUNT, ROOT, Cloud, CloudError, isolated_environment, wait_for
from local.embedded.server import HOST, serve

POLICY: Final = """\
version: 1
mode: enforce
rules:
  - {name: our-organization, effect: allow, organizations: [o-exampleorgid]}
"""
_START_SECONDS: Final = 60
_STOP_SECONDS: Final = 15
# ministack pins its botocore: it has an environment of its own.
_INTERPRETER: Final = ROOT / ".cloud" / "bin" / "python"


@contextmanager
def start_cloud(*, auth: bool = False, wait_scale: float = 1) -> Iterator[Cloud]:
    """Run an empty cloud whose policy file holds `POLICY`; raises `CloudError` if ministack does not start.

    With `auth` ministack enforces IAM policies: a function may do only what its role allows. The waits of state
    machines, those between two tries included, are multiplied by `wait_scale`.
    """
    with serve() as aws, tempfile.TemporaryDirectory() as folder:
        port = _free_port()
        cloud = Cloud(f"http://{HOST}:{port}", aws, Path(folder))
        cloud.policy.write_text(POLICY)
        log = cloud.folder / "ministack.log"
        with _run_emulator(cloud.folder, _environment(cloud, port, auth=auth, wait_scale=wait_scale), log) as process:
            wait_for(lambda: process.poll() is not None or _is_open(port), seconds=_START_SECONDS)
            if process.poll() is not None or not _is_open(port):
                raise CloudError(f"ministack did not start:\n{log.read_text(errors='replace')[-3000:]}")
            yield cloud


def _environment(cloud: Cloud, port: int, *, auth: bool, wait_scale: float) -> dict[str, str]:
    """ministack's environment, which it passes on to the function: nothing in it that Lambda lacks."""
    return isolated_environment() | {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(cloud.folder),
        "TMPDIR": str(cloud.folder),
        "AUTH": str(auth).lower(),
        "SFN_WAIT_SCALE": str(wait_scale),
        "GATEWAY_PORT": str(port),
        "BIND_HOST": HOST,
        "MINISTACK_ACCOUNT_ID": ACCOUNT,
        # local/cloud/extensions/organizations.py reads it.
        "EMBEDDED_AWS": str(cloud.aws.endpoint_url),
    }


@contextmanager
def _run_emulator(folder: Path, environment: dict[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run ministack, and end it with all functions that it runs."""
    with (
        log.open("wb") as output,
        subprocess.Popen(  # noqa: S603 - our own arguments
            [str(_INTERPRETER), "-P", str(ROOT / "local" / "cloud" / "emulator.py")],
            cwd=folder,
            env=environment,
            stdin=subprocess.PIPE,  # closed even if this process is killed: then ministack ends itself
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # one process group with the functions, which run in processes of their own
        ) as process,
    ):
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(timeout=_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def _free_port() -> int:
    with socket.create_server((HOST, 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


def _is_open(port: int) -> bool:
    try:
        socket.create_connection((HOST, port), timeout=1).close()
    except OSError:
        return False
    return True
