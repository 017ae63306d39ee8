"""The reader of messages, for the tests of the courier."""

import pytest

from invitation_responder.courier.handshake_text import Reader
from support.notices import MEMBER, NOW, OWN


@pytest.fixture
def reader() -> Reader:
    """A reader of the responder in its own account, who knows the name of one member."""
    return Reader(OWN, "eu-west-1", "aws", NOW, {MEMBER: "payments-prod"})
