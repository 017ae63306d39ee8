"""What `.github/workflows/policy.yml` says about a pull request: its own steps, run as GitHub runs them."""

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from support.repository import GIT, Repository

ROOT = Path(__file__).parents[2]
WORKFLOW = (ROOT / ".github/workflows/policy.yml").read_text(encoding="utf-8")
WORKFLOW_ENV: dict[str, str] = yaml.safe_load(WORKFLOW)["env"]
LABEL = "widening-reviewed"

POLICY = """\
version: 1
mode: enforce
limits: {wait: 24h}
rules:
  - name: ours
    effect: allow
    organizations: [o-ourcompany0]
    management_accounts: ["444444444444"]
"""
TESTS = """\
version: 1
policy: ..
at: 2026-12-01
cases:
  - name: ours is left to a person
    handshake: {organization: o-ourcompany0, management_account: "444444444444"}
    expect: allow
  - name: a stranger is declined
    handshake: {}
    expect: decline
"""
WIDER = POLICY.replace("[o-ourcompany0]", "[o-ourcompany0, o-partner0001]")
NARROWER = POLICY + "  - {name: gifts, effect: decline, notes: {any: [gift card]}}\n"
FORGEABLE = POLICY + "  - {name: tickets, effect: accept, notes: {any: [CHG-12345]}}\n"
BROKEN = POLICY.replace("effect: allow", "effect: alow").replace("o-ourcompany0", "o-Ours")

# What happened to the pull request, as GitHub tells the workflow.
OPENED: dict[str, Any] = {"action": "opened", "pull_request": {"labels": []}}
LABELED = {"action": "labeled", "label": {"name": LABEL}, "pull_request": {"labels": [{"name": LABEL}]}}


def steps() -> list[dict[str, Any]]:
    """The steps of the only job."""
    (job,) = yaml.safe_load(WORKFLOW)["jobs"].values()
    found: list[dict[str, Any]] = job["steps"]
    return found


def evaluate(expression: str, context: dict[str, Any]) -> Any:
    """A GitHub expression, as far as the workflow uses the language."""
    python = expression.removeprefix("${{").removesuffix("}}").strip().replace("&&", "and").replace("||", "or")
    python = re.sub(r"!(?!=)", "not ", python)
    # What an event does not have is null.
    names = re.sub(r"'[^']*'|([A-Za-z_]+(?:\.[A-Za-z_]+)+)", lambda m: f"get('{m[1]}')" if m[1] else m[0], python)

    def get(path: str) -> Any:
        found: Any = context
        for name in path.split("."):
            found = found.get(name) if isinstance(found, dict) else None
        return found

    names = names.replace("null", "None")
    return eval(names, {"__builtins__": {}, "get": get, "cancelled": lambda: False})  # noqa: S307 - our own workflow


def as_text(value: Any) -> str:
    """A value where text is expected: a truth value in lower case, null as nothing."""
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


@dataclass(frozen=True)
class Run:
    """What became of a run: the step that failed, by name; everything printed; the job's summary."""

    failed: list[str]
    output: str
    summary: str

    @property
    def annotations(self) -> list[str]:
        """The workflow commands, which GitHub shows on the pull request."""
        return [line for line in self.output.splitlines() if line.startswith("::")]


@dataclass(frozen=True)
class PullRequest:
    """A pull request, as the workflow finds it: what would be merged is checked out."""

    repository: Repository
    temporary: Path

    def run(self, event: dict[str, Any]) -> Run:
        """Run every step that has a name: those before prepare the machine."""
        outside = self.temporary / "summary.md"
        outside.write_text("")
        context: dict[str, Any] = {"github": {"event": event}}
        context["env"] = {name: as_text(evaluate(value, context)) for name, value in WORKFLOW_ENV.items()}
        (install,) = (step for step in steps() if step.get("id") == "install")
        context["steps"] = {"install": {"outcome": "success" if evaluate(install["if"], context) else "skipped"}}
        failed: list[str] = []
        printed = ""
        for step in steps():
            if "name" not in step or not self._runs(step, context, failed):
                continue
            environment = {name: as_text(evaluate(value, context)) for name, value in step.get("env", {}).items()}
            done = self._bash(step["run"], environment, outside)
            printed += done.stdout
            if done.returncode:
                failed.append(f"{step['name']}: {done.returncode}")
        return Run(failed, printed, outside.read_text())

    @staticmethod
    def _runs(step: dict[str, Any], context: dict[str, Any], failed: list[str]) -> bool:
        """One whose condition does not ask for the status of others is left out after one that failed."""
        condition = step.get("if", "")
        runs = bool(evaluate(condition, context)) if condition else True
        return runs and ("cancelled()" in condition or not failed)

    def _bash(self, script: str, environment: dict[str, str], summary: Path) -> "subprocess.CompletedProcess[str]":
        """As a runner does where a step names no shell: the script in a file, `bash -e` on it."""
        file = self.temporary / "step.sh"
        file.write_text(script)
        return subprocess.run(
            ["bash", "-e", file],  # noqa: S607 - the machine's
            cwd=self.repository.folder,
            env={
                "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
                "HOME": str(self.temporary),
                "CI": "true",
                "GITHUB_STEP_SUMMARY": str(summary),
                "RUNNER_TEMP": str(self.temporary),
                **GIT,
                **environment,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )


@pytest.fixture
def propose(tmp_path: Path) -> Any:
    """Make a pull request that changes some files, and what would be merged of it."""

    def propose(**files: str) -> PullRequest:
        repository = Repository(tmp_path / "repository")
        repository.commit({"policies/policy.yaml": POLICY, "policies/tests/policy.yaml": TESTS})
        repository.git("switch", "--quiet", "--create", "proposal")
        repository.commit({f"policies/{name.replace('__', '/')}.yaml": text for name, text in files.items()})
        repository.git("switch", "--quiet", "main")
        # Somebody else was faster, as somebody always is.
        repository.commit({"README.md": "Ours.\n"})
        repository.git("switch", "--quiet", "--detach", "main")
        repository.git("merge", "--quiet", "--no-ff", "--message", "What would be merged", "proposal")
        temporary = tmp_path / "runner"
        temporary.mkdir()
        return PullRequest(repository, temporary)

    return propose


def test_no_change_in_meaning_passes_and_says_so(propose: Any) -> None:
    run = propose(policy=f"# Who may ask us.\n{POLICY}").run(OPENED)
    assert (run.failed, run.annotations) == ([], [])
    assert run.summary == (
        "### What changes in meaning\n\nNo change in meaning: every handshake is answered alike, now and later.\n"
    )


WIDENING = """\
### What changes in meaning

1 change in meaning: 1 widening, 0 narrowing.

**widening** · decline → allow

- handshake: `{organization: o-partner0001, management_account: '444444444444'}`
- with any of these actions: INVITE, TRANSFER_RESPONSIBILITY
- was **decline**: no rule matches INVITE from organization o-partner0001 (management account 444444444444), and the \
default is decline
- is **allow**: rule ours allows INVITE from organization o-partner0001 (management account 444444444444)
- edited: `rule ours: organizations + o-partner0001`
"""


def test_widening_fails_until_somebody_says_that_it_was_reviewed(propose: Any) -> None:
    run = propose(policy=WIDER).run(OPENED)
    assert run.failed == ["Show what changes in meaning: 1"]
    (annotation,) = run.annotations
    assert annotation.startswith("::error title=Unreviewed widening::")
    assert f"label {LABEL}" in annotation
    assert run.summary == WIDENING


def test_reviewed_widening_passes_and_stays_in_sight(propose: Any) -> None:
    run = propose(policy=WIDER).run(LABELED)
    assert run.failed == []
    (annotation,) = run.annotations
    assert annotation.startswith("::notice title=Reviewed widening::")
    assert run.summary == WIDENING


@pytest.mark.parametrize(
    "event",
    [
        pytest.param({**LABELED, "action": "synchronize", "label": None}, id="something was pushed after the label"),
        pytest.param({**LABELED, "action": "reopened", "label": None}, id="the pull request was opened again"),
        pytest.param({**OPENED, "action": "unlabeled", "label": {"name": LABEL}}, id="the label was taken off"),
    ],
)
def test_the_label_holds_for_what_it_was_put_on_and_nothing_later(propose: Any, event: dict[str, Any]) -> None:
    run = propose(policy=WIDER).run(event)
    assert run.failed == ["Show what changes in meaning: 1"]
    assert [line.partition(" ")[0] for line in run.annotations] == ["::error"]


OTHER_LABELS = [
    pytest.param({**LABELED, "label": {"name": "documentation"}}, id="another label was added after the label"),
    pytest.param({**LABELED, "action": "unlabeled", "label": {"name": "bug"}}, id="another label was taken off"),
    pytest.param(
        {"action": "labeled", "label": {"name": f"not-{LABEL}"}, "pull_request": {"labels": []}},
        id="a label that only sounds like it",
    ),
]


@pytest.mark.parametrize("event", OTHER_LABELS)
def test_another_label_leaves_the_verdict_as_it_is(propose: Any, event: dict[str, Any]) -> None:
    run = propose(policy=WIDER).run(event)
    assert (run.failed, run.output, run.summary) == ([], "", "")
    # Under another name, and so no verdict about the check that the branch requires; and it cancels none.
    assert name_of(event) == "another label"
    assert group_of(event) != group_of(LABELED)


@pytest.mark.parametrize("event", [OPENED, LABELED, {**LABELED, "action": "unlabeled"}, {"merge_group": {}}])
def test_every_verdict_has_the_name_that_the_branch_requires(event: dict[str, Any]) -> None:
    assert name_of(event) == "policy"
    assert group_of(event) == group_of(OPENED)


def name_of(event: dict[str, Any]) -> Any:
    """The name of the check that a run for an event is."""
    return evaluate(yaml.safe_load(WORKFLOW)["jobs"]["policy"]["name"], {"github": {"event": event}})


def group_of(event: dict[str, Any]) -> str:
    """Which runs on one branch cancel each other."""
    *_, expression = re.findall(r"\$\{\{.*?\}\}", yaml.safe_load(WORKFLOW)["concurrency"]["group"])
    return as_text(evaluate(expression, {"github": {"event": event}}))


def test_in_a_merge_queue_it_runs_again_and_takes_the_reviews_word(propose: Any) -> None:
    group = {"action": "checks_requested", "merge_group": {"head_sha": "0" * 40}}
    run = propose(policy=WIDER).run(group)
    assert run.failed == []
    assert run.summary == WIDENING


def test_in_a_merge_queue_a_broken_policy_fails(propose: Any) -> None:
    run = propose(policy=BROKEN).run({"action": "checks_requested", "merge_group": {"head_sha": "0" * 40}})
    assert run.failed[:2] == ["Check the policy: 1", "Run its tests: 2"]


def test_narrowing_passes_and_is_shown(propose: Any) -> None:
    run = propose(policy=NARROWER).run(OPENED)
    assert (run.failed, run.annotations) == ([], [])
    assert "**narrowing** · allow → decline" in run.summary
    assert "- edited: `rule gifts: added`" in run.summary


def test_a_broken_policy_is_told_on_its_lines_and_nothing_is_compared(propose: Any) -> None:
    run = propose(policy=BROKEN).run(LABELED)
    assert run.failed == ["Check the policy: 1", "Run its tests: 2", "Show what changes in meaning: 2"]
    file, title = "::error file=policies/policy.yaml", "title=IR000 invalid-policy%3A The policy can't be used"
    assert [line.partition(" (expected")[0] for line in run.annotations] == [
        f"{file},line=6,col=13,{title}::effect: `alow` is not an effect",
        f"{file},line=7,col=21,{title}::organizations[0]: `o-Ours` is not an organization id",
    ]
    assert run.summary == ""


def test_a_policy_test_that_fails_fails_the_job_and_the_change_is_shown_all_the_same(propose: Any) -> None:
    run = propose(tests__policy=TESTS.replace("expect: decline", "expect: accept")).run(OPENED)
    assert run.failed == ["Run its tests: 1"]
    assert "policies/tests/policy.yaml:8:5: a stranger is declined" in run.output
    assert "No change in meaning" in run.summary


def test_a_lint_that_is_an_error_fails_the_job_even_where_widening_was_reviewed(propose: Any) -> None:
    run = propose(policy=FORGEABLE).run(LABELED)
    assert run.failed == ["Check the policy: 1"]
    (error,) = (line for line in run.annotations if line.startswith("::error "))
    place = "file=policies/policy.yaml,line=9,col=44"
    title = "title=IR001 untrusted-sender-text%3A A rule rests on what the sender wrote"
    assert error.startswith(f"::error {place},{title}::rule `tickets` ")
    assert "**widening** · decline → accept" in run.summary


def test_it_may_read_and_nothing_else() -> None:
    workflow = yaml.safe_load(WORKFLOW)
    triggers = workflow[True]  # YAML 1.1 reads the key `on` like this
    assert workflow["permissions"] == {"contents": "read"}
    assert [job for job in workflow["jobs"].values() if {"permissions", "environment", "secrets"} & set(job)] == []
    # Not pull_request_target: that one has the base's secrets, and would run the proposal's code with them.
    assert list(triggers) == ["pull_request", "merge_group"]
    assert "secrets." not in WORKFLOW
    (checkout,) = (step for step in steps() if step.get("uses", "").startswith("actions/checkout@"))
    assert checkout["with"]["persist-credentials"] is False


def test_nothing_that_somebody_wrote_gets_into_a_script() -> None:
    scripts = [step["run"] for step in steps() if "run" in step]
    assert len(scripts) == 4
    assert [script for script in scripts if "${{" in script] == []


def test_it_can_be_a_required_check_and_runs_again_whenever_its_verdict_may_change() -> None:
    triggers = yaml.safe_load(WORKFLOW)[True]["pull_request"]
    assert set(triggers["types"]) == {"opened", "synchronize", "reopened", "labeled", "unlabeled"}
    # For a check that a filter of paths leaves out GitHub waits for ever.
    assert list(triggers) == ["types"]
    assert "merge_group" in yaml.safe_load((ROOT / ".github/workflows/check.yml").read_text("utf-8"))[True]
    # One that is skipped by a condition, by a label say, counts as passed.
    assert [job["if"] for job in yaml.safe_load(WORKFLOW)["jobs"].values() if "if" in job] == []
