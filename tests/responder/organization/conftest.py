"""A hub on the embedded AWS, whose workers do not wait between two listings."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from moto import mock_aws

from local.embedded.world import EmbeddedAws
from support.hub import Hub


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Hub]:
    monkeypatch.setattr("time.sleep", lambda _: None)
    with mock_aws():
        yield Hub(EmbeddedAws.install(), monkeypatch, tmp_path)
