"""The start of a function: no collector at work, but one afterwards."""

import subprocess
import sys
from pathlib import Path

import pytest

import invitation_responder
from invitation_responder.core.policy import Policy

PACKAGE = Path(invitation_responder.__file__).parent
ENTRIES = ["handler", *(f"organization.{step}_handler" for step in ("plan", "batch", "summary"))]
SETTINGS = {
    **dict.fromkeys(("LEDGER_TABLE", "ORGANIZATION_TABLE", "MEMBER_ROLE", "EXTERNAL_ID", "BATCH_BUCKET"), "name"),
    "LISTINGS_A_SECOND": "5",
    "SCHEDULE_SECONDS": "3600",
    "AWS_DEFAULT_REGION": "us-east-1",
}
# Says at which collections objects were looked at during the import, and what is so after it.
PROBE = """
import gc, importlib, sys
begun = []
gc.callbacks.append(lambda phase, _: begun.append(phase) if "botocore" in sys.modules else None)
importlib.import_module("invitation_responder." + sys.argv[1])
print(len(begun), gc.isenabled(), gc.get_freeze_count() > 10_000)
"""


@pytest.mark.parametrize("entry", ENTRIES)
def test_nothing_is_collected_until_an_entry_is_loaded(entry: str, tmp_path: Path) -> None:
    policy = tmp_path / "policy.json"
    policy.write_bytes(Policy(mode="enforce").to_json())
    done = subprocess.run(
        [sys.executable, "-c", PROBE, entry],
        env=SETTINGS | {"POLICY_FILE": str(policy), "PYTHONPATH": str(PACKAGE.parent)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "0 True True\n"
