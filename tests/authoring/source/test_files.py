"""The files and folders that may be given as a policy's source, and the diagnostics of everything else."""

import os
from pathlib import Path

import pytest

from authoring.diagnostics.diagnostic import InvalidPolicy
from authoring.language.compiler import load_policy
from invitation_responder.core.policy import Policy

SHIPPED = Path(__file__).parents[3] / "local/policies"
POLICY = "version: 1\nmode: audit\nrules: []\n"


def diagnose(path: Path) -> list[str]:
    with pytest.raises(InvalidPolicy) as caught:
        load_policy(path)
    return str(caught.value).splitlines()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, by a path relative to the current folder, as people give it."""
    monkeypatch.chdir(tmp_path)
    Path("policies").mkdir()
    return Path("policies")


def test_the_policy_that_ships_is_right() -> None:
    policy = load_policy(SHIPPED / "policy.yaml")

    assert policy.mode == "audit"
    assert [(rule.effect, rule.actions, rule.organizations) for rule in policy.rules] == [
        ("allow", ("INVITE",), ("o-exampleorgid",))
    ]
    assert policy.rules[0].management_accounts == ("111111111111",)


def test_the_examples_in_the_policy_that_ships_are_right(folder: Path) -> None:
    lines = (SHIPPED / "policy.yaml").read_text("utf-8").splitlines()
    uncommented = [line.replace("  # ", "  ", 1) if line.startswith(("  # -", "  #  ")) else line for line in lines]
    (folder / "policy.yaml").write_text("\n".join(uncommented), "utf-8")

    assert len(load_policy(folder).rules) == 3


def test_a_file_may_have_any_name(folder: Path) -> None:
    (folder / "policy.txt").write_text(POLICY)

    assert load_policy(folder / "policy.txt") == Policy(mode="audit")


def test_a_folder_is_one_policy(folder: Path) -> None:
    (folder / "a.yaml").write_text(POLICY)
    (folder / "b.yaml").write_text("version: 1\nlimits: {wait: 24h}\n")
    (folder / ".hidden.yaml").write_text("[")
    (folder / "README.md").write_text("[")
    (folder / "tests").mkdir()
    (folder / "tests" / "c.yaml").write_text("[")

    assert load_policy(folder).wait.total_seconds() == 24 * 3600


def test_a_folder_that_would_be_half_loaded_is_not_loaded(folder: Path) -> None:
    (folder / "a.yml").write_text(POLICY)
    (folder / "b.YAML").write_text(POLICY)
    (folder / "c.yaml").mkdir()
    (folder / "d.yaml").symlink_to("nowhere")
    (folder / "e.yaml").write_text("version: 2")
    os.mkfifo(folder / "f.yaml")

    assert diagnose(folder) == [
        "policies/a.yml:1:1: is not read: the files of a folder end in `.yaml` (rename it, or move it elsewhere)",
        "policies/b.YAML:1:1: is not read: the files of a folder end in `.yaml` (rename it, or move it elsewhere)",
        "policies/c.yaml:1:1: is a folder, where a file is expected",
        "policies/d.yaml:1:1: is a link to a file that does not exist",
        "policies/e.yaml:1:10: version: `2` is not a version that this program knows (expected 1)",
        "policies/f.yaml:1:1: is not a regular file",
    ]


def test_an_empty_folder_holds_no_policy(folder: Path) -> None:
    assert diagnose(folder) == ["policies:1:1: holds no policy: there is no `*.yaml` file directly in this folder"]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        pytest.param("none.yaml", "none.yaml:1:1: does not exist", id="a file that is missing"),
        pytest.param("a\nb.yaml", r"a\nb.yaml:1:1: does not exist", id="a name can't forge a line"),
        pytest.param("a" * 300, "a" * 300 + ":1:1: can't be read: file name too long", id="a name that can't be"),
    ],
)
def test_a_path_that_leads_nowhere_is_told(path: str, expected: str) -> None:
    assert diagnose(Path(path)) == [expected]


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        pytest.param(PermissionError(13, "Permission denied"), "permission denied", id="the system refuses"),
        pytest.param(ValueError("embedded null byte"), "embedded null byte", id="Python refuses"),
    ],
)
@pytest.mark.parametrize("method", ["is_dir", "iterdir", "open"])
def test_what_can_not_be_read_is_told(
    folder: Path, monkeypatch: pytest.MonkeyPatch, method: str, error: Exception, reason: str
) -> None:
    # Tests may run as root, and permissions don't stop root.
    def refuse(*_: object) -> None:
        raise error

    (folder / "a.yaml").write_text(POLICY)
    monkeypatch.setattr(Path, method, refuse)

    where = "policies/a.yaml" if method == "open" else "policies"
    assert diagnose(folder) == [f"{where}:1:1: can't be read: {reason}"]


def test_a_file_that_is_too_large_is_told(folder: Path) -> None:
    (folder / "a.yaml").write_bytes(b"#" * (2 * 1024 * 1024))

    assert diagnose(folder / "a.yaml") == [
        "policies/a.yaml:1:1: is larger than 1 MiB, the most that one file may be: split it over several"
    ]
