"""`responder acknowledge` on a ledger that sweeps have written."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from click.testing import CliRunner, Result
from moto import mock_aws

from authoring.cli import main
from authoring.commands.aws import STACK
from infra.stack import STACK_NAME
from invitation_responder.aws.ledger import DynamoLedger
from local.embedded.world import EmbeddedAws
from support.embedded import RETENTION, STRANGER, TABLE, Account, invitation
from support.strategies import RECEIVER

REASON = "a test of ours"


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    """A breach and an allowed invitation that were swept, on the real clock; the environment is the receiver's."""
    monkeypatch.setattr("time.sleep", lambda _: None)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        account = Account(EmbeddedAws.install())
        for name, value in account.aws.environment(RECEIVER).items():
            monkeypatch.setenv(name, value)
        now = datetime.now(UTC)
        account.aws.clock.set(now)
        times: dict[str, Any] = {
            "RequestedTimestamp": now - timedelta(hours=1),
            "ExpirationTimestamp": now + timedelta(days=9),
        }
        account.receive(invitation(1, State="ACCEPTED", **times), invitation(2, "o-exampleorgid", **times))
        account.sweep()
        account.published()
        yield account


def acknowledge(
    *options: str, handshake: str = "h-00000001", reason: str = REASON, table: str | None = TABLE
) -> Result:
    named = ["--table", table] if table is not None else []
    return CliRunner().invoke(main, ["acknowledge", handshake, "--reason", reason, *named, *options])


def test_an_acknowledged_breach_is_in_the_ledger_with_who_and_why_and_is_said_no_more(account: Account) -> None:
    before = account.ledger()["h-00000001"]
    result = acknowledge()
    assert (result.exit_code, result.stderr) == (0, "")
    assert "no more reminders of the breach h-00000001 in account 222222222222." in " ".join(result.stdout.split())
    item = account.ledger()["h-00000001"]
    arn, at = item.pop("acknowledged_by"), datetime.fromisoformat(item.pop("acknowledged_at"))
    assert arn.startswith("arn:aws:")
    assert arn in " ".join(result.stdout.split())
    assert abs(datetime.now(UTC) - at) < timedelta(minutes=5)
    assert item == {**before, "version": before["version"] + 1, "acknowledged_reason": REASON}
    account.aws.account(
        RECEIVER, organization=account.aws.add_organization(STRANGER, management_account="999999999999")
    )
    account.later(days=2)
    account.sweep(name="sweep-2")
    assert [event["detail"]["kind"] for event in account.published()] == ["answer_due"]


def test_another_account_of_the_ledger_is_named_by_its_number(account: Account) -> None:
    ledger = DynamoLedger(account.client("dynamodb"), TABLE, retention=RETENTION)
    entry = ledger.entries(RECEIVER)["h-00000001"]
    other = entry.with_record(entry.record, datetime.now(UTC))
    client = account.client("dynamodb")
    [item] = client.query(
        TableName=TABLE,
        KeyConditionExpression="receiver = :r AND handshake_id = :h",
        ExpressionAttributeValues={":r": {"S": RECEIVER}, ":h": {"S": "h-00000001"}},
    )["Items"]
    client.put_item(TableName=TABLE, Item={**item, "receiver": {"S": "333333333333"}})
    assert acknowledge("--account", "333333333333").exit_code == 0
    assert ledger.entries("333333333333")["h-00000001"].acknowledgement is not None
    assert ledger.entries(RECEIVER)["h-00000001"] == other


def test_a_second_word_changes_nothing_and_names_the_first(account: Account) -> None:
    acknowledge()
    before = account.ledger()
    result = acknowledge(reason="something else")
    assert (result.exit_code, result.stderr) == (1, "")
    assert f": {REASON}" in " ".join(result.stdout.split())
    assert "h-00000001 was acknowledged by arn:aws:" in " ".join(result.stdout.split())
    assert account.ledger() == before


def test_what_is_undone_needs_no_word(account: Account) -> None:
    account.later(days=1)
    account.sweep(name="sweep-2")
    assert "undone_at" in account.ledger()["h-00000001"]
    result = acknowledge()
    assert (result.exit_code, result.stderr) == (1, "")
    assert "h-00000001 was found undone at" in result.stdout


def test_what_is_hidden_in_a_reason_is_escaped(account: Account) -> None:
    assert acknowledge(reason=" known\n\x1b[31m ").exit_code == 0
    assert account.ledger()["h-00000001"]["acknowledged_reason"] == "known\\n\\x1b[31m"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        pytest.param({"reason": " "}, "Invalid value for '--reason': it is empty", id="an empty reason"),
        pytest.param({"reason": "x" * 1001}, "it has 1,001 characters (expected 1,000 at most)", id="a long reason"),
        pytest.param(
            {"options": ("--account", "12")}, "`12` is not an account number (expected 12 digits)", id="no account"
        ),
        pytest.param(
            {"handshake": "h-00000002"},
            "Error: `h-00000002` is not a breach: its kind is left, and its state OPEN",
            id="no breach",
        ),
        pytest.param(
            {"handshake": "h-0000001"},
            f"Error: the ledger {TABLE} has no handshake `h-0000001` of account 222222222222 "
            "(did you mean `h-00000001`?)",
            id="a misspelt handshake",
        ),
        pytest.param(
            {"handshake": "?"},
            f"Error: the ledger {TABLE} has no handshake `?` of account 222222222222 "
            "(open breaches of that account: `h-00000001`)",
            id="another handshake",
        ),
        pytest.param(
            {"options": ("--account", "333333333333")},
            f"Error: the ledger {TABLE} has no handshake `h-00000001` of account 333333333333 (it has nothing of "
            "account 333333333333: --account takes the number of the account that received it)",
            id="another account",
        ),
        pytest.param(
            {"table": "nowhere"},
            "(expected the stack's output LedgerTable, and the Region of the stack)",
            id="another table",
        ),
    ],
)
def test_what_cannot_be_acknowledged_is_exit_status_2(account: Account, options: dict[str, Any], message: str) -> None:
    before = account.ledger()
    result = acknowledge(*options.pop("options", ()), **options)
    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr
    assert account.ledger() == before


def test_no_more_than_ten_open_breaches_are_named(account: Account) -> None:
    account.receive(*(invitation(number, State="ACCEPTED") for number in range(3, 14)))
    account.sweep(name="sweep-2")
    assert ", and 2 more)" in acknowledge(handshake="?").stderr
    account.client("dynamodb").delete_item(
        TableName=TABLE, Key={"receiver": {"S": RECEIVER}, "handshake_id": {"S": "h-00000001"}}
    )
    assert ", and 1 more)" in acknowledge(handshake="?").stderr


def test_without_an_open_breach_the_error_says_so(account: Account) -> None:
    acknowledge()
    assert "(no breach of that account is open)" in acknowledge(handshake="?").stderr


def change(account: Account, expression: str, **values: Any) -> None:
    """Change the breach's item, as a sweep would."""
    account.client("dynamodb").update_item(
        TableName=TABLE,
        Key={"receiver": {"S": RECEIVER}, "handshake_id": {"S": "h-00000001"}},
        UpdateExpression=expression,
        ExpressionAttributeValues={f":{name}": value for name, value in values.items()},
    )


def test_a_sweep_at_work_is_waited_for(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    until = (datetime.now(UTC) + timedelta(minutes=5)).isoformat()
    change(account, "SET lease_until = :until", until={"S": until})
    slept: list[float] = []
    monkeypatch.setattr("time.sleep", slept.append)
    refused = acknowledge()
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "`h-00000001` is not acknowledged: a sweep is at work on it, until " in refused.stderr
    assert slept[:4] == [1, 2, 4, 8]

    def end(_: float) -> None:
        account.client("dynamodb").update_item(
            TableName=TABLE,
            Key={"receiver": {"S": RECEIVER}, "handshake_id": {"S": "h-00000001"}},
            UpdateExpression="REMOVE lease_until",
        )

    monkeypatch.setattr("time.sleep", end)
    assert acknowledge().exit_code == 0


@pytest.mark.parametrize("sweeps", [pytest.param(1, id="once"), pytest.param(99, id="again and again")])
def test_a_sweep_that_writes_in_between_is_no_reason_to_give_up(
    account: Account, monkeypatch: pytest.MonkeyPatch, sweeps: int
) -> None:
    write = DynamoLedger.acknowledge
    left = iter(range(sweeps))

    def disturbed(self: DynamoLedger, *arguments: Any) -> Any:
        if next(left, None) is not None:
            change(account, "SET version = version + :one", one={"N": "1"})
        return write(self, *arguments)

    monkeypatch.setattr(DynamoLedger, "acknowledge", disturbed)
    result = acknowledge()
    assert result.exit_code == (0 if sweeps == 1 else 2)
    assert ("sweeps keep writing its entry (try again later)" in result.stderr) is (sweeps != 1)


@contextmanager
def cloudformation(outputs: dict[str, str] | None) -> Iterator[str]:
    """A server that answers DescribeStacks with a stack of these outputs, or that there is no such stack."""
    members = "".join(
        f"<member><OutputKey>{key}</OutputKey><OutputValue>{value}</OutputValue></member>"
        for key, value in (outputs or {}).items()
    )
    stack = f"<StackName>{STACK}</StackName><Outputs>{members}</Outputs>"
    found = (
        f"<DescribeStacksResponse><DescribeStacksResult><Stacks><member>{stack}</member></Stacks>"
        "</DescribeStacksResult></DescribeStacksResponse>"
    )
    error = "<Error><Code>ValidationError</Code><Message>Stack with id InvitationResponder does not exist</Message>"
    missing = f"<ErrorResponse>{error}</Error></ErrorResponse>"

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            body = (missing if outputs is None else found).encode()
            self.send_response(400 if outputs is None else 200)
            self.send_header("Content-Type", "text/xml")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


@pytest.mark.parametrize(
    ("outputs", "status", "message"),
    [
        pytest.param({"TopicArn": "x", "LedgerTable": TABLE}, 0, "", id="the stack is here"),
        pytest.param(
            {"TopicArn": "x"},
            2,
            "Error: there is no output LedgerTable of the stack InvitationResponder in us-east-1 "
            "(name the ledger with --table)\n",
            id="another stack of its name",
        ),
        pytest.param(
            None,
            2,
            "Error: the ledger of the stack InvitationResponder in us-east-1 can't be found: ValidationError: Stack "
            "with id InvitationResponder does not exist "
            "(set the Region of the stack, or name the ledger with --table)\n",
            id="no stack",
        ),
    ],
)
def test_without_a_table_the_stack_names_it(
    account: Account, monkeypatch: pytest.MonkeyPatch, *, outputs: dict[str, str] | None, status: int, message: str
) -> None:
    with cloudformation(outputs) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL_CLOUDFORMATION", url)
        result = acknowledge(table=None)
    assert (result.exit_code, result.stderr) == (status, message)
    assert ("acknowledged_by" in account.ledger()["h-00000001"]) is (status == 0)


def test_the_stack_is_the_deployed_one() -> None:
    assert STACK == STACK_NAME


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        pytest.param(
            {"AWS_DEFAULT_REGION": None}, "there is no AWS Region: set AWS_DEFAULT_REGION\n", id="without a Region"
        ),
        pytest.param({"AWS_ENDPOINT_URL": "notaurl"}, "Invalid endpoint: notaurl\n", id="an endpoint that is no URL"),
        pytest.param(
            {"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None},
            "there are no AWS credentials: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY\n",
            id="without credentials",
        ),
        pytest.param(
            {"AWS_ENDPOINT_URL_STS": "http://127.0.0.1:9"},
            "GetCallerIdentity failed: EndpointConnectionError: ",
            id="an account that nobody names",
        ),
    ],
)
def test_an_environment_that_leads_nowhere_is_exit_status_2(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str | None], message: str
) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    for name, value in environment.items():
        monkeypatch.delenv(name) if value is None else monkeypatch.setenv(name, value)
    result = acknowledge()
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"Error: {message}")


def test_no_reason_is_wrong_usage() -> None:
    result = CliRunner().invoke(main, ["acknowledge", "h-00000001"])
    assert (result.exit_code, result.stdout) == (2, "")
    assert "Missing option '--reason'" in result.stderr
