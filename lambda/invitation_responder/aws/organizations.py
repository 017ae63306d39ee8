"""An account's handshakes over boto3: the received handshakes, the two answers, and what accepting has led to.

Errors are those of the SDK's service model, quotas those of the service's quota page: DeclineHandshake and
AcceptHandshake once a second per account, DescribeHandshake once a second.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Literal

from invitation_responder.aws.client import CALL_ERRORS, describe_error, error_code, error_reason, is_refusal
from invitation_responder.aws.pace import Pace
from invitation_responder.aws.pages import ListingError, pages
from invitation_responder.core.handshake import CLOSED_STATES, Handshake, read_handshake
from invitation_responder.core.refusals import advise_on_refusal
from invitation_responder.core.standing import Transfer

if TYPE_CHECKING:
    from mypy_boto3_organizations import OrganizationsClient
    from mypy_boto3_organizations.type_defs import ListHandshakesForAccountResponseTypeDef

SECONDS_BETWEEN_ANSWERS: Final = 1.1  # the quota is one a second; the rest allows for network jitter
ATTEMPTS_AT_CONCURRENT_MODIFICATION: Final = 4
MAX_PAGES: Final = 1000


@dataclass(frozen=True, slots=True)
class Answer:
    """The result of an answer: its outcome, the last state that AWS reported, and a detail for the record.

    `is_certain` is False if it is unknown whether AWS took the answer.
    """

    outcome: Literal["declined", "accepted", "already_closed", "failed"]
    state: str | None
    detail: str = ""
    is_certain: bool = True


class StandingError(Exception):
    """It can't be read what accepting has led to. The cause is the error of the call, if one failed."""


class Organizations:
    """The handshake operations of the account that `client`'s credentials belong to."""

    def __init__(
        self,
        client: "OrganizationsClient",
        *,
        listing: Pace | None = None,
        sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Pace answers by `monotonic` and `sleep` (seconds), and pages of the listing by `listing`, if given."""
        self._client = client
        self._listing = listing
        self._sleep = sleep
        self._answers = Pace(SECONDS_BETWEEN_ANSWERS, sleep=sleep, monotonic=monotonic)

    def received(self, receiver: str) -> list[Handshake]:
        """All handshakes that the account has received, closed ones of the last 30 days too, each once.

        Raises `ListingError` if a call fails, or if the listing has no end.
        """
        # A handshake that moves to another page during the listing appears twice: the later state counts.
        found = {handshake.id: handshake for handshake in self._listed(receiver)}
        return list(found.values())

    def _listed(self, receiver: str) -> Iterator[Handshake]:
        for page in pages(self._page, "ListHandshakesForAccount", MAX_PAGES):
            for raw in _items_of(page, "Handshakes"):
                yield read_handshake(raw, receiver)

    def _page(self, **parameters: Any) -> "ListHandshakesForAccountResponseTypeDef":
        if self._listing:
            self._listing.wait()
        return self._client.list_handshakes_for_account(**parameters)

    def organization(self) -> str | None:
        """The id of the organization that the account is in, None if it is in none; raises `StandingError`."""
        try:
            found: object = self._client.describe_organization()["Organization"]["Id"]
        except CALL_ERRORS as error:
            if error_code(error) == "AWSOrganizationsNotInUseException":
                return None
            raise StandingError(f"DescribeOrganization failed: {describe_error(error)}") from error
        if not isinstance(found, str):
            raise StandingError("DescribeOrganization names no organization")
        return found

    def transfers(self) -> list[Transfer]:
        """The transfers by which others pay the bill of the account's organization; raises `StandingError`.

        They are outbound for who has accepted them: "transfers that allow an account outside your organization to
        manage the specified responsibilities for your organization" (service model). Only a management account may
        list them.
        """
        call = partial(self._client.list_outbound_responsibility_transfers, Type="BILLING")
        try:
            found = pages(call, "ListOutboundResponsibilityTransfers", MAX_PAGES)
            return [_read_transfer(raw) for page in found for raw in _items_of(page, "ResponsibilityTransfers")]
        except ListingError as error:
            raise StandingError(str(error)) from error.__cause__

    def decline(self, handshake_id: str) -> Answer:
        """Decline one handshake. Errors of the call become the answer's outcome, and are not raised."""
        return self._answer(self._client.decline_handshake, handshake_id, "declined", "DECLINED")

    def accept(self, handshake_id: str) -> Answer:
        """Accept one handshake, which moves the account or its bill. Errors as in `decline`."""
        return self._answer(self._client.accept_handshake, handshake_id, "accepted", "ACCEPTED")

    def _answer(
        self,
        call: Callable[..., Any],
        handshake_id: str,
        outcome: Literal["declined", "accepted"],
        state: str,
    ) -> Answer:
        attempts = 0
        while True:
            self._answers.wait()
            attempts += 1
            try:
                call(HandshakeId=handshake_id)
            except CALL_ERRORS as error:
                match error_code(error):
                    case "HandshakeAlreadyInStateException":
                        return Answer(outcome, state)
                    case "HandshakeNotFoundException":
                        return Answer("already_closed", None, "it is gone: AWS knows no such handshake any more")
                    case "InvalidHandshakeTransitionException":
                        return self._answered_by_others(handshake_id)
                    case "ConcurrentModificationException" if attempts < ATTEMPTS_AT_CONCURRENT_MODIFICATION:
                        self._sleep(2.0**attempts)  # botocore does not retry this error
                    case _:
                        return _describe_failure(error, outcome)
            else:
                return Answer(outcome, state)

    def _answered_by_others(self, handshake_id: str) -> Answer:
        """The result for a handshake that takes no answer any more, by its present state."""
        try:
            raw = self._client.describe_handshake(HandshakeId=handshake_id).get("Handshake")
        except CALL_ERRORS as error:
            return Answer("failed", None, f"AWS takes no answer, and its state can't be read: {describe_error(error)}")
        state = read_handshake(raw, "").state
        if state in CLOSED_STATES:
            return Answer("already_closed", state, f"somebody was faster: it is {state}")
        return Answer("failed", state, f"AWS takes no answer although the handshake is {state}")


def _describe_failure(error: Exception, outcome: Literal["declined", "accepted"]) -> Answer:
    if not is_refusal(error):
        detail = f"AWS did not say whether it took the answer: {describe_error(error)}"
        return Answer("failed", None, detail, is_certain=False)
    advice = advise_on_refusal(error_code(error), error_reason(error)) if outcome == "accepted" else ""
    return Answer("failed", None, f"the answer failed: {describe_error(error)}{f' ({advice})' if advice else ''}")


def _items_of(page: Mapping[str, Any], member: str) -> Sequence[object]:
    """A page's items. botocore takes any body for a page without them, a login page or a proxy's greeting too."""
    if member in page:
        items: Sequence[object] = page[member]
        return items
    content_type = page["ResponseMetadata"]["HTTPHeaders"].get("content-type", "")
    if "json" not in content_type:
        raise ListingError(f"the endpoint does not speak the Organizations protocol: it sent {content_type!r}")
    return []


def _read_transfer(raw: object) -> Transfer:
    """A transfer from the API's object; whatever is no text in it counts as missing."""
    target = _member(raw, "Target")
    found = (_member(raw, "ActiveHandshakeId"), _member(target, "ManagementAccountId"), _member(raw, "Status"))
    return Transfer(*(value if isinstance(value, str) else None for value in found))


def _member(raw: object, name: str) -> object:
    return raw.get(name) if isinstance(raw, Mapping) else None
