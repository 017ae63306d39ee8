"""The function's bundle: the package, the compiled policy and the pinned dependencies in one folder, without Docker.

The same inputs make the same bundle on every machine, except for bytecode, which needs a Python 3.13 on the machine.
Dependencies are installed once for all bundles with the same pins: a changed policy needs no installation.
"""

import ast
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from uv import find_uv_bin

from infra.descriptions import cut_descriptions, read_words

ROOT: Final = Path(__file__).parent.parent
PYTHON: Final = "3.13"  # the function's runtime
REQUIREMENTS: Final = ROOT / "lambda" / "requirements.txt"
_DESCRIPTIONS: Final = Path(__file__).with_name("descriptions.py")
_COMPILED_SUFFIXES: Final = (".so", ".pyd", ".dylib")
# Written by installers about the machine and the time; no code imports them.
_INSTALLER_FILES: Final = ("RECORD", "INSTALLER", "REQUESTED", "direct_url.json")


class BundleError(Exception):
    """The bundle can't be built; the message has the remedy or the output of the failed command."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """A folder that Lambda can run. `sha256` is a digest of its contents without bytecode, in hex."""

    path: Path
    sha256: str
    has_bytecode: bool


def build(
    policy: bytes,
    *,
    into: Path,
    requirements: Path = REQUIREMENTS,
    package: Path = ROOT / "lambda" / "invitation_responder",
) -> Bundle:
    """Build the bundle in a folder under `into`, or reuse the one that is there; raises `BundleError`.

    `policy` is the compiled policy, as JSON. A folder gets its name only when it is complete.
    """
    python = find_python()
    dependencies = install(requirements, python, into=into)
    target = into / _digest([dependencies.name.encode(), _DESCRIPTIONS.read_bytes(), policy, *_read_contents(package)])
    _fill_once(target, lambda folder: _fill(folder, policy, package, dependencies, python))
    return Bundle(target, _digest(_read_contents(target)), python is not None)


def install(requirements: Path, python: str | None, *, into: Path) -> Path:
    """Install pinned dependencies in a folder under `into`, or reuse the one that is there; raises `BundleError`.

    The folder has bytecode for `python`, if there is one.
    """
    made_by = Path(__file__).read_bytes() + (python or "").encode()
    pins = _digest([requirements.read_bytes(), made_by])
    return _fill_once(into / f"dependencies-{pins}", lambda folder: _fill_pins(folder, requirements, python))


def _fill_once(target: Path, fill: Callable[[Path], None]) -> Path:
    """Create the folder `target` by `fill`, unless it exists; it gets its name when it is complete."""
    if target.is_dir():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        folder = Path(scratch, "folder")
        fill(folder)
        try:
            folder.rename(target)
        except OSError:
            if not target.is_dir():  # else another build has made the same one meanwhile
                raise
    return target


def _fill_pins(folder: Path, requirements: Path, python: str | None) -> None:
    _install(requirements, folder)
    _check_pure_python(folder)
    shutil.rmtree(folder / "bin", ignore_errors=True)  # its scripts contain the path of this machine's Python
    for info in folder.glob("*.dist-info"):
        for name in _INSTALLER_FILES:
            (info / name).unlink(missing_ok=True)
    if python:
        _compile(folder, folder, python)


def _fill(folder: Path, policy: bytes, package: Path, dependencies: Path, python: str | None) -> None:
    data = dependencies / "botocore" / "data"
    unused = _find_unused_services(data, find_services(package))
    shutil.copytree(dependencies, folder, ignore=lambda parent, _: unused if Path(parent) == data else ())
    cut_descriptions(folder / "botocore", read_words(package.rglob("*.py")))
    shipped = shutil.copytree(package, folder / package.name, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "policy.json").write_bytes(policy)
    if python:
        _compile(Path(shipped), folder, python)
    for path in folder.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    folder.chmod(0o755)


def _install(requirements: Path, folder: Path) -> None:
    # pip respects this machine's configuration (mirrors, certificates). --no-deps: the pins are complete.
    _run(
        [
            *(sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile"),
            *("--no-deps", "--require-hashes", "--only-binary", ":all:", "--python-version", PYTHON),
            *("--target", str(folder), "--requirement", str(requirements)),
        ],
        f"the dependencies of {requirements.name} can't be installed",
    )


def _check_pure_python(folder: Path) -> None:
    """Raise `BundleError` for a compiled extension, which runs on one architecture and one Python only."""
    for wheel in sorted(folder.glob("*.dist-info/WHEEL")):
        tags = [line.removeprefix("Tag: ") for line in wheel.read_text().splitlines() if line.startswith("Tag: ")]
        if not all(tag.endswith("-none-any") for tag in tags):
            raise BundleError(_describe_compiled(wheel.parent.name.removesuffix(".dist-info"), ", ".join(tags)))
    for path in sorted(folder.rglob("*")):
        if path.suffix in _COMPILED_SUFFIXES:
            raise BundleError(_describe_compiled(str(path.relative_to(folder)), "an extension module"))


def _describe_compiled(what: str, why: str) -> str:
    return f"{what} is not pure Python ({why}); take another version of it, or do without, in lambda/requirements.in"


def find_services(package: Path) -> set[str]:
    """The AWS services for which the package creates clients, from its source code; raises `BundleError`."""
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


def _find_unused_services(data: Path, used: set[str]) -> set[str]:
    """The folders in botocore's `data` of services not in `used`; raises `BundleError` for an unknown service."""
    described = {path.name for path in data.iterdir() if path.is_dir()}
    for service in sorted(used - described):
        raise BundleError(f"botocore knows no service `{service}`, for which a client is made in lambda/")
    return described - used


def find_python() -> str | None:
    """The path of a working Python 3.13, None if there is none. Downloads nothing."""
    if f"{sys.version_info.major}.{sys.version_info.minor}" == PYTHON:
        return sys.executable
    uv_answer = subprocess.run(  # noqa: S603 - our own arguments
        [find_uv_bin(), "python", "find", "--no-python-downloads", "--no-project", PYTHON],
        capture_output=True,
        text=True,
        check=False,
    )
    # pyenv's shim on the PATH fails for a Python that is not activated: look for the interpreter itself.
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    pyenv_pythons = sorted(str(path) for path in pyenv.glob(f"versions/{PYTHON}.*/bin/python{PYTHON}"))
    for path in [uv_answer.stdout.strip(), *reversed(pyenv_pythons)]:
        if path and subprocess.run([path, "-c", ""], capture_output=True, check=False).returncode == 0:  # noqa: S603 - a Python
            return path
    return None


def _compile(sources: Path, bundle: Path, python: str) -> None:
    # The CDK's zip sets every file's time to 1980, which would make bytecode that is checked by time stale.
    _run(
        [
            *(python, "-m", "compileall", "-q", "-j", "0", "--invalidation-mode", "unchecked-hash"),
            *("-s", str(bundle), "-p", "/var/task", str(sources)),
        ],
        "the bundle can't be compiled",
    )


def _run(command: list[str], failure: str) -> None:
    done = subprocess.run(  # noqa: S603 - our own arguments
        command, capture_output=True, text=True, check=False, env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    )
    if done.returncode:
        output = (done.stderr or done.stdout).strip().splitlines()[-15:]
        raise BundleError("\n".join([f"{failure}:", *(f"  {line}" for line in output)]))


def _read_contents(folder: Path) -> Iterator[bytes]:
    """The names and contents of a folder's files, without bytecode, which differs from build to build."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            yield path.relative_to(folder).as_posix().encode()
            yield path.read_bytes()


def _digest(contents: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for content in contents:
        digest.update(len(content).to_bytes(8, "big") + content)
    return digest.hexdigest()
