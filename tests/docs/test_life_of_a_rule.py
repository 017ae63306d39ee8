"""docs/life-of-a-rule.md is true: its files are written, its commands run, and what they print compared.

`GOLDEN=write` writes what they print into the document. Comments in it, which nobody sees, say what else happens.
"""

import json
import os
import re
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import pytest

from authoring.language.compiler import load_policy
from authoring.language.policy import policy_schema
from invitation_responder.core.record import Record
from local.demo.scenario import from_stranger
from local.embedded.function import ACCOUNT_VARIABLE, create_ledger_table
from local.embedded.server import serve
from local.embedded.world import EmbeddedAws
from support.repository import GIT, Repository

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "docs/life-of-a-rule.md"
SHOP: Final = "222222222222"
LEDGER: Final = "InvitationResponder-LedgerB7379752-488DA28166884"

# A comment that makes something happen, or a fenced block.
PART: Final = re.compile(r"^<!-- (?P<event>.*) -->$|^```(?P<info>.+)\n(?P<body>(?:.*\n)*?)```$", re.MULTILINE)

# A program at a time of the story: nothing can tell it the time, since nobody could tell it to Lambda either.
AT_A_TIME: Final = """\
#!{python}
import datetime, os, sys

class Story(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return cls.fromisoformat(os.environ["STORY"]).astimezone(tz)

datetime.datetime = Story
sys.path.append("{root}")
sys.argv[0] = "responder"
from {module} import main
main()
"""

# As much of the AWS CLI as the document uses, by the same SDK.
AWS: Final = """\
#!{python}
import json, sys, boto3
service, operation, *options = sys.argv[1:]
given = dict(zip(options[::2], options[1::2], strict=True))
assert (service, operation, sorted(given)) == ("dynamodb", "get-item", ["--key", "--table-name"]), sys.argv
client = boto3.client("dynamodb")
found = client.get_item(TableName=given["--table-name"], Key=json.loads(given["--key"]))
json.dump({{"Item": found["Item"]}}, sys.stdout, indent=4)
"""


@dataclass
class Story:
    """The shop's repository and its account, as far as the document has come."""

    repository: Repository
    aws: EmbeddedAws
    outside: Path
    log: list[dict[str, Any]] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Before the first line: the shipped policy with the shop's organization in it, and an account without mail."""
        programs = self.outside / "bin"
        programs.mkdir(parents=True)
        for name, text in {
            "responder": AT_A_TIME.format(python=sys.executable, module="authoring.cli", root=ROOT),
            "function": AT_A_TIME.format(python=sys.executable, module="local.embedded.function", root=ROOT),
            "aws": AWS.format(python=sys.executable),
        }.items():
            (programs / name).write_text(text)
            (programs / name).chmod(0o755)
        self.environment = {
            **GIT,
            **self.aws.environment(SHOP),
            "PATH": f"{programs}{os.pathsep}{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(self.outside),
            "LC_ALL": "C.UTF-8",
            "COLUMNS": "80",
            "LEDGER": LEDGER,
        }
        shipped = ROOT / "local"
        for path in (shipped / "policies/policy.yaml", shipped / "policies/tests/policy.yaml"):
            text = path.read_text(encoding="utf-8").replace("mode: audit\n", "mode: enforce\n")
            text = text.replace("o-exampleorgid", "o-theshop0001").replace("111111111111", "333333333333")
            # The schemas are where the policy is, there.
            text = text.replace("../../policies/", "")
            self.repository.write({str(path.relative_to(shipped)): text})
        self.repository.commit()
        self.aws.account(SHOP, email="shop@example.com", name="Shop")
        self.aws.add_organization("o-ourcompany0", management_account="444444444444")
        create_ledger_table(self.aws.client("dynamodb", SHOP), LEDGER)

    def at(self, time: str) -> None:
        """Time has passed."""
        self.aws.clock.set(datetime.fromisoformat(time))
        self.environment["STORY"] = time.replace("Z", "+00:00")

    def merge(self) -> None:
        """The pull request is merged."""
        self.repository.commit(message="Let the shop move into our organization")

    def receive(self) -> None:
        """Two invitations have come."""
        now = datetime.fromisoformat("2027-02-02T09:00:00+00:00")
        ours: dict[str, Any] = {"organization": "o-ourcompany0", "account": "444444444444", "Id": "h-ourinvitation01"}
        self.aws.receive(SHOP, from_stranger(1, now, hours=1, notes="CHG-12345: the shop's account", **ours))
        self.aws.receive(SHOP, from_stranger(2, now, hours=30, notes="CHG-12345", Id="h-stranger000001"))

    def sweep(self) -> None:
        """The schedule fires: the real handler, with the policy as it is deployed."""
        compiled = self.outside / "policy.json"
        compiled.write_bytes(load_policy(self.repository.folder / "policies").to_json())
        deployed = {"POLICY_FILE": str(compiled), "LEDGER_TABLE": LEDGER, ACCOUNT_VARIABLE: SHOP}
        done = self._run(["function"], deployed)
        assert done.returncode == 0, done.stdout
        lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
        self.log.extend(line for line in lines if "handshake_id" in line)

    def edit(self, file: str, change: str) -> None:
        """Change a file as a diff without line numbers says."""
        lines = change.splitlines(keepends=True)
        old, new = ("".join(line[1:] for line in lines if line[0] in kept) for kept in (" -", " +"))
        text = (self.repository.folder / file).read_text(encoding="utf-8")
        assert text.count(old) == 1, change
        self.repository.write({file: text.replace(old, new)})

    def shell(self, command: str) -> str:
        """What a command prints."""
        return self._run(["bash", "-c", command], {}).stdout

    def _run(self, command: list[str], more: dict[str, str]) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            command,
            cwd=self.repository.folder,
            env=self.environment | more,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    """The story, at its beginning."""
    with serve() as aws:
        yield Story(Repository(tmp_path / "shop"), aws, tmp_path / "outside")


def keys_of_a_rule() -> str:
    """What an editor offers: each key, with what the schema says of it."""
    properties = policy_schema()["$defs"]["RuleSource"]["properties"]
    return "".join(
        textwrap.fill(f"{name:23} {described['description']}", 80, subsequent_indent=" " * 24, break_on_hyphens=False)
        + "\n"
        for name, described in properties.items()
    )


def retell(document: str, story: Story) -> str:
    """The document, with everything in it done, and what really came of it in the place of what it says."""
    printed: list[str] = []
    end, expected = 0, ""
    for part in PART.finditer(document):
        printed.append(document[end : part.start()])
        end = part.end()
        if part["event"] is not None:
            expected = happen(part["event"], story)
            printed.append(part[0])
        else:
            printed.append(f"```{part['info']}\n{block(part['info'], part['body'], expected, story)}```")
            expected = ""
    return "".join(printed) + document[end:]


def happen(event: str, story: Story) -> str:
    """What a comment says happens; returns what the next block holds, where it is about that."""
    name, _, rest = event.partition(" ")
    match name:
        case "at":
            story.at(rest)
        case "keys":
            return keys_of_a_rule()
        case "record":
            return record(story, rest)
        case _:
            {"receive": story.receive, "merge": story.merge, "sweep": story.sweep}[name]()
    return ""


def block(info: str, body: str, expected: str, story: Story) -> str:
    """What a block should hold, after everything in it is done."""
    kind, _, file = info.partition(" ")
    match kind:
        case "yaml":
            story.repository.write({file: body})
        case "diff":
            story.edit(file, body)
        case "console":
            assert body.startswith("$ ")
            return "".join(command + story.shell(command.removeprefix("$ ")) for command in commands(body))
    return expected or body


def commands(block: str) -> list[str]:
    """The commands of a block, as they stand in it."""
    return re.findall(r"^\$ (?:.*[\\|]\n)*.*\n", block, re.MULTILINE)


def record(story: Story, handshake_id: str) -> str:
    """What the function logged of a handshake, without what a log line adds to a decision record."""
    (line,) = (line for line in story.log if line["handshake_id"] == handshake_id)
    names = (field.name for field in fields(Record) if field.name != "sender_text")
    return json.dumps({name: line[name] for name in names}, indent=2) + "\n"


def test_everything_happens_as_it_is_told(story: Story) -> None:
    document = DOCUMENT.read_text(encoding="utf-8")
    printed = retell(document, story)
    if os.environ.get("GOLDEN") == "write":
        DOCUMENT.write_text(printed, encoding="utf-8")
    assert printed == DOCUMENT.read_text(encoding="utf-8")
    assert story.aws.handshake("h-ourinvitation01")["State"] == "ACCEPTED"
    assert story.aws.handshake("h-stranger000001")["State"] == "DECLINED"
