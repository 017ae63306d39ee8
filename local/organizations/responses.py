"""The handshake operations as part of moto: inside mock_aws and behind moto's HTTP server alike."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import moto.organizations.urls
from moto.core.responses import ActionResult
from moto.organizations.responses import OrganizationsResponse

from local.control.faults import Call, Fault
from local.organizations import all_features, membership, receiving, sending
from local.organizations.caller import Caller
from local.organizations.exceptions import TooManyRequestsError
from local.organizations.parameters import Request
from local.organizations.state import State, current_state

HttpAnswer = tuple[int, dict[str, str], str]


class HandshakesResponse(OrganizationsResponse):  # type: ignore[misc]  # moto is untyped
    """moto's Organizations with the nine operations that it lacks; moto finds a method by the operation's name."""

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
        """Answer DeleteOrganization, which moto refuses where the management account is not *named* `master`."""
        backend = self.organizations_backend
        if backend.org is not None and len(backend.accounts) == 1:
            backend.accounts[0].name = "master"
        return str(super().delete_organization())

    def call_action(self) -> HttpAnswer:
        """Answer any operation of Organizations: recorded, after the hooks, within quotas, and unless a fault hits."""
        state = current_state()
        call = Call(self._get_action(), self.current_account, self.request_params)
        state.calls.append(call)
        # Outside the lock: a hook may call the server, which answers in another thread.
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
    """An answer as it goes over the wire, timestamps as seconds since 1970; TypeError for what JSON can't carry."""
    # Not through moto's serializer, which drops whatever the service model does not know.
    return json.dumps(answer, default=_to_epoch)


def _to_epoch(value: object) -> float:
    if not isinstance(value, datetime):
        raise TypeError(f"`{value!r}` can't go over the wire: JSON and timestamps only")
    return (value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp()


def _inject(fault: Fault) -> HttpAnswer:
    # By hand, so that tests may inject codes that the service model does not know.
    fields = {"__type": fault.code, "message": fault.message, "Message": fault.message}
    body = json.dumps(fields if fault.reason is None else {**fields, "Reason": fault.reason})
    return fault.status, {"X-Amzn-Errortype": fault.code, "Content-Type": "application/x-amz-json-1.1"}, body


def install() -> None:
    """Let moto answer the handshake operations from now on; doing it again changes nothing.

    moto looks the entry up at every call inside mock_aws, and once in the life of a server, at its first call of
    Organizations: install before that.
    """
    moto.organizations.urls.url_paths["{0}/$"] = HandshakesResponse.dispatch
