"""The handshake operations over real HTTP: failures on the way, and the number of attempts."""

import json
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import boto3
import pytest
from botocore.exceptions import ReadTimeoutError

from invitation_responder.aws.client import CLIENT_CONFIG, create_session, describe_error, error_code
from invitation_responder.aws.organizations import Answer, Organizations, StandingError
from invitation_responder.aws.pages import ListingError
from invitation_responder.core.standing import Transfer
from local.embedded.server import serve
from local.embedded.world import EmbeddedAws
from support.embedded import invitation
from support.strategies import NOW, RECEIVER


@pytest.fixture
def aws() -> Iterator[EmbeddedAws]:
    """A server with one invitation."""
    with serve() as aws:
        aws.clock.set(NOW)
        aws.receive(RECEIVER, invitation())
        yield aws


def organizations(aws: EmbeddedAws) -> Organizations:
    """The receiver's `Organizations`, which never sleeps."""
    return Organizations(aws.client("organizations", RECEIVER, config=CLIENT_CONFIG), sleep=lambda _: None)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        pytest.param("TooManyRequestsException", 400, id="throttling"),
        pytest.param("ServiceException", 500, id="500"),
        pytest.param("ServiceUnavailable", 503, id="503"),
    ],
)
def test_what_passes_is_tried_again(aws: EmbeddedAws, error: str, status: int) -> None:
    aws.fail("ListHandshakesForAccount", error, status=status, times=2)
    aws.fail("DeclineHandshake", error, status=status, times=2)
    assert [handshake.id for handshake in organizations(aws).received(RECEIVER)] == ["h-00000001"]
    assert organizations(aws).decline("h-00000001") == Answer("declined", "DECLINED")
    assert aws.count("ListHandshakesForAccount") == 3
    assert aws.count("DeclineHandshake") == 3


def test_throttling_without_end_is_a_failure_after_four_attempts(aws: EmbeddedAws) -> None:
    aws.fail("DeclineHandshake", "TooManyRequestsException", times=None, message="slow down")
    answer = organizations(aws).decline("h-00000001")
    assert answer.outcome == "failed"
    assert answer.detail.startswith("the answer failed: TooManyRequestsException: ")
    assert aws.count("DeclineHandshake") == 4


def test_an_answer_that_took_effect_though_its_reply_was_lost_is_an_answer(aws: EmbeddedAws) -> None:
    aws.fail("DeclineHandshake", "ServiceException", status=500, takes_effect=True)
    assert organizations(aws).decline("h-00000001") == Answer("declined", "DECLINED")
    assert [call.error for call in aws.calls] == ["ServiceException", "HandshakeAlreadyInStateException"]


class Replies(socketserver.BaseRequestHandler):
    """Sends the server's next reply; None breaks the connection."""

    def handle(self) -> None:
        """Read the request and reply."""
        self.request.recv(65536)
        reply = next(self.server.replies)  # type: ignore[attr-defined]  # set by `server_that_replies`
        if reply is not None:
            self.request.sendall(
                b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s"
                % (b"text/html" if reply.startswith(b"<") else b"application/x-amz-json-1.1", len(reply), reply)
            )


@contextmanager
def server_that_replies(*replies: bytes | None) -> Iterator[Any]:
    """An Organizations client of a server that sends these replies, one for each connection."""
    with socketserver.TCPServer(("127.0.0.1", 0), Replies) as server:
        server.replies = iter(replies)  # type: ignore[attr-defined]  # read by `Replies`
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            url = f"http://127.0.0.1:{server.server_address[1]}"
            session = create_session()
            yield session.client("organizations", region_name="us-east-1", endpoint_url=url, config=CLIENT_CONFIG)
        finally:
            server.shutdown()
            thread.join()


def test_a_connection_that_breaks_is_tried_again() -> None:
    page = json.dumps({"Handshakes": [{"Id": "h-00000001"}]}).encode()
    with server_that_replies(None, None, page) as client:
        assert [handshake.id for handshake in Organizations(client).received(RECEIVER)] == ["h-00000001"]


def test_connections_that_all_break_end_in_a_clear_error() -> None:
    with (
        server_that_replies(None, None, None, None) as client,
        pytest.raises(
            ListingError, match="ListHandshakesForAccount failed: ConnectionClosedError: Connection was closed"
        ),
    ):
        Organizations(client).received(RECEIVER)


def test_what_is_not_the_protocol_is_not_an_account_without_handshakes() -> None:
    with (
        server_that_replies(b"<html>login</html>") as client,
        pytest.raises(ListingError, match="does not speak the Organizations protocol: it sent 'text/html'"),
    ):
        Organizations(client).received(RECEIVER)


def test_an_answer_without_handshakes_is_an_account_without_handshakes() -> None:
    with server_that_replies(b"{}") as client:
        assert Organizations(client).received(RECEIVER) == []


@pytest.mark.parametrize("time", ["soon", 253402300801, 1e300, 1795384214543, [], None], ids=repr)
def test_a_strange_time_spoils_no_other_handshake(time: object) -> None:
    handshakes = [{"Id": "h-00000001", "RequestedTimestamp": time}, {"Id": "h-00000002", "RequestedTimestamp": 1.5e9}]
    with server_that_replies(json.dumps({"Handshakes": handshakes}).encode()) as client:
        strange, other = Organizations(client).received(RECEIVER)
    assert strange.requested_at is None
    assert ("its RequestedTimestamp is malformed" in strange.problems) == (time is not None)
    assert other.requested_at is not None


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({"Handshakes": [{"Resources": "x"}]}, id="resources that are text"),
        pytest.param({"Handshakes": [7]}, id="a handshake that is a number"),
        pytest.param([], id="a list"),
    ],
)
def test_what_botocore_cannot_read_is_a_clear_error(body: object) -> None:
    with (
        server_that_replies(json.dumps(body).encode()) as client,
        pytest.raises(ListingError, match="ListHandshakesForAccount failed: "),
    ):
        Organizations(client).received(RECEIVER)


def test_an_answer_whose_reply_cannot_be_read_may_have_been_taken() -> None:
    with server_that_replies(b'{"Handshake": 7}') as client:
        answer = Organizations(client).decline("h-00000001")
    assert (answer.outcome, answer.is_certain) == ("failed", False)
    assert answer.detail.startswith("AWS did not say whether it took the answer: ")


def test_a_listing_whose_tokens_are_always_new_comes_to_an_end() -> None:
    class Endless:
        calls = 0

        def list_handshakes_for_account(self, **_: Any) -> Any:
            self.calls += 1
            return {"Handshakes": [], "NextToken": str(self.calls)}

    with pytest.raises(ListingError, match="has more than 1000 pages, so the listing has no end"):
        Organizations(Endless()).received(RECEIVER)  # type: ignore[arg-type] # the only method called


def test_a_service_error_is_explained_in_one_line() -> None:
    client = boto3.client("organizations")
    error = client.exceptions.ClientError({"Error": {"Code": "X", "Message": "a\nb" + "c" * 999}}, "op")
    assert error_code(error) == "X"
    assert describe_error(error).startswith("X: a bccc")
    assert len(describe_error(error)) < 210
    assert error_code(client.exceptions.ClientError({}, "op")) == "Unknown"


def test_nothing_in_an_explanation_ends_the_quotes_that_a_message_template_puts_around_it() -> None:
    error = ReadTimeoutError(endpoint_url='https://"example"\\\x1b')
    explained = describe_error(error)
    assert explained == "ReadTimeoutError: Read timeout on endpoint URL: 'https://'example'///x1b'"


def test_the_organization_of_an_account_is_that_of_a_member_and_of_its_management_account(aws: EmbeddedAws) -> None:
    assert organizations(aws).organization() is None
    sender = aws.add_organization("o-stranger0001", management_account="999999999999")
    aws.account(RECEIVER, organization=sender)
    assert organizations(aws).organization() == "o-stranger0001"
    of_management = aws.client("organizations", "999999999999", config=CLIENT_CONFIG)
    assert Organizations(of_management).organization() == "o-stranger0001"


@pytest.mark.parametrize("code", ["AccessDeniedException", "ServiceException"])
def test_an_organization_that_cannot_be_read_is_an_error(aws: EmbeddedAws, code: str) -> None:
    aws.fail("DescribeOrganization", code, times=None)
    with pytest.raises(StandingError, match=f"^DescribeOrganization failed: {code}: injected by a test$"):
        organizations(aws).organization()


def transfer(aws: EmbeddedAws, number: int, **members: Any) -> str:
    """Let somebody ask for the receiver's bill."""
    handshake_id = f"h-{number:08}"
    arn = f"arn:aws:organizations::999999999999:handshake/o-stranger0001/transfer_responsibility/{handshake_id}"
    aws.receive(RECEIVER, invitation(number, Action="TRANSFER_RESPONSIBILITY", Arn=arn, **members))
    return handshake_id


def test_the_transfers_are_those_of_the_own_bill_to_the_last_page(aws: EmbeddedAws) -> None:
    aws.add_organization("o-exampleorgid", management_account=RECEIVER)
    for number in range(2, 27):
        transfer(aws, number, State="ACCEPTED")
    aws.withdraw(transfer(aws, 27, State="ACCEPTED"), ends_at=NOW)
    transfer(aws, 28)
    aws.paging.empty_pages_first = 2
    found = organizations(aws).transfers()
    assert found == [
        *(Transfer(f"h-{number:08}", "999999999999", "ACCEPTED") for number in range(2, 27)),
        Transfer("h-00000027", "999999999999", "WITHDRAWN"),
        Transfer("h-00000028", "999999999999", "REQUESTED"),
    ]


@pytest.mark.parametrize(
    ("arrange", "error"),
    [
        pytest.param(lambda _: None, "AWSOrganizationsNotInUseException", id="an account without an organization"),
        pytest.param(
            lambda aws: aws.account(
                RECEIVER, organization=aws.add_organization("o-stranger0001", management_account="999999999999")
            ),
            "AccessDeniedException",
            id="a member",
        ),
    ],
)
def test_transfers_that_cannot_be_listed_are_an_error(
    aws: EmbeddedAws, arrange: Callable[[EmbeddedAws], object], error: str
) -> None:
    arrange(aws)
    with pytest.raises(StandingError, match=f"^ListOutboundResponsibilityTransfers failed: {error}: "):
        organizations(aws).transfers()


def test_a_transfer_list_without_end_is_an_error(aws: EmbeddedAws) -> None:
    aws.add_organization("o-exampleorgid", management_account=RECEIVER)
    aws.paging.stuck = True
    with pytest.raises(StandingError, match="the listing has no end"):
        organizations(aws).transfers()


class Told:
    """A client of Organizations that answers as it is told."""

    def __init__(self, answer: dict[str, Any]) -> None:
        """Answer each call so."""
        self.answer = answer

    def describe_organization(self) -> dict[str, Any]:
        """Answer."""
        return self.answer

    def list_outbound_responsibility_transfers(self, **_: Any) -> dict[str, Any]:
        """Answer."""
        return self.answer


@pytest.mark.parametrize("answer", [{}, {"Organization": {}}, {"Organization": {"Id": 7}}])
def test_an_answer_that_names_no_organization_is_an_error(answer: dict[str, Any]) -> None:
    client: Any = Told(answer)
    with pytest.raises(StandingError, match=r"^DescribeOrganization (failed: KeyError|names no organization)"):
        Organizations(client).organization()


def test_what_is_no_text_in_a_transfer_counts_as_missing() -> None:
    listed = [{}, "x", {"Target": "x", "Status": 7}, {"ActiveHandshakeId": "h-00000001", "Target": {}}]
    client: Any = Told({"ResponsibilityTransfers": listed})
    nothing = Transfer(None, None, None)
    assert Organizations(client).transfers() == [nothing] * 3 + [Transfer("h-00000001", None, None)]


def test_a_body_that_is_no_list_of_transfers_is_an_error() -> None:
    client: Any = Told({"ResponseMetadata": {"HTTPHeaders": {"content-type": "text/html"}}})
    with pytest.raises(StandingError, match="does not speak the Organizations protocol"):
        Organizations(client).transfers()
