"""Fixtures of the tests of policy tests."""

from collections.abc import Callable

import pytest

from authoring.testing.reading import CaseFile, read_cases

Read = Callable[[str], CaseFile]
Diagnose = Callable[[str | bytes], list[str]]


@pytest.fixture
def read() -> Read:
    """A function that reads a valid file, `tests/t.yaml`."""

    def read(source: str) -> CaseFile:
        file, diagnostics = read_cases("tests/t.yaml", source.encode())
        assert diagnostics == []
        assert file
        return file

    return read


@pytest.fixture
def diagnose() -> Diagnose:
    """A function that returns the diagnostics of an invalid file, as printed."""

    def diagnose(source: str | bytes) -> list[str]:
        file, diagnostics = read_cases("t.yaml", source.encode() if isinstance(source, str) else source)
        assert file is None
        return [str(diagnostic) for diagnostic in sorted(diagnostics)]

    return diagnose
