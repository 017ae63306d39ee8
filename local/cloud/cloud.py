"""A running local cloud: its address, the CDK's commands on it, and the deployed stack.

A cloud has two servers. ministack takes a real `cdk bootstrap` and `cdk deploy`, fires the schedule, runs the function,
and keeps tables, logs and queues. It hands every call of Organizations, which it has no handshakes for, on to the
embedded AWS of this process.
"""

import json
import os
import shlex
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import boto3
from botocore.exceptions import ClientError

from local.embedded.listener import take_messages
from local.embedded.server import HOST
from local.embedded.sessions import isolated_session
from local.embedded.world import EmbeddedAws

ROOT: Final = Path(__file__).parents[2]
# ministack reads an access key of 12 digits as the account's id.
ACCOUNT: Final = "123456789012"
REGION: Final = "eu-west-1"
STACK: Final = "InvitationResponder"


class CloudError(Exception):
    """The local cloud failed; the message has its output."""


@dataclass(frozen=True, slots=True)
class Mail:
    """A message of the topic, as an e-mail program shows it."""

    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class Cloud:
    """A running ministack at `endpoint`, the embedded AWS beside it, and a folder for the cloud's files."""

    endpoint: str
    aws: EmbeddedAws
    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        """The environment of a command that uses this cloud, without this machine's own AWS settings."""
        own = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "CDK_"))}
        own |= isolated_environment()
        return (
            own
            | self.address
            | {
                # Node.js and this Python come from the project's environment.
                "PATH": f"{Path(sys.executable).parent}{os.pathsep}{own.get('PATH', '')}",
                "CDK_HOME": str(self.folder / "cdk"),
                "CDK_DISABLE_CLI_TELEMETRY": "true",
                "CI": "true",
            }
        )

    @property
    def address(self) -> dict[str, str]:
        """The environment variables that point any AWS SDK or CLI at this cloud."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": ACCOUNT,
            "AWS_SECRET_ACCESS_KEY": "local",
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
        }

    def client(
        self,
        service: str,
        *,
        account: str = ACCOUNT,
        credentials: Mapping[str, str] | None = None,
        region: str = REGION,
    ) -> Any:
        """A boto3 client of ministack that acts as an account's root user, or by `Credentials` of STS."""
        session = isolated_session()
        if credentials is None:
            session.set_credentials(account, "local")
        else:
            session.set_credentials(*(credentials[name] for name in ("AccessKeyId", "SecretAccessKey", "SessionToken")))
        return boto3.Session(botocore_session=session).client(
            service,  # type: ignore[call-overload] # any service's name
            region_name=region,
            endpoint_url=self.endpoint,
        )

    def cdk(self, *arguments: str, app: str | None = "infra.app", account: str = ACCOUNT) -> str:
        """Run the pinned CDK CLI in an account and return its output; raises `CloudError` if it fails.

        Without `app` it takes what was synthesized last.
        """
        assembly = str(self.folder / "cdk.out")
        command = f"{shlex.quote(sys.executable)} -m {app}" if app else assembly
        done = subprocess.run(  # noqa: S603 - our own arguments
            [
                *(str(ROOT / "node_modules" / ".bin" / "cdk"), "--no-notices", "--no-version-reporting"),
                *("--app", command, *(("--output", assembly) if app else ())),
                *arguments,
            ],
            cwd=ROOT,
            # The columns keep an action's name on one line.
            env=self.environment | {"COLUMNS": "500", "AWS_ACCESS_KEY_ID": account},
            capture_output=True,
            text=True,
            check=False,
        )
        printed = done.stdout + done.stderr
        if done.returncode:
            raise CloudError(f"cdk {arguments[0]} failed:\n{printed}")
        return printed

    @property
    def policy(self) -> Path:
        """The policy's file, which `deploy` reads."""
        return self.folder / "policy.yaml"

    def bootstrap(self) -> None:
        """Run `cdk bootstrap`; raises `CloudError`."""
        self.cdk("bootstrap", f"aws://{ACCOUNT}/{REGION}")

    def deploy(self, *, schedule: str = "1m", asking: bool = False, **settings: str) -> str:
        """Run `cdk deploy` with this cloud's policy and return its output; raises `CloudError`.

        `settings` are more keys of `cdk.json`, as in `scope`. With `asking` the CDK wants a y from a terminal before it
        widens permissions, which is its default.
        """
        chosen = {"policy": str(self.policy), "schedule": schedule, **settings}
        context = [part for key, value in chosen.items() for part in ("--context", f"{key}={value}")]
        return self.cdk("deploy", STACK, *(() if asking else ("--require-approval", "never")), *context)

    def deploy_member(self, account: str) -> str:
        """Deploy the member's role to one account, as `deploy` has synthesized it; raises `CloudError`."""
        parameters = ("--parameters", f"HubAccount={ACCOUNT}", "--require-approval", "never")
        return self.cdk("deploy", f"{STACK}Member", *parameters, account=account, app=None)

    def destroy(self) -> None:
        """Run `cdk destroy`; raises `CloudError`."""
        self.cdk("destroy", STACK, "--force", app="infra.removal")

    def outputs(self) -> dict[str, str]:
        """The stack's outputs: LedgerTable, TopicArn, FunctionName, LogGroupName, DeadLetterQueueUrl.

        Empty if there is no stack, or if its first deployment is not finished.
        """
        try:
            [stack] = self.client("cloudformation").describe_stacks(StackName=STACK)["Stacks"]
        except ClientError:
            return {}
        return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}

    def wait_for_stack(self, name: str, *, account: str = ACCOUNT, seconds: float = 60) -> str:
        """Wait until nothing of a stack is in progress; returns its status, which is empty if it is deleted.

        Raises `CloudError` after `seconds`.
        """
        cloudformation = self.client("cloudformation", account=account)

        def status() -> str:
            try:
                return str(cloudformation.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"])
            except ClientError:
                return ""

        if not wait_for(lambda: not status().endswith("_IN_PROGRESS"), seconds=seconds, every=0.05):
            raise CloudError(f"stack {name} is still {status()}")
        return status()

    def execute(self, state_machine: str, *, seconds: float = 60, **parameters: Any) -> dict[str, Any]:
        """Start an execution of the state machine with that ARN, and wait for its end.

        `parameters` are StartExecution's, as in `input`; returns DescribeExecution's answer. Raises `CloudError` after
        `seconds`.
        """
        states = self.client("stepfunctions")
        arn = states.start_execution(stateMachineArn=state_machine, **parameters)["executionArn"]

        def described() -> dict[str, Any]:
            answer: dict[str, Any] = states.describe_execution(executionArn=arn)
            return answer

        if not wait_for(lambda: described()["status"] != "RUNNING", seconds=seconds, every=0.05):
            raise CloudError("\n".join([f"{arn} is still running", *self.log_lines()]))
        return described()

    def subscribe(self) -> str:
        """Subscribe a queue to the stack's topic, always the same queue; returns its URL."""
        sqs = self.client("sqs")
        arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:listener"
        anyone = {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}}
        policy = {"Version": "2012-10-17", "Statement": [anyone | {"Action": "sqs:SendMessage", "Resource": arn}]}
        url: str = sqs.create_queue(QueueName="listener", Attributes={"Policy": json.dumps(policy)})["QueueUrl"]
        self.client("sns").subscribe(TopicArn=self.outputs()["TopicArn"], Protocol="sqs", Endpoint=arn)
        return url

    def shorten_windows(self, seconds: int) -> None:
        """Let events wait only so many seconds for others that make a message or a sweep with them."""
        functions = self.client("lambda")
        for mapping in functions.list_event_source_mappings()["EventSourceMappings"]:
            window = min(seconds, mapping["MaximumBatchingWindowInSeconds"])
            functions.update_event_source_mapping(UUID=mapping["UUID"], MaximumBatchingWindowInSeconds=window)

    def take_mails(self, queue: str) -> list[Mail]:
        """Receive and delete the messages in the queue of that URL, as an e-mail program shows them."""
        envelopes = map(json.loads, take_messages(self.client("sqs"), queue))
        return [Mail(envelope.get("Subject") or "", envelope["Message"]) for envelope in envelopes]

    def collect(self, queue: str, enough: Callable[[list[Mail]], bool], *, seconds: float = 60) -> list[Mail]:
        """Take messages from a queue until `enough` is true of them; raises `CloudError` after `seconds`."""
        collected: list[Mail] = []

        def is_enough() -> bool:
            collected.extend(self.take_mails(queue))
            return enough(collected)

        if not wait_for(is_enough, seconds=seconds):
            raise CloudError("\n".join(["not enough has come to the queue:", *map(str, collected), *self.log_lines()]))
        return collected

    def put_call_event(self, name: str, *, account: str = ACCOUNT, region: str = REGION, times: int = 1) -> None:
        """Put the event of a call by a person on the default bus, as AWS Organizations does, so many `times`.

        Raises `CloudError`.
        """
        issuer = {"type": "Role", "arn": f"arn:aws:iam::{account}:role/Admin"}
        detail = {
            "eventSource": "organizations.amazonaws.com",
            "eventName": name,
            "userIdentity": {"type": "AssumedRole", "sessionContext": {"sessionIssuer": issuer}},
        }
        entry = {
            "Source": "aws.organizations",
            "DetailType": "AWS API Call via CloudTrail",
            "Detail": json.dumps(detail),
        }
        events = self.client("events", account=account, region=region)
        for start in range(0, times, 10):
            answer = events.put_events(Entries=[entry] * min(10, times - start))
            if answer["FailedEntryCount"]:
                raise CloudError(f"events were rejected: {answer['Entries'][0]}")

    def log_lines(self) -> list[str]:
        """The function's whole log; empty if there is no stack."""
        group = self.outputs().get("LogGroupName")
        if not group:
            return []
        pages = self.client("logs").get_paginator("filter_log_events").paginate(logGroupName=group)
        try:
            return [event["message"].rstrip() for page in pages for event in page["events"]]
        except ClientError:  # the log group was deleted meanwhile
            return []


def isolated_environment() -> dict[str, str]:
    """Environment variables that hide this machine's AWS settings, and keep its proxy from the loopback."""
    direct = ",".join(filter(None, [os.environ.get("NO_PROXY") or os.environ.get("no_proxy"), HOST]))
    files = dict.fromkeys(("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"), os.devnull)
    return files | {"NO_PROXY": direct, "no_proxy": direct}


def wait_for(condition: Callable[[], Any], *, seconds: float, every: float = 0.2) -> bool:
    """Wait until `condition` is true; False if it is not within `seconds`."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(every)
    return True
