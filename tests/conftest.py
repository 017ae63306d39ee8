"""What holds for all tests: no real AWS, and how hard hypothesis looks."""

import os
import sys
import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, settings

# 1,000 examples everywhere; in CI the same ones each time, so that a run means something about the change alone.
settings.register_profile(
    "thorough",
    max_examples=1000,
    deadline=None,
    derandomize=os.environ.get("CI") == "true",
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("quick", max_examples=50, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "thorough"))


def pytest_configure(config: pytest.Config) -> None:
    """Declare our marker."""
    config.addinivalue_line("markers", "untraced: large or timed: no coverage is measured, smaller examples have it")


# No report of `make test` is about what these test; measuring coverage takes as long again as the tests.
_TESTS: Final = Path(__file__).parent
_COMMANDS: Final = _TESTS / "authoring" / "commands"
UNTRACED: Final = (
    *(_TESTS / folder for folder in ("local", "infra", "docs", "bench")),
    *(_COMMANDS / f"test_{command}.py" for command in ("run", "run_organization", "terminal")),
)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, Any, Any]:
    """Measure no coverage of threads, which are the embedded AWS, nor of anything in `UNTRACED`."""
    threading.settrace(None)
    with _traced(not any(item.path.is_relative_to(path) for path in UNTRACED)):
        return (yield)


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    """Measure no coverage of properties, since examples written by hand cover what they do; nor of what is `untraced`.

    Times are only true without. pytest-cov's marker `no_cover` does not do it: in a worker of xdist it starts two
    tracers, and pausing one resumes the other.
    """
    with _traced(not (item.get_closest_marker("hypothesis") or item.get_closest_marker("untraced"))):
        return (yield)


@contextmanager
def _traced(is_traced: bool) -> Iterator[None]:
    tracer = sys.gettrace()
    if not is_traced:
        sys.settrace(None)
    try:
        yield
    finally:
        sys.settrace(tracer)


@pytest.fixture(autouse=True)
def no_real_aws(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the machine's own AWS configuration away; what tests need they set."""
    for name in [name for name in os.environ if name.startswith(("AWS_", "POWERTOOLS_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")


@pytest.fixture(scope="session")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for bundles, where the dependencies have to be installed once."""
    return tmp_path_factory.mktemp("bundles")
