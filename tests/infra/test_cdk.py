"""`make deploy` while somebody else deploys the same stack."""

import sys
from pathlib import Path

import pytest

from infra import cdk

MET = (
    "‣ InvalidChangeSetStatusException: ChangeSet [arn:aws:cloudformation:eu-west-1:123456789012:changeSet/"
    "cdk-deploy-change-set/293c0a69] is in EXECUTE_COMPLETE status"
)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> object:
    """Run it with a CDK that prints a line to stderr, and fails if that line is an error."""

    def run(line: str) -> tuple[int, str, str]:
        program = tmp_path / "cdk"
        program.write_text(
            f"#!{sys.executable}\nimport sys\nprint(*sys.argv[1:])\nsys.stderr.write({line + chr(10)!r})\n"
            f"sys.exit({'‣' in line:d})\n"
        )
        program.chmod(0o755)
        monkeypatch.setattr(cdk, "CDK", program)
        monkeypatch.setattr(sys, "argv", ["cdk", "deploy", "-c", "schedule=1m"])
        return (cdk.main(), *capfd.readouterr())

    return run


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(MET, id="the other one has executed the change set"),
        pytest.param(
            "‣ ChangeSetNotFoundException: ChangeSet [cdk-deploy-change-set] does not exist", id="replaced it"
        ),
        pytest.param(
            "‣ ValidationError: Stack:arn:aws:cloudformation:eu-west-1:123456789012:stack/InvitationResponder/35a1 "
            "is in UPDATE_IN_PROGRESS state and can not be updated.",
            id="is still at work",
        ),
    ],
)
def test_the_later_of_two_deployments_is_told_in_a_sentence(run: object, line: str) -> None:
    status, printed, error = run(line)  # type: ignore[operator]
    assert (status, printed) == (1, "--no-notices deploy -c schedule=1m\n")
    assert error.startswith(
        "Another deployment of this stack is under way, or was faster: nothing of this one is done."
    )
    assert "Exception" not in error


@pytest.mark.parametrize("line", ["✅  InvitationResponder", "‣ AccessDenied: no"], ids=["success", "another failure"])
def test_whatever_else_it_says_is_left_as_it_is(run: object, line: str) -> None:
    status, _, error = run(line)  # type: ignore[operator]
    assert (status, error) == ("‣" in line, f"{line}\n")
