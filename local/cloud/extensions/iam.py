"""Names of roles that are taken; and condition keys, for `AUTH=true`, by which ministack enforces IAM policies.

- CloudFormation creates no role whose name is taken; ministack overwrites it.
- `events:source` of PutEvents, which ministack lacks.
- `aws:SecureTransport` is true: every request comes over the loopback.
- `aws:PrincipalArn` of a role's session is the role's ARN (IAM user guide, "AWS global condition context keys");
  ministack takes the session's.
"""

import json
from collections.abc import Mapping
from typing import Any

import ministack.app
from ministack.core import iam_actions, iam_evaluator
from ministack.core.iam_evaluator import pin_request_origin
from ministack.core.responses import get_region
from ministack.services import iam
from ministack.services.cloudformation import provisioners

_request_tag_context = iam_actions.request_tag_context


def _request_context(service: str, action: str, body: bytes, parameters: dict[str, Any]) -> dict[str, Any]:
    context: dict[str, Any] = _request_tag_context(service, action, body, parameters)
    if action == "events:PutEvents":
        context["events:source"] = [entry.get("Source") for entry in json.loads(body).get("Entries", [])]
    return context


def _pin_as_secure(source_ip: str, _secure: bool) -> None:
    # Policies of queues and buckets deny requests without TLS.
    pin_request_origin(source_ip, True)


_resolve_condition_key = iam_evaluator._resolve_condition_key  # noqa: SLF001


def _resolve_key(key: str, context: Any) -> Any:
    if key.lower() == "aws:principalarn" and ":assumed-role/" in context.principal_arn:
        return _role_arn(context.principal_arn)
    return _resolve_condition_key(key, context)


def _role_arn(session_arn: str) -> str:
    """The ARN of the role of a session, as in `arn:aws:sts::123456789012:assumed-role/NAME/SESSION`."""
    _, partition, _, _, account, resource = session_arn.split(":", 5)
    name = resource.split("/")[1]
    role = iam._roles.get_scoped(account, None, name) or {}  # noqa: SLF001
    return str(role.get("Arn", f"arn:{partition}:iam::{account}:role/{name}"))


def denial(role_arn: str, action: str, resource: str) -> str:
    """Why a role may not do that, in the words of IAM; empty if it may, or if nothing is enforced.

    ministack's own services call each other without any role.
    """
    if not ministack.app.AUTH:
        return ""
    _, partition, _, _, account, path = role_arn.split(":", 5)
    name = path.rsplit("/")[-1]
    context = iam_evaluator.EvalContext(
        principal_arn=f"arn:{partition}:sts::{account}:assumed-role/{name}/service",
        principal_type="AssumedRole",
        principal_account=account,
        action=action,
        resource_arn=resource,
        region=get_region(),
    )
    policies = iam_evaluator._gather_role_policies(name, account)  # noqa: SLF001
    decision = iam_evaluator.evaluate(context, policies).decision
    if decision == "Allow":
        return ""
    return str(iam_actions.identity_denial_message(action, context.principal_arn, resource, decision == "Deny"))


_role_handlers = provisioners._RESOURCE_HANDLERS["AWS::IAM::Role"]  # noqa: SLF001
_create_role = _role_handlers["create"]


def _create_new_role(logical_id: str, properties: Mapping[str, Any], stack: str) -> Any:
    name = properties.get("RoleName")
    if name and iam._roles.get(name) is not None:  # noqa: SLF001
        raise ValueError(f"Role with name {name} already exists.")
    return _create_role(logical_id, properties, stack)


def install() -> None:
    """Refuse names of roles that are taken; complete the context of requests and of roles' trust policies."""
    _role_handlers["create"] = _create_new_role
    iam_actions.request_tag_context = _request_context
    ministack.app.pin_request_origin = _pin_as_secure
    iam_evaluator._resolve_condition_key = _resolve_key  # noqa: SLF001
