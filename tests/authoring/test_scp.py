"""`responder scp`, as a user and as a machine see it."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from authoring.cli import main

ROOT = Path(__file__).parents[2]
ENFORCING = """\
version: 1
mode: enforce
rules:
  - name: corporate
    effect: accept
    organizations: [o-exampleorgid]
"""


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    """A policy file."""
    path = tmp_path / "policy.yaml"
    path.write_text(ENFORCING)
    return path


def scp(*arguments: str | Path) -> Result:
    """Run the command in this process."""
    return CliRunner().invoke(main, ["scp", *map(str, arguments)])


def test_the_readme_shows_what_it_prints_for_the_shipped_policy() -> None:
    result = scp(ROOT / "policies")
    (block,) = re.findall(r"^```json\n(.*?)^```$", (ROOT / "README.md").read_text(), flags=re.MULTILINE | re.DOTALL)
    assert result.stdout == block
    assert result.exit_code == 0
    assert result.stderr.startswith("Warning: the policy is in audit mode")


def test_it_prints_one_json_document_and_nothing_else(policy: Path) -> None:
    result = scp(policy)
    document = json.loads(result.stdout)
    assert result.stdout == json.dumps(document, indent=2) + "\n"
    assert (result.exit_code, result.stderr) == (0, "")
    assert [statement["Sid"] for statement in document["Statement"]] == [
        "NobodyAcceptsHandshakes",
        "NobodyLeavesTheOrganization",
        "NobodyAcceptsFromStrangers",
    ]
    assert document["Statement"][2]["NotResource"] == [
        "arn:*:organizations::*:handshake/${aws:PrincipalOrgID}/*",
        "arn:*:organizations::*:handshake/o-exampleorgid/*",
    ]


def test_movers_and_responders_can_be_named(policy: Path) -> None:
    one, two, three = (f"arn:*:iam::*:role/{name}" for name in ("one", "two/*", "three"))
    result = scp(policy, "--mover", one, "--mover", two, "--responder", three)
    accept, leave, _ = json.loads(result.stdout)["Statement"]
    assert accept["Condition"]["ArnNotLike"]["aws:PrincipalArn"] == [one, two, three]
    assert leave["Condition"]["ArnNotLike"]["aws:PrincipalArn"] == [one, two]


@pytest.mark.parametrize("mover", ["account-mover", "arn:aws:s3:::bucket", "*", "arn:aws:iam::1:role/a\x1b"])
def test_a_mover_that_is_no_principal_is_refused(policy: Path, mover: str) -> None:
    result = scp(policy, "--mover", mover)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "is not the ARN of an IAM principal" in result.stderr
    assert "\x1b" not in result.stderr


def test_every_mistake_of_a_policy_is_told_and_nothing_printed(policy: Path) -> None:
    policy.write_text(ENFORCING.replace("accept", "acept").replace("enforce", "enforced"))
    result = scp(policy)
    assert (result.exit_code, result.stdout) == (2, "")
    first, second, last = result.stderr.splitlines()
    assert first.startswith(f"{policy.as_posix()}:2:7: mode: `enforced` is not a mode")
    assert "did you mean `accept`?" in second
    assert last == f"Error: {policy}: nothing was printed, since the policy can't be used"


def test_what_aws_has_no_room_for_is_told_in_a_line(policy: Path) -> None:
    movers = [word for number in range(100) for word in ("--mover", f"arn:aws:iam::222222222222:role/mover-{number}")]
    result = scp(policy, *movers)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("Error: the service control policy has more than")
    assert len(result.stderr.splitlines()) == 1


def test_what_it_can_not_prevent_is_said(policy: Path) -> None:
    policy.write_text(ENFORCING.replace("mode: enforce", "mode: enforce\ndefault: allow"))
    result = scp(policy)
    assert result.exit_code == 0
    assert result.stderr.startswith("Warning: the policy leaves handshakes from anybody to a person")
    assert len(json.loads(result.stdout)["Statement"]) == 2


def test_help_shows_an_example() -> None:
    result = scp("--help")
    assert result.exit_code == 0
    assert "responder scp policies" in result.stdout
