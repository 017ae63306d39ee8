"""`responder diff`: revisions of git, the output, and the exit status."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from markdown_it import MarkdownIt
from rich.cells import cell_len

from authoring.cli import main
from invitation_responder.core.escaping import escape
from support.repository import Repository

OLD = """\
version: 1
mode: enforce
limits: {wait: 24h, declines_per_sweep: 25}
rules:
  - name: ours
    effect: allow
    organizations: [o-ourcompany0]
    management_accounts: ["444444444444"]
  - name: partners
    effect: allow
    organizations: [o-partner0001]
"""
WIDER = OLD.replace("[o-ourcompany0]", "[o-ourcompany0, o-ourcompany1]")
NARROWER = OLD + "    notes: {any: [CHG-]}\n"
BOTH = WIDER + "    notes: {any: [CHG-]}\n"
EXPIRING = OLD + "    expires: 2027-03-31\n"
UNCHANGED = "No change in meaning: every handshake is answered alike, now and later.\n"
USELESS = "the policy can't be used, so nothing was compared"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current folder that is in no repository."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    monkeypatch.setenv("LC_ALL", "C")  # git's messages are part of the output
    return tmp_path


@pytest.fixture
def repository(folder: Path) -> Repository:
    """A repository in the current folder; `main` has the old policy."""
    repository = Repository(folder)
    repository.commit({"policies/policy.yaml": OLD, "policies/README.md": "Ours.\n"})
    return repository


def diff(*arguments: str | Path) -> Result:
    """Run the command in this process."""
    return CliRunner().invoke(main, ["diff", *map(str, arguments)])


def compare(new: str, *arguments: str, old: str = OLD) -> Result:
    """Compare two files."""
    Path("old.yaml").write_text(old, encoding="utf-8")
    Path("new.yaml").write_text(new, encoding="utf-8")
    return diff("old.yaml", "new.yaml", *arguments)


class TestRevisions:
    """Policies of revisions in git."""

    @pytest.mark.parametrize(
        "old",
        [
            "main:policies",
            "main:policies/",
            "main:./policies",
            "main:policies/policy.yaml",
            "HEAD:policies",
            "HEAD^{tree}:policies",
            "released:policies",
        ],
    )
    def test_a_file_or_a_folder_of_a_revision(self, repository: Repository, old: str) -> None:
        repository.git("tag", "--annotate", "--message", "Released", "released")
        repository.write({"policies/policy.yaml": WIDER})
        result = diff(old, "policies")
        assert (result.exit_code, result.stderr) == (0, "")
        assert result.stdout.endswith("1 change in meaning: 1 widening, 0 narrowing.\n")

    def test_two_revisions(self, repository: Repository) -> None:
        repository.commit({"policies/policy.yaml": WIDER})
        assert "1 widening, 0 narrowing." in diff("HEAD^:policies", "HEAD:policies/policy.yaml").stdout
        assert "0 widening, 1 narrowing." in diff("HEAD:policies", "HEAD^:policies").stdout
        assert diff("HEAD:policies", "policies").stdout == UNCHANGED

    def test_a_folder_is_all_its_files(self, repository: Repository) -> None:
        shop = "version: 1\nrules:\n  - {name: shop, effect: allow, organizations: [o-theshop0001]}\n"
        repository.commit({"policies/shop.yaml": shop, "policies/tests/t.yaml": "version: 1\ncases: []\n"})
        (repository.folder / "policies" / "shop.yaml").unlink()
        result = diff("main:policies", "policies")
        assert "edited     rule shop: removed" in result.stdout

    @pytest.mark.parametrize(
        ("here", "old", "new"),
        [
            pytest.param("docs", "main:policies", "../policies", id="from the top, wherever one stands"),
            pytest.param("docs", "main:../policies", "../policies", id="from where one stands"),
            pytest.param("policies", "main:./", ".", id="the current folder"),
            pytest.param("docs", "top:", "../policies", id="the top itself"),
        ],
    )
    def test_a_path_is_what_git_takes_it_for(
        self, repository: Repository, monkeypatch: pytest.MonkeyPatch, here: str, old: str, new: str
    ) -> None:
        repository.git("switch", "--quiet", "--create", "top")
        repository.commit({"policy.yaml": OLD})
        repository.write({"policies/policy.yaml": WIDER, "docs/a.md": "A.\n"})
        monkeypatch.chdir(repository.folder / here)
        result = diff(old, new)
        assert (result.exit_code, result.stderr) == (0, "")
        assert "1 widening" in result.stdout

    def test_what_is_on_disk_comes_first(self, repository: Repository) -> None:
        repository.write({"main:policies": WIDER})
        assert "1 narrowing" in diff("main:policies", "policies").stdout

    @pytest.mark.parametrize(
        ("old", "message"),
        [
            pytest.param("mian:policies", "git: invalid object name 'mian'.", id="an unknown revision"),
            pytest.param("main:policy", "git: path 'policy' does not exist in 'main'", id="an unknown path"),
            pytest.param("a" * 300 + ":policies", f"git: invalid object name '{'a' * 300}'.", id="a long name"),
            pytest.param(
                ":policies",
                ":policies: expected REVISION:PATH, as in main:policies",
                id="no revision, which is the index",
            ),
            pytest.param(
                "--help:policies",
                "--help:policies: expected REVISION:PATH, as in main:policies",
                id="what git would take for an option",
            ),
        ],
    )
    @pytest.mark.usefixtures("repository")
    def test_what_git_does_not_have(self, old: str, message: str) -> None:
        result = diff("--", old, "policies")
        assert (result.exit_code, result.stdout, result.stderr) == (2, "", f"Error: {message}\n")

    @pytest.mark.usefixtures("repository")
    def test_what_git_says_is_shown_as_text(self) -> None:
        result = diff("main:\x1b[2Jpolicies\u202e", "policies")
        assert result.exit_code == 2
        assert re.findall(r"[^ -~\n]", result.stderr) == []

    def test_no_repository(self) -> None:
        Path("policy.yaml").write_text(OLD)
        result = diff("main:policies", "policy.yaml")
        assert result.exit_code == 2
        assert result.stderr.startswith("Error: git: not a git repository")
        assert len(result.stderr.splitlines()) == 1

    def test_no_git(self, repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PATH", str(repository.folder / "nothing"))
        result = diff("main:policies", "policies")
        assert (result.exit_code, result.stdout) == (2, "")
        assert result.stderr == "Error: git can't be run: no such file or directory\n"
        assert compare(WIDER).exit_code == 0

    def test_what_looks_like_a_policy_and_is_not_read_is_a_mistake(self, repository: Repository) -> None:
        repository.commit({"policies/shop.yml": "rules: []\n"})
        result = diff("main:policies", "policies/policy.yaml")
        assert result.exit_code == 2
        assert result.stderr == (
            "main:policies/shop.yml:1:1: is not read: the files of a folder end in `.yaml`"
            " (rename it, or move it elsewhere)\n"
            f"Error: main:policies: {USELESS}\n"
        )

    def test_a_folder_without_a_policy(self, repository: Repository) -> None:
        repository.commit({"docs/a.md": "A.\n"})
        result = diff("main:docs", "policies")
        assert result.exit_code == 2
        assert result.stderr == (
            "main:docs:1:1: holds no policy: there is no `*.yaml` file directly in this folder\n"
            f"Error: main:docs: {USELESS}\n"
        )

    @pytest.mark.parametrize("old", ["main:policies", "main:policies/policy.yaml"])
    def test_mistakes_name_the_revision_the_file_the_line_and_the_column(
        self, repository: Repository, old: str
    ) -> None:
        broken = OLD.replace("mode: enforce", "mode: enforced").replace("effect: allow", "effect: alow", 1)
        repository.commit({"policies/policy.yaml": broken})
        repository.write({"policies/policy.yaml": OLD})
        result = diff(old, "policies")
        assert (result.exit_code, result.stdout) == (2, "")
        *diagnostics, error = result.stderr.splitlines()
        assert [line.partition(" (expected")[0] for line in diagnostics] == [
            "main:policies/policy.yaml:2:7: mode: `enforced` is not a mode",
            "main:policies/policy.yaml:6:13: effect: `alow` is not an effect",
        ]
        assert error == f"Error: {old}: {USELESS}"


TEXT = """\
widening
  handshake  {organization: o-ourcompany1, management_account: '444444444444'}
  actions    INVITE, TRANSFER_RESPONSIBILITY
  was        decline: no rule matches INVITE from organization o-ourcompany1
             (management account 444444444444), and the default is decline
  is         allow: rule ours allows INVITE from organization o-ourcompany1
             (management account 444444444444)
  edited     rule ours: organizations + o-ourcompany1

narrowing
  handshake  {organization: o-partner0001}
  actions    INVITE, TRANSFER_RESPONSIBILITY
  was        allow: rule partners allows INVITE from organization o-partner0001
             (management account 999999999999)
  is         decline: no rule matches INVITE from organization o-partner0001
             (management account 999999999999), and the default is decline
  edited     rule partners: notes.any - (any) + chg-

2 changes in meaning: 1 widening, 1 narrowing.
"""
MARKDOWN = """\
### What changes in meaning

2 changes in meaning: 1 widening, 1 narrowing.

**widening** · decline → allow

- handshake: `{organization: o-ourcompany1, management_account: '444444444444'}`
- with any of these actions: INVITE, TRANSFER_RESPONSIBILITY
- was **decline**: no rule matches INVITE from organization o-ourcompany1 (management account 444444444444), and the \
default is decline
- is **allow**: rule ours allows INVITE from organization o-ourcompany1 (management account 444444444444)
- edited: `rule ours: organizations + o-ourcompany1`

**narrowing** · allow → decline

- handshake: `{organization: o-partner0001}`
- with any of these actions: INVITE, TRANSFER_RESPONSIBILITY
- was **allow**: rule partners allows INVITE from organization o-partner0001 (management account 999999999999)
- is **decline**: no rule matches INVITE from organization o-partner0001 (management account 999999999999), and the \
default is decline
- edited: `rule partners: notes.any - (any) + chg-`
"""
JSON = {
    "widening": 1,
    "narrowing": 1,
    "changes": [
        {
            "direction": "widening",
            "since": None,
            "handshake": {"organization": "o-ourcompany1", "management_account": "444444444444"},
            "actions": ["INVITE", "TRANSFER_RESPONSIBILITY"],
            "old": {
                "effect": "decline",
                "rules": [],
                "reason": "no rule matches INVITE from organization o-ourcompany1 (management account 444444444444), "
                "and the default is decline",
            },
            "new": {
                "effect": "allow",
                "rules": ["ours"],
                "reason": "rule ours allows INVITE from organization o-ourcompany1 (management account 444444444444)",
            },
            "edits": [{"rule": "ours", "name": "organizations", "removed": [], "added": ["o-ourcompany1"]}],
        },
        {
            "direction": "narrowing",
            "since": None,
            "handshake": {"organization": "o-partner0001"},
            "actions": ["INVITE", "TRANSFER_RESPONSIBILITY"],
            "old": {
                "effect": "allow",
                "rules": ["partners"],
                "reason": "rule partners allows INVITE from organization o-partner0001 "
                "(management account 999999999999)",
            },
            "new": {
                "effect": "decline",
                "rules": [],
                "reason": "no rule matches INVITE from organization o-partner0001 (management account 999999999999), "
                "and the default is decline",
            },
            "edits": [{"rule": "partners", "name": "notes.any", "removed": ["(any)"], "added": ["chg-"]}],
        },
    ],
    "limits": [],
    "edits_without_effect": [],
}


class TestWhatIsPrinted:
    """The output in each of the three forms."""

    def test_text(self) -> None:
        assert compare(BOTH).stdout == TEXT

    def test_markdown(self) -> None:
        assert compare(BOTH, "--format", "markdown").stdout == MARKDOWN

    def test_json(self) -> None:
        printed = compare(BOTH, "--format", "json").stdout
        assert json.loads(printed) == JSON
        assert printed == json.dumps(JSON, indent=2) + "\n"

    def test_what_changes_only_the_text(self) -> None:
        rewritten = "# The same.\n" + OLD.replace("{wait: 24h, declines_per_sweep: 25}", "{wait: 1d}")
        assert compare(rewritten, "--fail-on", "change").stdout == UNCHANGED
        assert compare(rewritten, "--format", "markdown").stdout == f"### What changes in meaning\n\n{UNCHANGED}"

    def test_an_edit_that_changes_nothing_is_listed(self) -> None:
        new = OLD + "  - {name: more, effect: allow, organizations: [o-partner0001], actions: [INVITE]}\n"
        heading = "Edited, and nothing is answered differently by it:\n"
        assert compare(new).stdout == f"{heading}  rule more: added\n\n{UNCHANGED}"
        assert compare(new, "--format", "markdown").stdout == (
            f"### What changes in meaning\n\n{UNCHANGED}\n{heading}\n- `rule more: added`\n"
        )
        assert json.loads(compare(new, "--format", "json").stdout)["edits_without_effect"] == [
            {"rule": "more", "name": None, "removed": [], "added": ["rule"]}
        ]
        assert compare(new, "--fail-on", "change").exit_code == 0

    def test_what_begins_later_says_when(self) -> None:
        result = compare(EXPIRING, "--at", "2026-12-01")
        assert result.stdout.startswith("narrowing, from 2027-03-31 on\n")
        assert "  edited     rule partners: expires - (never) + 2027-03-31\n" in result.stdout
        markdown = compare(EXPIRING, "--at", "2026-12-01", "--format", "markdown").stdout
        assert "**narrowing** from 2027-03-31 on · allow → decline\n" in markdown
        (change,) = json.loads(compare(EXPIRING, "--at", "2026-12-01", "--format", "json").stdout)["changes"]
        assert change["since"] == "2027-03-31"

    def test_at_is_when_it_is_judged(self) -> None:
        assert compare(EXPIRING, "--at", "2027-03-31").stdout.startswith("narrowing\n")
        assert compare(OLD, "--at", "2027-03-31", old=EXPIRING).stdout.startswith("widening\n")
        gone = OLD[: OLD.index("  - name: partners")]
        assert compare(gone, "--at", "2027-03-30", old=EXPIRING).stdout.startswith("narrowing\n")
        assert compare(gone, "--at", "2027-03-31", old=EXPIRING).stdout.endswith(UNCHANGED)

    @pytest.mark.parametrize(
        ("edit", "printed"),
        [
            pytest.param(
                ("mode: enforce", "mode: audit"),
                ["widening", "  mode       enforce -> audit: nothing is declined any more"],
                id="nothing is answered any more",
            ),
            pytest.param(
                ("wait: 24h", "wait: 3d"),
                ["widening", "  wait       24h -> 3d: what is declined is left longer first"],
                id="a longer wait",
            ),
            pytest.param(
                ("wait: 24h", "wait: 90m"),
                ["narrowing", "  wait       24h -> 90m: what is declined is left for a shorter time first"],
                id="a shorter wait",
            ),
            pytest.param(
                ("declines_per_sweep: 25", "declines_per_sweep: 5"),
                ["widening", "  declines_per_sweep 25 -> 5: one sweep declines fewer"],
                id="fewer declines in a sweep",
            ),
            pytest.param(
                ("declines_per_sweep: 25", "declines_per_sweep: 100"),
                ["narrowing", "  declines_per_sweep 25 -> 100: one sweep declines more"],
                id="more declines in a sweep",
            ),
        ],
    )
    def test_limits(self, edit: tuple[str, str], printed: list[str]) -> None:
        new = OLD.replace(*edit)
        lines = compare(new).stdout.splitlines()
        assert lines[:3] == [*printed, "  handshake  {} (from anybody else)"]
        assert lines[-1].startswith("1 change in meaning: ")
        name, _, change = edit[0].partition(": ")
        markdown = compare(new, "--format", "markdown").stdout
        assert f"**{printed[0]}** · `{name}: {change} -> {edit[1].partition(': ')[2]}`\n" in markdown
        found = json.loads(compare(new, "--format", "json").stdout)
        assert [(limit["direction"], limit["name"], limit["old"]) for limit in found["limits"]] == [
            (printed[0], name, change)
        ]
        assert (found["changes"], found[printed[0]]) == ([], 1)
        assert compare(new, "--fail-on", printed[0]).exit_code == 1


@pytest.mark.parametrize(
    ("new", "failing"),
    [
        pytest.param(OLD, [], id="nothing"),
        pytest.param(WIDER, ["widening", "change"], id="a widening"),
        pytest.param(NARROWER, ["narrowing", "change"], id="a narrowing"),
        pytest.param(BOTH, ["widening", "narrowing", "change"], id="both"),
    ],
)
@pytest.mark.parametrize("form", ["text", "json", "markdown"])
def test_fail_on(new: str, failing: list[str], form: str) -> None:
    choices = ("widening", "narrowing", "change")
    ended = {choice: compare(new, "--format", form, "--fail-on", choice).exit_code for choice in choices}
    assert ended == {choice: int(choice in failing) for choice in choices}
    assert compare(new, "--format", form).exit_code == 0


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["old.yaml"],
        ["old.yaml", "old.yaml", "--fail-on", "nothing"],
        ["old.yaml", "old.yaml", "--format", "xml"],
        ["old.yaml", "old.yaml", "--at", "soon"],
        ["old.yaml", "nowhere.yaml"],
    ],
)
def test_what_can_not_work_is_exit_status_2(arguments: list[str]) -> None:
    Path("old.yaml").write_text(OLD)
    result = diff(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "Error: " in result.stderr


def test_every_broken_policy_is_told_before_anything_is_compared() -> None:
    result = compare(OLD.replace("effect: allow", "effect: alow"), "--fail-on", "change")
    assert (result.exit_code, result.stdout) == (2, "")
    assert [line.partition(" ")[0] for line in result.stderr.splitlines()] == [
        "new.yaml:6:13:",
        "new.yaml:10:13:",
        "Error:",
    ]


# Texts that a policy's author, or whoever proposes an edit, may write between quotation marks.
HOSTILE = [
    pytest.param("``` `a` ``", id="backticks"),
    pytest.param("`", id="one backtick"),
    pytest.param("a | b |", id="pipes"),
    pytest.param("**bold** _it_ <b>html</b> <!-- ", id="Markdown and HTML"),
    pytest.param("[click](https://evil.example) @susan #1 https://evil.example", id="links"),
    pytest.param("\x1b[2J\x1b]0;title\x07", id="terminal escapes"),
    pytest.param("abc\u202edef\u2066 \u200bghi", id="direction marks"),
    pytest.param("a\nb\n\n# c\u2028d\x85e", id="line ends"),
    pytest.param("::error::no", id="a workflow command"),
    pytest.param("日本 語で書 かれた " * 12, id="wide characters"),
    pytest.param("עברית كلمة", id="from right to left"),
    pytest.param("[bold red]markup[/]", id="markup of this program's own"),
]


class TestHostileKeywords:
    """Hostile keywords are shown as text and nothing else."""

    @pytest.fixture(params=HOSTILE)
    def new(self, request: pytest.FixtureRequest) -> str:
        """A policy with a hostile keyword."""
        return OLD + f"    notes: {{any: [{json.dumps(request.param)}]}}\n"

    def test_in_text(self, new: str) -> None:
        printed = compare(new).stdout
        edited = printed[printed.index("  edited") :]
        assert "+ " in edited
        assert_nothing_hidden(printed)
        assert max(cell_len(line) for line in printed.splitlines()) <= 80

    def test_in_markdown(self, new: str) -> None:
        printed = compare(new, "--format", "markdown").stdout
        assert_nothing_hidden(printed)
        # For GitHub the edit is one piece of code, and nothing else has come into the document.
        tokens = MarkdownIt("gfm-like", {"linkify": False, "html": True}).parse(printed)
        inline = [child for token in tokens for child in token.children or []]
        kinds = {token.type.removesuffix("_open").removesuffix("_close") for token in (*tokens, *inline)}
        blocks = {"heading", "paragraph", "inline", "bullet_list", "list_item"}
        assert kinds == {*blocks, "text", "strong", "code_inline"}
        plain = json.loads(compare(new, "--format", "json").stdout)["changes"][0]["edits"][0]["added"][0]
        codes = [child.content for child in inline if child.type == "code_inline"]
        assert codes[1:] == [f"rule partners: notes.any - (any) + {escape(plain)}"]


def assert_nothing_hidden(printed: str) -> None:
    """Every character is printable, except the program's own line ends."""
    assert [character for character in printed if not character.isprintable() and character != "\n"] == []


def test_nothing_is_wider_than_a_terminal_but_what_can_not_be_broken() -> None:
    many = ", ".join(f"o-{number:032}" for number in range(40))
    word = "x" * 100
    printed = compare(OLD + f"    notes: {{any: [{word}, many words in a long keyword that goes on and on]}}\n").stdout
    printed += compare(OLD.replace("[o-partner0001]", f"[{many}]")).stdout
    lines = printed.splitlines()
    assert len(lines) > 40
    assert [line for line in lines if len(line) > 80 and word not in line] == []


def test_a_long_pull_request_is_whole(repository: Repository) -> None:
    rules = "".join(f"  - {{name: r{n}, effect: allow, organizations: [o-{n:010}]}}\n" for n in range(60))
    repository.write({"policies/policy.yaml": OLD + rules})
    found = json.loads(diff("main:policies", "policies", "--format", "json").stdout)
    assert found["widening"] == 60
    assert {edit["rule"] for change in found["changes"] for edit in change["edits"]} == {f"r{n}" for n in range(60)}
