"""The embedded AWS, for the tests of the code that ships."""

from collections.abc import Iterator

import pytest
from moto import mock_aws

from local.embedded.world import EmbeddedAws
from support.embedded import Account


@pytest.fixture
def account() -> Iterator[Account]:
    """The receiver on an embedded AWS of its own."""
    with mock_aws():
        yield Account(EmbeddedAws.install())


@pytest.fixture
def aws() -> Iterator[EmbeddedAws]:
    """An embedded AWS without organizations and accounts."""
    with mock_aws():
        yield EmbeddedAws.install()
