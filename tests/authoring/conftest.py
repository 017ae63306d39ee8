"""What the tests of a policy's source share."""

from collections.abc import Callable

import pytest

from authoring.diagnostics.diagnostic import InvalidPolicy
from authoring.language.compiler import compile_sources

Told = Callable[..., list[str]]


@pytest.fixture
def told() -> Told:
    """Give the mistakes of some files, as they are printed; `p.yaml` is the one without a name."""

    def tell(source: str | bytes = "", **others: str | bytes) -> list[str]:
        sources = {f"{name}.yaml": text for name, text in others.items()} or {"p.yaml": source}
        encoded = {name: text.encode() if isinstance(text, str) else text for name, text in sources.items()}
        with pytest.raises(InvalidPolicy) as caught:
            compile_sources(encoded)
        return str(caught.value).splitlines()

    return tell
