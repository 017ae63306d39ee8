"""A cloud on this machine that the responder can really be deployed to.

ministack is the AWS: it takes a real `cdk bootstrap` and `cdk deploy`, fires the schedule, runs the function, keeps
tables, logs, queues. It has no handshakes: for Organizations the function speaks to the embedded AWS of this process.
"""

import json
import os
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import boto3
from botocore.exceptions import ClientError

from local.embedded.listener import take_messages
from local.embedded.server import HOST, serve
from local.embedded.sessions import isolated_session
from local.embedded.world import EmbeddedAws

ROOT: Final = Path(__file__).parents[2]
# The account of credentials that nobody has heard of, in moto; and in ministack, what an access key of 12 digits names.
ACCOUNT: Final = "123456789012"
REGION: Final = "eu-west-1"
STACK: Final = "InvitationResponder"
POLICY: Final = """\
version: 1
mode: enforce
rules:
  - {name: our-organization, effect: allow, organizations: [o-exampleorgid]}
"""
_START_SECONDS: Final = 60
# ministack pins its botocore: it has an environment of its own
_INTERPRETER: Final = ROOT / ".cloud" / "bin" / "python"


class CloudError(Exception):
    """The local cloud does not do what it should; the message holds what it said."""


@dataclass(frozen=True, slots=True)
class Cloud:
    """A running ministack, and the embedded AWS beside it, which has the handshakes."""

    endpoint: str
    aws: EmbeddedAws
    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        """The environment of a command that talks to this cloud, with nothing of this machine's own AWS settings."""
        own = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "CDK_"))}
        own |= _isolated()
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
        """The environment variables by which any AWS SDK or CLI finds this cloud."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ENDPOINT_URL_ORGANIZATIONS": str(self.aws.endpoint_url),
            "AWS_ACCESS_KEY_ID": ACCOUNT,
            "AWS_SECRET_ACCESS_KEY": "local",
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
        }

    def client(self, service: str) -> Any:
        """A boto3 client of this cloud."""
        session = isolated_session()
        session.set_credentials(ACCOUNT, "local")
        return boto3.Session(botocore_session=session).client(
            service,  # type: ignore[call-overload] # a name as it comes
            region_name=REGION,
            endpoint_url=self.endpoint,
        )

    def cdk(self, *arguments: str, app: str = "infra.app") -> str:
        """Run the pinned CDK CLI; returns what it printed, CloudError where it fails."""
        done = subprocess.run(  # noqa: S603 - our own arguments
            [
                *(str(ROOT / "node_modules" / ".bin" / "cdk"), "--no-notices", "--no-version-reporting"),
                *("--app", f"{shlex.quote(sys.executable)} -m {app}", "--output", str(self.folder / "cdk.out")),
                *arguments,
            ],
            cwd=ROOT,
            env=self.environment | {"COLUMNS": "500"},  # no name of an action is broken into two lines
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
        """The policy that is deployed."""
        return self.folder / "policy.yaml"

    def bootstrap(self) -> None:
        """`cdk bootstrap`."""
        self.cdk("bootstrap", f"aws://{ACCOUNT}/{REGION}")

    def deploy(self, *, schedule: str = "1m", asking: bool = False) -> str:
        """`cdk deploy` with the policy above; returns what it printed.

        With `asking` it wants a y from a terminal before it widens permissions, as it does where nothing is said.
        """
        context = ("--context", f"policy={self.policy}", "--context", f"schedule={schedule}")
        return self.cdk("deploy", *(() if asking else ("--require-approval", "never")), *context)

    def destroy(self) -> None:
        """`cdk destroy`."""
        self.cdk("destroy", "--force", app="infra.removal")

    def outputs(self) -> dict[str, str]:
        """The stack's outputs: LedgerTable, TopicArn, FunctionName, LogGroupName, DeadLetterQueueUrl.

        Nothing where there is no stack, or none yet that is whole.
        """
        try:
            [stack] = self.client("cloudformation").describe_stacks(StackName=STACK)["Stacks"]
        except ClientError:
            return {}
        return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}

    def subscribe(self) -> str:
        """Subscribe a queue to the topic, the same one each time; returns its URL."""
        sqs = self.client("sqs")
        arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:listener"
        anyone = {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}}
        policy = {"Version": "2012-10-17", "Statement": [anyone | {"Action": "sqs:SendMessage", "Resource": arn}]}
        url: str = sqs.create_queue(QueueName="listener", Attributes={"Policy": json.dumps(policy)})["QueueUrl"]
        self.client("sns").subscribe(
            TopicArn=self.outputs()["TopicArn"],
            Protocol="sqs",
            Endpoint=arn,
            Attributes={"RawMessageDelivery": "true"},
        )
        return url

    def take_messages(self, queue: str) -> list[str]:
        """Take what has come to a queue."""
        return take_messages(self.client("sqs"), queue)

    def collect(self, queue: str, enough: Callable[[list[str]], bool], *, seconds: float = 60) -> list[str]:
        """Take what comes to a queue until it is enough; CloudError with what came where it is not in time."""
        heard: list[str] = []

        def is_enough() -> bool:
            heard.extend(self.take_messages(queue))
            return enough(heard)

        if not wait_for(is_enough, seconds=seconds):
            raise CloudError("\n".join(["not enough has come to the queue:", *heard, *self.log_lines()]))
        return heard

    def log_lines(self) -> list[str]:
        """Everything that the function has logged; nothing where the stack is gone."""
        group = self.outputs().get("LogGroupName")
        if not group:
            return []
        pages = self.client("logs").get_paginator("filter_log_events").paginate(logGroupName=group)
        try:
            return [event["message"].rstrip() for page in pages for event in page["events"]]
        except ClientError:  # the group went while it was read
            return []


@contextmanager
def start_cloud(*, auth: bool = False) -> Iterator[Cloud]:
    """Run an empty cloud, its ministack in a process that ends with it. CloudError where it does not start.

    With `auth` it holds IAM policies: the function may do what its role allows. Organizations is not ministack's, and
    denies nothing; ask `simulate_principal_policy` about it.
    """
    with serve() as aws, tempfile.TemporaryDirectory() as folder:
        Path(folder, "policy.yaml").write_text(POLICY)
        port = _free_port()
        # It hands its environment on to the function, which must find there what Lambda has and nothing else.
        environment = _isolated() | {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": folder,
            "TMPDIR": folder,
            "AUTH": str(auth).lower(),
            "GATEWAY_PORT": str(port),
            "BIND_HOST": HOST,
            "MINISTACK_ACCOUNT_ID": ACCOUNT,
            # What stands here reaches the function: it asks this process about handshakes, with no hook in the stack.
            "AWS_ENDPOINT_URL_ORGANIZATIONS": str(aws.endpoint_url),
        }
        log = Path(folder, "ministack.log")
        with (
            log.open("wb") as output,
            subprocess.Popen(  # noqa: S603 - our own arguments
                [str(_INTERPRETER), "-P", str(ROOT / "local" / "cloud" / "emulator.py")],
                cwd=folder,
                env=environment,
                stdin=subprocess.PIPE,  # closed when this process ends, however it does: then ministack ends, too
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # its functions run in processes of their own: they end with it
            ) as process,
        ):
            try:
                wait_for(lambda: process.poll() is not None or _is_open(port), seconds=_START_SECONDS)
                if process.poll() is not None or not _is_open(port):
                    raise CloudError(f"ministack did not start:\n{log.read_text(errors='replace')[-3000:]}")
                yield Cloud(f"http://{HOST}:{port}", aws, Path(folder))
            finally:
                process.terminate()
                try:
                    process.wait(timeout=15)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)


def wait_for(condition: Callable[[], Any], *, seconds: float, every: float = 0.2) -> bool:
    """Wait until something is so; False where it is not in time."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(every)
    return True


def _isolated() -> dict[str, str]:
    """Nothing of this machine's AWS settings, and no proxy on the way to the loopback."""
    direct = ",".join(filter(None, [os.environ.get("NO_PROXY") or os.environ.get("no_proxy"), HOST]))
    files = dict.fromkeys(("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"), os.devnull)
    return files | {"NO_PROXY": direct, "no_proxy": direct}


def _free_port() -> int:
    with socket.create_server((HOST, 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


def _is_open(port: int) -> bool:
    try:
        socket.create_connection((HOST, port), timeout=1).close()
    except OSError:
        return False
    return True
