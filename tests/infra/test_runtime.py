"""The bundle itself, under Lambda's own runtime: its answers and its errors."""

import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import pytest

from authoring.language.compiler import compile_sources
from infra.bundle import PYTHON, build, find_python
from local.demo.scenario import SUSAN, bill_invites_susan, from_stranger
from local.embedded.function import create_ledger_table
from local.embedded.server import serve
from local.embedded.world import EmbeddedAws
from support.runtime_api import Answer, RuntimeApi, serve_runtime_api

pytestmark = [
    pytest.mark.xdist_group("infra"),
    pytest.mark.skipif(sys.platform != "linux", reason="Lambda's runtime is published for Linux only"),
]

ARN = f"arn:aws:lambda:us-east-1:{SUSAN}:function:invitation-responder"
POLICY = b"version: 1\nmode: enforce\nrules:\n  - {name: ours, effect: allow, organizations: [o-exampleorgid]}\n"
# As Lambda starts it: only the task's folder and the runtime's are on the path.
START = (
    "import runpy, sys; sys.path[:0] = sys.argv[1:3]; sys.argv[1:3] = [];"
    "runpy.run_module('awslambdaric', run_name='__main__')"
)


@pytest.fixture(scope="module")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The runtime interface client and what it needs, in a folder, for the Python that runs the bundle."""
    folder = tmp_path_factory.mktemp("runtime")
    names = ("awslambdaric", "simplejson", "snapshot-restore-py")
    target = ("--python-version", PYTHON, "--only-binary", ":all:") if find_python() else ()
    subprocess.run(
        [
            *(sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"),
            *(*target, "--target", str(folder)),
            *(f"{name}=={version(name)}" for name in names),
        ],
        check=True,
    )
    return folder


@pytest.fixture(scope="module")
def package(bundles: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundle as a zip file, as it is uploaded."""
    bundle = build(compile_sources({"policy.yaml": POLICY}).to_json(), into=bundles)
    return Path(shutil.make_archive(str(tmp_path_factory.mktemp("package") / "function"), "zip", bundle.path))


@pytest.fixture
def task(package: Path, tmp_path: Path) -> Path:
    """The bundle, unpacked in an empty folder."""
    folder = tmp_path / "task"
    with zipfile.ZipFile(package) as archive:
        archive.extractall(folder)
    return folder


@pytest.fixture
def aws() -> Iterator[EmbeddedAws]:
    """An AWS with the ledger's table."""
    with serve() as aws:
        create_ledger_table(aws.client("dynamodb", SUSAN), "ledger")
        yield aws


@contextmanager
def lambda_running(
    task: Path, runtime: Path, environment: dict[str, str]
) -> Iterator[tuple[RuntimeApi, "subprocess.Popen[bytes]"]]:
    """The function's process, which ends with the block, and the runtime API that it polls."""
    with serve_runtime_api(ARN) as api:
        command = [find_python() or sys.executable, "-I", "-S", "-c", START, str(task), str(runtime)]
        environment = environment | {
            "AWS_LAMBDA_RUNTIME_API": api.address,
            "AWS_LAMBDA_FUNCTION_NAME": "invitation-responder",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "LAMBDA_TASK_ROOT": str(task),
        }
        handler = "invitation_responder.handler.handle"
        with (
            Path(f"{task}.log").open("wb") as log,
            subprocess.Popen([*command, handler], cwd=task, env=environment, stdout=log, stderr=log) as process,
        ):
            try:
                yield api, process
            finally:
                process.kill()


def test_the_bundle_sweeps_under_lambdas_own_runtime(aws: EmbeddedAws, task: Path, runtime: Path) -> None:
    now = datetime.now(UTC)
    aws.receive(SUSAN, bill_invites_susan(now))
    aws.receive(SUSAN, from_stranger(1, now, hours=30))
    with lambda_running(task, runtime, aws.environment(SUSAN) | {"LEDGER_TABLE": "ledger"}) as (api, _):
        answer = api.invoke({})
        assert (answer.kind, answer.body) == ("response", {"declined": 1, "left": 1})
        # A warm start: the same process, with nothing new to answer.
        assert api.invoke({}).body == {"left": 1}
    lines = [json.loads(line) for line in Path(f"{task}.log").read_text().splitlines() if line.startswith("{")]
    assert aws.handshake("h-demohandshake01")["State"] == "DECLINED"
    assert [line["cold_start"] for line in lines if line.get("message") == "left"] == [True, False]
    assert sum("_aws" in line for line in lines) == 2


def test_a_module_that_is_missing_is_told_at_init(task: Path, runtime: Path) -> None:
    shutil.rmtree(task / "aws_lambda_powertools")
    with lambda_running(task, runtime, {}) as (api, process):
        answer = api.answer()
        assert process.wait(timeout=30) == 1
    assert (answer.kind, answer.error_type) == ("init/error", "Runtime.ImportModuleError")
    assert "No module named 'aws_lambda_powertools'" in answer.body["errorMessage"]


def test_a_setting_that_is_missing_is_told_at_init(task: Path, runtime: Path) -> None:
    with lambda_running(task, runtime, {"AWS_DEFAULT_REGION": "eu-west-1"}) as (api, process):
        answer = api.answer()
        assert process.wait(timeout=30) == 1
    assert (answer.kind, answer.body["errorType"]) == ("init/error", "SettingsError")
    assert answer.body["errorMessage"].startswith("LEDGER_TABLE is not set")


def test_a_damaged_policy_is_told_at_init(aws: EmbeddedAws, task: Path, runtime: Path) -> None:
    (task / "policy.json").write_bytes((task / "policy.json").read_bytes()[:-20])
    with lambda_running(task, runtime, aws.environment(SUSAN) | {"LEDGER_TABLE": "ledger"}) as (api, _):
        answer = api.answer()
    assert (answer.kind, answer.body["errorType"]) == ("init/error", "PolicyError")


def test_an_exception_of_the_handler_is_told_with_its_place(aws: EmbeddedAws, task: Path, runtime: Path) -> None:
    aws.fail("ListHandshakesForAccount", "AccessDeniedException")
    with lambda_running(task, runtime, aws.environment(SUSAN) | {"LEDGER_TABLE": "ledger"}) as (api, _):
        answer = api.invoke({})
        assert (answer.kind, answer.body["errorType"]) == ("error", "ListingError")
        assert "AccessDeniedException" in answer.body["errorMessage"]
        assert any("handler.py" in frame for frame in answer.body["stackTrace"])
        # The process lives on, and does its work as soon as it can.
        assert api.invoke({}) == Answer("response", {}, None)
