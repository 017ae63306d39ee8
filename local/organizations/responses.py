"""The handshake operations as a moto response class, for mock_aws and for moto's HTTP server."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import moto.organizations.urls
from moto.core.responses import ActionResult
from moto.organizations.responses import OrganizationsResponse

from local.control.faults import Call, Fault
from local.organizations import accounts, all_features, membership, receiving, sending, transfers
from local.organizations.caller import Caller
from local.organizations.exceptions import TooManyRequestsError
from local.organizations.parameters import Request
from local.organizations.state import State, current_state

HttpAnswer = tuple[int, dict[str, str], str]
UNRECORDED = "x-local-unrecorded"
"""The header of a call that is not recorded, and that faults and quotas do not apply to."""


class HandshakesResponse(OrganizationsResponse):  # type: ignore[misc]  # moto is untyped
    """moto's Organizations with the ten operations that it lacks; a method's name is the operation's."""

    def invite_account_to_organization(self) -> str:
        """Answer InviteAccountToOrganization."""
        return self._answer(sending.invite_account)

    def invite_organization_to_transfer_responsibility(self) -> str:
        """Answer InviteOrganizationToTransferResponsibility."""
        return self._answer(sending.invite_to_transfer_responsibility)

    def enable_all_features(self) -> str:
        """Answer EnableAllFeatures."""
        return self._answer(all_features.enable_all_features)

    def list_handshakes_for_account(self) -> str:
        """Answer ListHandshakesForAccount."""
        return self._answer(receiving.list_received)

    def list_handshakes_for_organization(self) -> str:
        """Answer ListHandshakesForOrganization."""
        return self._answer(sending.list_sent)

    def list_accounts(self) -> str:
        """Answer ListAccounts."""
        return self._answer(accounts.list_accounts)

    def describe_handshake(self) -> str:
        """Answer DescribeHandshake."""
        return self._answer(receiving.describe)

    def decline_handshake(self) -> str:
        """Answer DeclineHandshake."""
        return self._answer(receiving.decline)

    def accept_handshake(self) -> str:
        """Answer AcceptHandshake."""
        return self._answer(receiving.accept)

    def cancel_handshake(self) -> str:
        """Answer CancelHandshake."""
        return self._answer(sending.cancel)

    def delete_organization(self) -> str:
        """Answer DeleteOrganization; moto refuses it unless the management account is *named* `master`."""
        backend = self.organizations_backend
        if backend.org is not None and len(backend.accounts) == 1:
            backend.accounts[0].name = "master"
        return str(super().delete_organization())

    def list_outbound_responsibility_transfers(self) -> str:
        """Answer ListOutboundResponsibilityTransfers."""
        return self._answer(transfers.list_outbound)

    def call_action(self) -> HttpAnswer:
        """Answer any operation of Organizations: record the call, run hooks, apply faults and quotas, execute it."""
        state = current_state()
        if UNRECORDED in self.headers:
            with state.lock:
                answer: HttpAnswer = super().call_action()
                return answer
        call = Call(self._get_action(), self.current_account, self.request_params)
        state.calls.append(call)
        # Hooks run outside the lock: a hook may call the server, which answers in another thread.
        while (hook := state.faults.take_hook(call)) is not None:
            hook(call)
        with state.lock:
            status, headers, body = self._execute(state, call)
        call.error = headers.get("X-Amzn-Errortype")
        return status, headers, body

    def _execute(self, state: State, call: Call) -> HttpAnswer:
        fault = state.faults.take_fault(call)
        if fault is not None and not fault.takes_effect:
            return _inject(fault)
        if not state.throttle.allows(call.operation, call.account, self._organization_id()):
            answer: HttpAnswer = self.serialized(ActionResult(TooManyRequestsError()))
            return answer
        status, headers, body = super().call_action()
        return (status, headers, body) if fault is None else _inject(fault)

    def _organization_id(self) -> str | None:
        organization = membership.organization_of(self.current_account, self.partition)
        return None if organization is None else organization.id

    def _answer(self, operation: Callable[[Caller, Request], dict[str, Any]]) -> str:
        caller = Caller(self.current_account, self.partition, current_state())
        return to_json(operation(caller, self.request_params))


def to_json(answer: object) -> str:
    """An answer as JSON, timestamps as seconds since 1970; raises TypeError for other types than JSON's."""
    # moto's own serializer would drop members that the service model does not know.
    return json.dumps(answer, default=_to_epoch)


def _to_epoch(value: object) -> float:
    if not isinstance(value, datetime):
        raise TypeError(f"`{value!r}` can't go over the wire: JSON and timestamps only")
    return (value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp()


def _inject(fault: Fault) -> HttpAnswer:
    # Not by moto's serializer: tests inject codes that the service model does not know.
    fields = {"__type": fault.code, "message": fault.message, "Message": fault.message}
    body = json.dumps(fields if fault.reason is None else {**fields, "Reason": fault.reason})
    return fault.status, {"X-Amzn-Errortype": fault.code, "Content-Type": "application/x-amz-json-1.1"}, body


def install() -> None:
    """Make moto answer the handshake operations; calling it again changes nothing.

    Inside mock_aws moto looks its table of URLs up at every call. A server looks it up once, at its first call of
    Organizations: install before that.
    """
    moto.organizations.urls.url_paths["{0}/$"] = HandshakesResponse.dispatch
