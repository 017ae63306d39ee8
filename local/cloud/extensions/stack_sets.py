"""AWS::CloudFormation::StackSet, service-managed: a stack in every target account, by ministack's own CloudFormation.

An account that joins later gets its stack at the stack set's next update, not by itself (`AutoDeployment`).
"""

import json
import os
import time
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import botocore.session
from botocore.config import Config
from botocore.exceptions import ClientError
from ministack.core.responses import get_account_id, get_region
from ministack.services.cloudformation import provisioners, stacks
from ministack.services.cloudformation.helpers import _resolve_template

from local.cloud.targets import target_accounts

TYPE: Final = "AWS::CloudFormation::StackSet"
_SECONDS: Final = 60
_NOTHING_TO_UPDATE: Final = "No updates are to be performed"

Properties = Mapping[str, Any]
Created = tuple[str, dict[str, str]]


@dataclass(frozen=True)
class Instance:
    """A stack instance: a stack in one account and Region."""

    account: str
    region: str
    stack: str

    def client(self) -> Any:
        """A client of CloudFormation that acts as the account."""
        return _client("cloudformation", self.account, self.region)


class StackSets:
    """The stack sets of this ministack, by physical id, with their instances."""

    def __init__(self) -> None:
        self._instances: dict[str, list[Instance]] = {}

    def create(self, _logical_id: str, properties: Properties, _stack: str) -> Created:
        """Create the stack set and its instances; raises ValueError if too many instances fail."""
        physical_id = f"{properties['StackSetName']}:{uuid.uuid4()}"
        try:
            self._deploy(physical_id, properties)
        except Exception:
            self.delete(physical_id, properties)
            raise
        return physical_id, {"StackSetId": physical_id}

    def update(self, physical_id: str, _old: Properties, properties: Properties, *_: Any) -> Created:
        """Update every instance, create those of new targets, delete those of former ones; raises ValueError."""
        if not physical_id.startswith(f"{properties['StackSetName']}:"):
            raise ValueError("the local cloud does not replace a stack set by one with another name")
        self._deploy(physical_id, properties)
        return physical_id, {"StackSetId": physical_id}

    def delete(self, physical_id: str, _properties: Properties) -> None:
        """Delete every instance."""
        _delete(self._instances.pop(physical_id, []))

    def _deploy(self, physical_id: str, properties: Properties) -> None:
        request = _stack_request(properties)
        kept = self._instances.get(physical_id, [])
        former = {(instance.account, instance.region): instance for instance in kept}
        name = f"StackSet-{physical_id.replace(':', '-')}"
        wanted = [former.pop(place) if place in former else Instance(*place, name) for place in _places(properties)]
        self._instances[physical_id] = [*wanted, *former.values()]
        failed = [*_start(wanted, kept, request), *_wait_for_all(wanted)]
        if len(failed) > _tolerated(properties.get("OperationPreferences", {}), len(wanted)):
            raise ValueError("; ".join(failed))
        _delete([*former.values()])
        self._instances[physical_id] = wanted


def _stack_request(properties: Properties) -> dict[str, Any]:
    """The parameters of CreateStack and UpdateStack that all instances share."""
    if properties.get("PermissionModel") != "SERVICE_MANAGED":
        raise ValueError("the local cloud knows service-managed stack sets only")
    source = {name: [properties[name]] for name in ("TemplateBody", "TemplateURL") if name in properties}
    template, error = _resolve_template(source)
    if error or not template:
        raise ValueError(f"the template of the stack set can't be read: {error or source}")
    return {
        "TemplateBody": template,
        "Parameters": [
            {name: str(parameter[name]) for name in ("ParameterKey", "ParameterValue")}
            for parameter in properties.get("Parameters", [])
        ],
        "Capabilities": properties.get("Capabilities", []),
    }


def _places(properties: Properties) -> list[tuple[str, str]]:
    """Account and Region of every instance; raises ValueError if the caller may not administer the organization."""
    caller, region = get_account_id(), get_region()
    organizations = _client("organizations", caller, region)
    management = organizations.describe_organization()["Organization"]["MasterAccountId"]
    needed = "SELF" if caller == management else "DELEGATED_ADMIN"
    if properties.get("CallAs", "SELF") != needed:
        raise ValueError(f"account {caller} needs CallAs {needed}")
    pages = organizations.get_paginator("list_accounts").paginate()
    accounts = [account for page in pages for account in page["Accounts"]]
    return [
        (account, region)
        for group in properties.get("StackInstancesGroup", [])
        for account in target_accounts(accounts, group["DeploymentTargets"], management_account=management)
        for region in group["Regions"]
    ]


def _start(wanted: list[Instance], kept: list[Instance], request: dict[str, Any]) -> Iterator[str]:
    """Start to create or update the instances; yields what failed at once."""
    for instance in wanted:
        cloudformation = instance.client()
        operation = cloudformation.update_stack if instance in kept else cloudformation.create_stack
        try:
            operation(StackName=instance.stack, **request)
        except ClientError as error:
            if _NOTHING_TO_UPDATE not in str(error):
                yield f"account {instance.account}: {error}"


def _wait_for_all(instances: list[Instance]) -> list[str]:
    return [problem for instance in instances if (problem := _wait(instance))]


def _wait(instance: Instance) -> str | None:
    """Wait until nothing of the instance is in progress; returns what failed."""
    cloudformation = instance.client()
    end = time.monotonic() + _SECONDS
    while True:
        try:
            [stack] = cloudformation.describe_stacks(StackName=instance.stack)["Stacks"]
        except ClientError:  # it was not created, or is deleted
            return None
        if not stack["StackStatus"].endswith("_IN_PROGRESS"):
            break
        if time.monotonic() > end:
            return f"account {instance.account}: the stack takes more than {_SECONDS} s"
        time.sleep(0.02)
    if stack["StackStatus"] in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
        return None
    events = cloudformation.describe_stack_events(StackName=instance.stack)["StackEvents"]
    reasons = [
        event["ResourceStatusReason"]
        for event in events
        if event["ResourceStatus"].endswith("_FAILED") and event.get("ResourceStatusReason")
    ]
    return f"account {instance.account}: {stack['StackStatus']}: {json.dumps(reasons)}"


def _tolerated(preferences: Mapping[str, Any], instances: int) -> int:
    if "FailureTolerancePercentage" in preferences:
        return instances * int(preferences["FailureTolerancePercentage"]) // 100
    return int(preferences.get("FailureToleranceCount", 0))


def _delete(instances: list[Instance]) -> None:
    for instance in instances:
        instance.client().delete_stack(StackName=instance.stack)
    if failed := _wait_for_all(instances):
        raise ValueError("; ".join(failed))


_session: Final = botocore.session.Session()


def _client(service: str, account: str, region: str) -> Any:
    """A client of this very ministack that acts as the account's root user."""
    return _session.create_client(
        service,
        region_name=region,
        endpoint_url=f"http://127.0.0.1:{os.environ['GATEWAY_PORT']}",
        aws_access_key_id=account,
        aws_secret_access_key="local",  # noqa: S106 - ministack asks for none
        config=Config(proxies={}, retries={"total_max_attempts": 1}),
    )


_runs_on_worker_thread = stacks._runs_on_worker_thread  # noqa: SLF001


def _runs_on_a_thread(resource_type: str) -> bool:
    """True if provisioning the type waits for this very ministack."""
    return resource_type == TYPE or bool(_runs_on_worker_thread(resource_type))


def install() -> None:
    """Let CloudFormation deploy stack sets."""
    stack_sets = StackSets()
    provisioners._RESOURCE_HANDLERS[TYPE] = {  # noqa: SLF001
        "create": stack_sets.create,
        "update": stack_sets.update,
        "delete": stack_sets.delete,
    }
    stacks._runs_on_worker_thread = _runs_on_a_thread  # noqa: SLF001
