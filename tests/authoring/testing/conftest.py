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
        file, mistakes = read_cases("tests/t.yaml", source.encode())
        assert mistakes == []
        assert file
        return file

    return read


@pytest.fixture
def told() -> Told:
    """Give the mistakes of a file, as they are printed."""

    def tell(source: str | bytes) -> list[str]:
        file, mistakes = read_cases("t.yaml", source.encode() if isinstance(source, str) else source)
        assert file is None
        return [str(mistake) for mistake in sorted(mistakes)]

    return tell
