"""The function's code: the package, the compiled policy, and the pinned dependencies, in one folder. No Docker.

The same inputs make the same bundle on every machine, but for bytecode, which is there where a Python 3.13 is.
"""

import ast
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from uv import find_uv_bin

ROOT: Final = Path(__file__).parent.parent
PYTHON: Final = "3.13"  # what Lambda runs
_COMPILED: Final = (".so", ".pyd", ".dylib")
# What installers write about the machine and the moment, and nothing imports.
_OF_THE_INSTALLER: Final = ("RECORD", "INSTALLER", "REQUESTED", "direct_url.json")


class BundleError(Exception):
    """The bundle can't be built; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """A folder that Lambda can run. `sha256` names what is in it, apart from bytecode."""

    path: Path
    sha256: str
    has_bytecode: bool


def build(
    policy: bytes,
    *,
    into: Path,
    requirements: Path = ROOT / "lambda" / "requirements.txt",
    package: Path = ROOT / "lambda" / "invitation_responder",
) -> Bundle:
    """Build the bundle in a folder under `into`, or find it there; raises `BundleError`.

    `policy` is the compiled policy. A folder appears under its name only when it is whole.
    """
    python = find_python()
    key = _digest([requirements.read_bytes(), Path(__file__).read_bytes(), policy, (python or "").encode()], package)
    target = into / key
    if not target.is_dir():
        into.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=into) as scratch:
            folder = Path(scratch, "bundle")
            _fill(folder, policy, requirements, package)
            if python:
                _compile(folder, python)
            try:
                folder.rename(target)
            except OSError:
                if not target.is_dir():  # else another build was faster, with the same result
                    raise
    return Bundle(target, _digest([], target), python is not None)


def _fill(folder: Path, policy: bytes, requirements: Path, package: Path) -> None:
    _install(requirements, folder)
    _refuse_compiled(folder)
    shutil.copytree(package, folder / package.name, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "policy.json").write_bytes(policy)
    shutil.rmtree(folder / "bin", ignore_errors=True)  # scripts: they name the Python of this machine
    for info in folder.glob("*.dist-info"):
        for name in _OF_THE_INSTALLER:
            (info / name).unlink(missing_ok=True)
    _leave_services_out(folder, services_of(package))
    for path in folder.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    folder.chmod(0o755)


def _install(requirements: Path, folder: Path) -> None:
    # pip, as it is set up on this machine (mirrors, certificates). --no-deps: the pins are complete.
    _run(
        [
            *(sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile"),
            *("--no-deps", "--require-hashes", "--only-binary", ":all:", "--python-version", PYTHON),
            *("--target", str(folder), "--requirement", str(requirements)),
        ],
        f"the dependencies of {requirements.name} can't be installed",
    )


def _refuse_compiled(folder: Path) -> None:
    """A compiled extension runs on one architecture and one Python only."""
    for wheel in sorted(folder.glob("*.dist-info/WHEEL")):
        tags = [line.removeprefix("Tag: ") for line in wheel.read_text().splitlines() if line.startswith("Tag: ")]
        if not all(tag.endswith("-none-any") for tag in tags):
            raise BundleError(_compiled_message(wheel.parent.name.removesuffix(".dist-info"), ", ".join(tags)))
    for path in sorted(folder.rglob("*")):
        if path.suffix in _COMPILED:
            raise BundleError(_compiled_message(str(path.relative_to(folder)), "an extension module"))


def _compiled_message(what: str, why: str) -> str:
    return f"{what} is not pure Python ({why}); take another version of it, or do without, in lambda/requirements.in"


def services_of(package: Path) -> set[str]:
    """The AWS services whose clients a package makes, read from its source; raises `BundleError`."""
    services = set()
    for path in sorted(package.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_bytes())):
            match node:
                case ast.Call(func=ast.Attribute(attr="client" | "resource"), args=[ast.Constant(value=str(name)), *_]):
                    services.add(name)
                case ast.Call(func=ast.Attribute(attr="client" | "resource")):
                    raise BundleError(
                        f"{path.name}:{node.lineno}: which service this client is for can't be told; "
                        "write the service's name as first argument, in quotes"
                    )
    return services


def _leave_services_out(folder: Path, services: set[str]) -> None:
    """Remove the descriptions of all other services. What is left is as botocore ships it."""
    data = folder / "botocore" / "data"
    for service in sorted(services):
        if not (data / service).is_dir():
            raise BundleError(f"botocore knows no service `{service}`, for which a client is made in lambda/")
    for path in data.iterdir():
        if path.is_dir() and path.name not in services:
            shutil.rmtree(path)


def find_python() -> str | None:
    """The path of a Python 3.13 that runs; None where there is none. Downloads nothing."""
    if f"{sys.version_info.major}.{sys.version_info.minor}" == PYTHON:
        return sys.executable
    found = subprocess.run(  # noqa: S603 - our own arguments
        [find_uv_bin(), "python", "find", "--no-python-downloads", "--no-project", PYTHON],
        capture_output=True,
        text=True,
        check=False,
    )
    # A Python of pyenv's that is not switched on has a shim on the PATH that does not run.
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    of_pyenv = sorted(str(path) for path in pyenv.glob(f"versions/{PYTHON}.*/bin/python{PYTHON}"))
    for path in [found.stdout.strip(), *reversed(of_pyenv)]:
        if path and subprocess.run([path, "-c", ""], capture_output=True, check=False).returncode == 0:  # noqa: S603 - a Python
            return path
    return None


def _compile(folder: Path, python: str) -> None:
    # By hash and unchecked: CDK's zip sets every file's time to 1980, by which timed bytecode is stale.
    _run(
        [
            *(python, "-m", "compileall", "-q", "-j", "0", "--invalidation-mode", "unchecked-hash"),
            *("-s", str(folder), "-p", "/var/task", str(folder)),
        ],
        "the bundle can't be compiled",
    )


def _run(command: list[str], failure: str) -> None:
    done = subprocess.run(  # noqa: S603 - our own arguments
        command, capture_output=True, text=True, check=False, env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    )
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()[-15:]
        raise BundleError("\n".join([f"{failure}:", *(f"  {line}" for line in said)]))


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file() and "__pycache__" not in path.parts)


def _digest(inputs: list[bytes], folder: Path) -> str:
    """Name bytes, and a folder's files but for bytecode: that differs from build to build, and only in speed."""
    digest = hashlib.sha256()
    for content in [*inputs, *(part for path in _files(folder) for part in _named(path, folder))]:
        digest.update(len(content).to_bytes(8, "big") + content)
    return digest.hexdigest()


def _named(path: Path, folder: Path) -> tuple[bytes, bytes]:
    return path.relative_to(folder).as_posix().encode(), path.read_bytes()
