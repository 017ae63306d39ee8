"""The playground, `make cloud`: the responder, really deployed to a local cloud, until Ctrl-C."""

import json
import signal
import sys
import textwrap
import time
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, Final

from rich.console import Console
from rich.text import Text

from authoring.reports.run import STYLES
from invitation_responder.core.escaping import printable
from local.cloud.cloud import ACCOUNT, Cloud, CloudError, Mail
from local.cloud.ministack import POLICY, start_cloud
from local.demo.scenario import arrivals
from local.embedded.world import EmbeddedAws

_MAX_LENGTH: Final = 2000
# Every command exists in version 1 of the AWS CLI, too.
TRY: Final = """\
  .venv/bin/responder run --policy policies --audit
  aws dynamodb scan --table-name {LedgerTable}
  aws logs filter-log-events --log-group-name {LogGroupName} --query 'events[].message'
  aws cloudwatch describe-alarms --state-value ALARM
  make deploy ARGS='-c schedule=1m'     # your policies/ in place of the policy above

A stranger's organization invites the account by

  AWS_ACCESS_KEY_ID={stranger} aws organizations invite-account-to-organization \\
    --target Type=ACCOUNT,Id={account} --notes 'Join us!'

or, where there is no AWS CLI, by

  AWS_ACCESS_KEY_ID={stranger} .venv/bin/python -c "import boto3; \
boto3.client('organizations').invite_account_to_organization(\
Target={{'Type': 'ACCOUNT', 'Id': '{account}'}}, Notes='Join us!')\""""
STRANGER: Final = "888888888888"
_SECONDS: Final = 2  # between two polls
_WINDOW: Final = 10  # seconds that an event waits for others; a minute is long for whoever watches


def main() -> None:
    """Deploy, let handshakes arrive, and print the function's decisions and messages until Ctrl-C."""
    console = Console(highlight=False)
    # `kill` and a closed terminal act like Ctrl-C, so that ministack, in a session of its own, is ended as well.
    for ending in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, signal.default_int_handler)
    try:
        with start_cloud() as cloud:
            deploy(cloud, console)
            watch(cloud, console)
    except CloudError as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        with suppress(OSError):  # the terminal may be gone, too
            console.print("\nThe local cloud is gone, with all that was in it.")


def deploy(cloud: Cloud, console: Console) -> None:
    """Bootstrap and deploy, let the demo's handshakes arrive, and print commands to try."""
    console.print(f"An empty cloud is at {cloud.endpoint}\ncdk bootstrap …")
    cloud.bootstrap()
    console.print(f"cdk deploy, with this policy …\n\n{textwrap.indent(POLICY, '  ')}", markup=False)
    cloud.deploy()
    cloud.shorten_windows(_WINDOW)
    outputs = cloud.outputs()
    cast = arrivals(datetime.now(UTC))
    for arrival in cast:
        cloud.aws.receive(ACCOUNT, arrival.handshake)
    console.print(f"Deployed, and {len(cast)} handshakes have arrived. Another terminal finds all of it with\n")
    for name, value in cloud.address.items():
        console.print(f"  export {name}={value}", soft_wrap=True)
    console.print("\nand, for example,\n")
    add_stranger(cloud.aws)
    console.print(TRY.format(**outputs, stranger=STRANGER, account=ACCOUNT), soft_wrap=True, markup=False)


def add_stranger(aws: EmbeddedAws) -> None:
    """Add an organization that can invite."""
    aws.add_organization("o-newcomer0001", management_account=STRANGER, name="Newcomer Ltd")


def watch(cloud: Cloud, console: Console) -> None:
    """Print the function's log and the e-mails, for ever; follow the stack when it is deployed again."""
    console.print(
        f"\nThe schedule fires every minute, and an e-mail gathers events for {_WINDOW} seconds (in AWS for a minute). "
        "What is decided, and what people hear of it (Ctrl-C ends it):\n"
    )
    watched, queue, seen = "", "", 0
    while True:
        topic = cloud.outputs().get("TopicArn", "")
        if topic != watched:
            if queue:
                console.print("The stack is there again." if topic else "The stack is gone.")
            watched, seen = topic, 0
            queue = cloud.subscribe() if topic else queue
        lines = cloud.log_lines()
        for line in lines[seen:]:
            if shown := format_log_line(line):
                console.print(shown)
        seen = len(lines)
        for mail in cloud.take_mails(queue) if queue else ():
            console.rule("an e-mail")
            console.print(format_mail(mail), markup=False, soft_wrap=True)
        time.sleep(_SECONDS)


def format_log_line(line: str) -> Text | None:
    """A log line for people: a decision or another message; None for metrics and for Lambda's own lines."""
    try:
        fields: dict[str, Any] = json.loads(line)
    except ValueError:
        of_lambda = line.startswith(("START ", "END ", "REPORT ")) or not line
        return None if of_lambda else Text(printable(line, _MAX_LENGTH))
    if "_aws" in fields:
        return None
    time_of_day, message = fields["timestamp"][11:19], printable(str(fields["message"]), _MAX_LENGTH)
    if "handshake_id" not in fields:
        if fields.get("level") == "INFO":
            return Text(f"{time_of_day} {message} {printable(str(fields.get('subject', '')))}".rstrip(), style="dim")
        return Text(f"{time_of_day} {message}", style="bold red")
    kind = Text(message.replace("_", " "), style=STYLES.get(fields["message"], ""))
    return Text.assemble(f"{time_of_day} ", kind, f" {fields['handshake_id']}: {fields['reason']}")


def format_mail(mail: Mail) -> str:
    """A message for people: an alarm, which is JSON, in two lines, any other as it is."""
    if not mail.text.startswith("{"):
        return f"Subject: {mail.subject}\n\n{mail.text}"
    alarm = json.loads(mail.text)
    return f"Subject: {mail.subject}\n\n{alarm['AlarmName']} is {alarm['NewStateValue']}\n{alarm['AlarmDescription']}"


if __name__ == "__main__":
    main()
