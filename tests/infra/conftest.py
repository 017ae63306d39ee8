"""The app, run once for all tests of the stack."""

import json
from pathlib import Path
from typing import Any

import pytest

from support.synthesis import run_app


@pytest.fixture(scope="session")
def policy_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An enforcing policy with all kinds of rules."""
    policy = tmp_path_factory.mktemp("policy") / "policy.yaml"
    policy.write_text(
        "version: 1\nmode: enforce\nrules:\n"
        "  - {name: ours, effect: allow, organizations: [o-exampleorgid]}\n"
        "  - {name: moving, effect: accept, organizations: [o-acceptedorg1], actions: [INVITE]}\n"
        "  - {name: never, effect: decline, organizations: [o-strangerorg1]}\n"
    )
    return policy


@pytest.fixture(scope="session")
def synthesized(tmp_path_factory: pytest.TempPathFactory, policy_file: Path) -> Path:
    """The cloud assembly of that policy in account scope, cdk-nag's checks passed."""
    out = tmp_path_factory.mktemp("synth") / "out"
    done = run_app(out, {"policy": str(policy_file), "alarm_email": "security@example.com"}, validation=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return out


@pytest.fixture(scope="session")
def template(synthesized: Path) -> dict[str, Any]:
    """The stack's CloudFormation template."""
    loaded: dict[str, Any] = json.loads((synthesized / "InvitationResponder.template.json").read_text())
    return loaded
