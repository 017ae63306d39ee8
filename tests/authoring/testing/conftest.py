"""What the tests of policy tests share."""

from collections.abc import Callable

import pytest

from authoring.testing.reading import CaseFile, read_cases

Read = Callable[[str], CaseFile]
Told = Callable[[str | bytes], list[str]]


@pytest.fixture
def read() -> Read:
    """Read a file that has no mistakes, `tests/t.yaml`."""

    def read(source: str) -> CaseFile:
        file, diagnostics = read_cases("tests/t.yaml", source.encode())
        assert diagnostics == []
        assert file
        return file

    return read


@pytest.fixture
def told() -> Told:
    """Give the mistakes of a file, as they are printed."""

    def tell(source: str | bytes) -> list[str]:
        file, diagnostics = read_cases("t.yaml", source.encode() if isinstance(source, str) else source)
        assert file is None
        return [str(diagnostic) for diagnostic in sorted(diagnostics)]

    return tell
