"""The app, run as `cdk synth` runs it."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


def run_app(
    out: Path, context: Mapping[str, str], *, validation: bool = False, app: str = "infra.app"
) -> "subprocess.CompletedProcess[str]":
    """Run an app in an environment without AWS credentials; with cdk-nag if `validation` is true."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "COV_"))}
    environment |= {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "CDK_OUTDIR": str(out),
        "CDK_CONTEXT_JSON": json.dumps(context),
        "CDK_VALIDATION": str(validation).lower(),
    }
    return subprocess.run(
        [sys.executable, "-m", app], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


def of_type(template: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    """The properties of the resources of a type."""
    return [each.get("Properties", {}) for each in template["Resources"].values() if each["Type"] == kind]


def called(name: str, *, role: object = "arn:aws:iam::222222222222:role/Admin", **members: Any) -> dict[str, Any]:
    """The event of a call, as CloudTrail has it; without a role, the event of AWS itself."""
    identity = {"sessionContext": {"sessionIssuer": {"arn": role}}} if role else {"invokedBy": "AWS Internal"}
    return {"source": "aws.organizations", "detail": {"eventName": name, "userIdentity": identity, **members}}
