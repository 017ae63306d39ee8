"""`make mutants`: change what ships in one small way after another, and list the changes that no test notices.

A mutant is never written to a file: each lives in a process of its own, which imports it in place of the module and
runs the tests that run the changed function, quickest first, up to the first failure. What no test can notice since it
changes nothing stands in `equivalent_mutants.toml` with the reason. It takes its time, and is no part of `make test`.
"""

import ast
import gc
import importlib
import json
import os
import signal
import sys
import tempfile
import time
import tomllib
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import suppress
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_loader
from pathlib import Path
from types import CodeType, FrameType, ModuleType
from typing import Any, Final

import pytest

ROOT: Final = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))

from support.mutations import Mutant, mutants_of  # noqa: E402

SHIPPED: Final = ROOT / "lambda"
TESTS: Final = "tests/responder"
# The slowest tests: they try every point at which a sweep can be killed, and so tell nothing more of what is pure.
OF_THE_SHELL: Final = (f"{TESTS}/test_crash.py", f"{TESTS}/organization/test_crash.py")
EQUIVALENT: Final = Path(__file__).with_name("equivalent_mutants.toml")
ARGUMENTS: Final = ("-q", "-x", "--assert=plain", "-p", "no:cacheprovider")


class Observer:
    """Learns how long each test takes, and which functions of what ships it runs."""

    def __init__(self) -> None:
        """Nothing is run yet."""
        self.functions: dict[str, list[str]] = {}
        self.seconds: dict[str, float] = {}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, Any, Any]:
        """Watch one test, with its fixtures."""
        seen: set[CodeType] = set()

        def note(frame: FrameType, event: str, _: object) -> None:
            if event == "call":
                seen.add(frame.f_code)

        begun = time.process_time()
        sys.setprofile(note)
        try:
            return (yield)
        finally:
            sys.setprofile(None)
            self.seconds[item.nodeid] = time.process_time() - begun
            ours = {code for code in seen if code.co_filename.startswith(str(SHIPPED))}
            keys = {f"{code.co_filename}:{code.co_qualname.partition('.<locals>')[0]}" for code in ours}
            self.functions[item.nodeid] = sorted(keys)


class Chosen:
    """Runs some of the tests, in their order, and ends the process where one of them does not end."""

    def __init__(self, seconds: Mapping[str, float]) -> None:
        """Choose tests by their ids, each with the time that it took."""
        self.seconds = seconds

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Leave the others out."""
        order = list(self.seconds)
        items[:] = sorted((item for item in items if item.nodeid in order), key=lambda item: order.index(item.nodeid))

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> None:
        """Give a test five times the processor's time that it took, and ten minutes altogether."""
        signal.setitimer(signal.ITIMER_PROF, 5 * self.seconds[item.nodeid] + 5)
        signal.alarm(600)


class Changed(SourceFileLoader):
    """Finds and loads one module with another content than its file has."""

    def __init__(self, path: Path, tree: ast.Module) -> None:
        """Load the tree in place of the file."""
        super().__init__(".".join(path.relative_to(SHIPPED).with_suffix("").parts), str(path))
        self.tree = tree

    def find_spec(self, name: str, *_: object) -> ModuleSpec | None:
        """Only this one."""
        return spec_from_loader(name, self) if name == self.name else None

    def get_code(self, _: str) -> CodeType:
        """Compiled each time, and kept nowhere."""
        return compile(ast.fix_missing_locations(self.tree), self.path, "exec")


def in_a_child(work: Callable[[], int]) -> int:
    """Run work in a process of its own, without its output; its exit status, or minus the signal that ended it."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    status = 99
    try:
        silence = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silence, 1)
        os.dup2(silence, 2)
        status = work()
    finally:
        os._exit(status)


def observe() -> tuple[dict[str, float], dict[str, list[str]]]:
    """Run all tests once: seconds, and functions of what ships, by test. They must pass."""
    with tempfile.TemporaryDirectory() as folder:
        notes = Path(folder, "observed.json")

        def run() -> int:
            observer = Observer()
            status = pytest.main([*ARGUMENTS, TESTS], plugins=[observer])
            foreign = sorted(name for name, module in sys.modules.items() if not _is_ours(module))
            notes.write_text(json.dumps([observer.seconds, observer.functions, foreign]))
            return int(status)

        if in_a_child(run):
            sys.exit(f"no mutant can be judged: {TESTS} fails as it is")
        seconds, functions, foreign = json.loads(notes.read_text())
    # What is imported here, the children need not import again.
    for name in foreign:
        with suppress(Exception):
            importlib.import_module(name)
    gc.freeze()
    return seconds, functions


def _is_ours(module: ModuleType) -> bool:
    path = getattr(module, "__file__", None)
    return module.__name__ == "__main__" or not path or (Path(path).is_relative_to(ROOT) and ".venv" not in path)


def survives(mutant: Mutant | None, path: Path, tree: ast.Module, tests: Mapping[str, float]) -> bool:
    """True if tests, of which each takes so many seconds, pass with the mutant; None is none, with which they must."""
    files: dict[str, dict[str, float]] = {}
    for test in sorted(tests, key=tests.__getitem__):
        files.setdefault(test.partition("::")[0], {})[test] = tests[test]

    def run() -> int:
        signal.setitimer(signal.ITIMER_PROF, 60)  # to import it
        if mutant:
            mutant.apply()
        sys.meta_path.insert(0, Changed(path, tree))
        quickest_first = sorted(files, key=lambda file: sum(files[file].values()))
        statuses = (pytest.main([*ARGUMENTS, file], plugins=[Chosen(files[file])]) for file in quickest_first)
        # A test may be there no more: a mutant can change the list that it is parametrized by.
        return int(next((status for status in statuses if status != pytest.ExitCode.NO_TESTS_COLLECTED and status), 0))

    return in_a_child(run) == 0


def judge(files: Iterable[str]) -> int:
    """Judge all mutants of some files; how many survivors nobody has explained, and explanations have no survivor."""
    explained = tomllib.loads(EQUIVALENT.read_text(encoding="utf-8"))
    seconds, functions = observe()
    say(f"{len(seconds)} tests in {TESTS}, {sum(seconds.values()):.0f} seconds")
    unexplained = 0
    for file in files:
        path = (ROOT / file).resolve()
        tree = ast.parse(path.read_text(encoding="utf-8"))
        quickest = min(seconds, key=seconds.__getitem__)
        if not survives(None, path, tree, {quickest: seconds[quickest]}):
            sys.exit(f"no mutant can be judged: the tests fail with {file} as it is")
        known = explained.get(file.removeprefix("lambda/invitation_responder/"), {})
        count, names = Counter[str](), set()
        for mutant in mutants_of(tree):
            names.add(mutant.name)
            count["mutants"] += 1
            if mutant.name in known:
                count["equivalent"] += 1
                continue
            # What stands outside of functions can matter to every test.
            key = f"{path}:{mutant.function}"
            tests = {test: seconds[test] for test in seconds if not mutant.function or key in functions[test]}
            if "/core/" in file:
                tests = {test: seconds[test] for test in tests if not test.startswith(OF_THE_SHELL)}
            if survives(mutant, path, tree, tests):
                count["survivors"] += 1
                say(f"{file}:{mutant.line}: {mutant.name}{'' if tests else ' (no test runs it)'}")
            else:
                count["killed"] += 1
        for name in sorted(known.keys() - names):
            say(f"{file}: explained, but there is no such mutant: {name}")
        unexplained += count["survivors"] + len(known.keys() - names)
        say(f"{file}: {', '.join(f'{number} {what}' for what, number in count.items())}")
    return unexplained


def say(line: str) -> None:
    """One line, at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    os.chdir(ROOT)
    # Properties try the same few examples each time, and keep none: hypothesis has a profile for CI that says so.
    os.environ.update(CI="true", HYPOTHESIS_PROFILE="quick")
    sys.exit(judge(sys.argv[1:]) > 0)
