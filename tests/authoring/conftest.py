"""Fixtures of the tests of a policy's source."""

from collections.abc import Callable

import pytest

from authoring.diagnostics.diagnostic import InvalidPolicy
from authoring.language.compiler import compile_sources

Diagnose = Callable[..., list[str]]


@pytest.fixture
def diagnose() -> Diagnose:
    """A function that returns the diagnostics of some files, as printed; a file without a name is `p.yaml`."""

    def diagnose(source: str | bytes = "", **others: str | bytes) -> list[str]:
        sources = {f"{name}.yaml": text for name, text in others.items()} or {"p.yaml": source}
        encoded = {name: text.encode() if isinstance(text, str) else text for name, text in sources.items()}
        with pytest.raises(InvalidPolicy) as caught:
            compile_sources(encoded)
        return str(caught.value).splitlines()

    return diagnose
