"""Common behaviour of all commands on a terminal: help, colour, completion."""

import os
import pty
import re
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import IO, Final

import pytest
from click import Context
from click.testing import CliRunner

from authoring.cli import main

ROOT = Path(__file__).parents[3]
RESPONDER = Path(sys.executable).parent / "responder"
COLOUR: Final = re.compile(r"\x1b\[(?:[0-9;]*;)?(?:3[0-7]|4[0-7]|9[0-7]|38|48)[;0-9]*m")
COMMANDS = main.list_commands(Context(main))

POLICY = """\
version: 1
mode: enforce
rules:
  - {name: tickets, effect: allow, notes: {any: [CHG-]}}
"""
WIDER = POLICY.replace("[CHG-]", "[CHG-, INC-]")
TESTS = """\
version: 1
policy: policy.yaml
cases:
  - {name: a stranger, handshake: {}, expect: accept}
"""


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_shows_examples_and_fits_a_terminal(command: str) -> None:
    result = CliRunner().invoke(main, [*command.split(), "--help"], env={"COLUMNS": "200"})
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert max(map(len, lines)) <= 80
    start = lines.index("  Examples:") + 1
    assert any(f"responder {command}".strip() in line for line in lines[start:])
    assert CliRunner().invoke(main, [*command.split(), "-h"]).stdout == result.stdout


def test_the_examples_of_help_name_what_there_is() -> None:
    """Every example names a command and options that exist."""
    named = []
    for command in COMMANDS:
        text = CliRunner().invoke(main, [command, "--help"]).stdout
        options, _, examples = text.partition("Examples:")
        for line in re.findall(r"responder .*", examples.partition("Exit status:")[0]):
            for part in re.findall(r"responder (\w+)([^|&]*)", line):
                named.append(part[0])
                assert part[0] in COMMANDS
                flags = re.findall(r"(?<!\w)--[a-z-]+", part[1]) if part[0] == command else []
                assert [flag for flag in flags if flag not in options] == []
    assert set(named) == set(COMMANDS)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two policies, and a test that fails; nothing here writes to it."""
    folder = tmp_path_factory.mktemp("folder")
    for name, text in {"policy.yaml": POLICY, "wider.yaml": WIDER, "tests.yaml": TESTS, "h.yaml": "{}"}.items():
        (folder / name).write_text(text)
    return folder


def environment(**others: str) -> dict[str, str]:
    """The environment of a terminal with colours; `others` replace its variables."""
    own = {"PATH": f"{RESPONDER.parent}{os.pathsep}{os.environ['PATH']}", "TERM": "xterm-256color", "COLUMNS": "80"}
    return own | {"HOME": os.environ.get("HOME", "/"), "LC_ALL": "C.UTF-8", **others}


@cache
def on_terminal(folder: Path, *arguments: str, **variables: str) -> str:
    """The command's output on a terminal."""
    ours, its = pty.openpty()
    printed = b""
    with subprocess.Popen(
        [RESPONDER, *arguments], cwd=folder, env=environment(**variables), stdin=its, stdout=its, stderr=its
    ):
        os.close(its)
        try:
            while read := os.read(ours, 65536):
                printed += read
        except OSError:
            pass  # the end of a terminal's output on Linux
    os.close(ours)
    return printed.decode().replace("\r\n", "\n")


@pytest.mark.xdist_group("colour")  # what was shown once is looked at by several
@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(("check", "policy.yaml"), id="check"),
        pytest.param(("diff", "policy.yaml", "wider.yaml"), id="diff"),
        pytest.param(("explain", "policy.yaml", "h.yaml", "--at", "2026-12-01"), id="explain"),
        pytest.param(("test", "tests.yaml"), id="test"),
    ],
)
class TestColour:
    """Output is coloured on a terminal, and there alone."""

    def test_a_terminal_is_coloured(self, folder: Path, arguments: tuple[str, ...]) -> None:
        assert COLOUR.search(on_terminal(folder, *arguments))

    def test_not_where_nobody_wants_it(self, folder: Path, arguments: tuple[str, ...]) -> None:
        printed = on_terminal(folder, *arguments, NO_COLOR="1")
        assert COLOUR.search(printed) is None
        assert "policy.yaml" in printed or "decline" in printed

    @pytest.mark.parametrize("variables", [{}, {"NO_COLOR": "1"}, {"TERM": "dumb"}])
    def test_not_in_a_file_which_has_the_same_words(
        self, folder: Path, arguments: tuple[str, ...], variables: dict[str, str]
    ) -> None:
        done = subprocess.run(
            [RESPONDER, *arguments],
            cwd=folder,
            env=environment(**variables),
            capture_output=True,
            text=True,
            check=False,
        )
        assert "\x1b" not in done.stdout
        assert done.stdout == re.sub(r"\x1b\[[0-9;]*m", "", on_terminal(folder, *arguments))


@pytest.mark.parametrize("form", ["json", "github", "sarif"])
def test_what_is_for_machines_is_never_coloured(folder: Path, form: str) -> None:
    printed = on_terminal(folder, "check", "policy.yaml", "--format", form)
    assert "IR001" in printed
    assert "\x1b" not in printed


@pytest.mark.parametrize(
    ("shell", "parts"),
    [
        ("bash", ["complete -o nosort -F _responder_completion responder", "_RESPONDER_COMPLETE=bash_complete"]),
        ("zsh", ["#compdef responder", "_RESPONDER_COMPLETE=zsh_complete"]),
        ("fish", ["complete --no-files --command responder", "_RESPONDER_COMPLETE=fish_complete"]),
    ],
)
def test_the_script_of_each_shell_is_printed(shell: str, parts: list[str]) -> None:
    result = CliRunner().invoke(main, ["completion", shell], prog_name="responder")
    assert result.exit_code == 0
    assert [part for part in parts if part not in result.stdout] == []


def test_another_shell_is_wrong_usage() -> None:
    result = CliRunner().invoke(main, ["completion", "tcsh"])
    assert (result.exit_code, result.stdout) == (2, "")
    assert "'tcsh' is not one of 'bash', 'zsh', 'fish'" in result.stderr


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        pytest.param("responder ", [f"plain,{command}" for command in COMMANDS], id="commands"),
        pytest.param("responder ex", ["plain,explain"], id="the rest of a command"),
        pytest.param("responder diff --", ["--at", "--fail-on", "--format", "-h", "--help"], id="options"),
        pytest.param("responder check --format ", ["text", "json", "github", "sarif"], id="choices"),
        pytest.param("responder completion z", ["zsh"], id="an argument's choice"),
        pytest.param("responder check pol", ["file,pol"], id="files, by the shell"),
        pytest.param("responder diff main:pol", ["file,main:pol"], id="what may be a revision"),
        pytest.param("responder run --policy ", ["file,"], id="an option's file"),
    ],
)
def test_what_is_offered_to_bash(folder: Path, line: str, offered: list[str]) -> None:
    # The script passes the words of the line, and the index of the word that is being written.
    asked = {"COMP_WORDS": line, "COMP_CWORD": str(line.count(" ")), "_RESPONDER_COMPLETE": "bash_complete"}
    done = subprocess.run([RESPONDER], env=environment(**asked), capture_output=True, text=True, check=True)
    printed = done.stdout.splitlines()
    wanted = [each if "," in each else f"plain,{each}" for each in offered]
    assert [each for each in printed if each not in ("plain,-h", "plain,--help")] == [
        each for each in wanted if each not in ("plain,-h", "plain,--help")
    ]


class Shell:
    """An interactive bash on a terminal."""

    def __init__(self, folder: Path) -> None:
        """Start bash without any start-up file."""
        self._terminal, its = pty.openpty()
        self._process = subprocess.Popen(
            ["bash", "--norc", "--noprofile", "-i"],  # noqa: S607 - the machine's bash
            cwd=folder,
            env=environment(PS1="$ ", HISTFILE="", INPUTRC=os.devnull),
            stdin=its,
            stdout=its,
            stderr=its,
            start_new_session=True,
        )
        os.close(its)

    def type(self, keys: str, until: str) -> str:
        """Press keys and return the output up to `until`."""
        os.write(self._terminal, keys.encode())
        printed, end = "", time.monotonic() + 30
        while until not in printed and time.monotonic() < end:
            if select.select([self._terminal], [], [], 0.1)[0]:
                printed += os.read(self._terminal, 65536).decode()
        assert until in printed, printed
        return printed

    def close(self) -> None:
        """Kill bash and close the terminal."""
        self._process.kill()
        self._process.wait()
        os.close(self._terminal)


@pytest.fixture
def shell(folder: Path) -> Iterator[Shell]:
    """A shell in the folder, which has sourced the completion script."""
    shell = Shell(folder)
    shell.type("source <(responder completion bash); echo sour''ced\r", "sourced\r\n")
    yield shell
    shell.close()


@pytest.mark.parametrize(
    ("typed", "completed"),
    [
        pytest.param("responder ex\t", "responder explain ", id="a command"),
        pytest.param("responder diff --fa\t", "responder diff --fail-on ", id="an option"),
        pytest.param("responder check --format gi\t", "responder check --format github ", id="a choice"),
        pytest.param("responder check pol\t", "responder check policy.yaml ", id="a file"),
        pytest.param("responder scp wid\t", "responder scp wider.yaml ", id="another command's file"),
    ],
)
def test_the_tab_key_in_a_real_bash(shell: Shell, typed: str, completed: str) -> None:
    assert completed in shell.type(typed, completed)


def printing(command: list[str], stdout: IO[str]) -> "subprocess.CompletedProcess[str]":
    """Run the command in the project's folder, with `stdout` as its stdout."""
    return subprocess.run(
        [RESPONDER, *command], cwd=ROOT / "local", stdout=stdout, stderr=subprocess.PIPE, text=True, check=False
    )


@pytest.mark.parametrize("command", [["check", "policies"], ["schema"], ["completion", "bash"], ["test"]], ids=" ".join)
def test_a_full_disk_is_told_in_one_line(command: list[str]) -> None:
    with Path("/dev/full").open("w") as full:
        done = printing(command, full)
    assert done.returncode == 2
    assert done.stderr == "Error: stdout can't be written (no space left on device)\n"


@pytest.mark.parametrize("command", [["check", "policies"], ["schema"], ["test"]], ids=" ".join)
def test_a_reader_that_has_seen_enough_is_no_finding(command: list[str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as pipe:
        done = printing(command, pipe)
    assert (done.returncode, done.stderr) == (141, "")


def test_interrupted_is_no_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("authoring.commands.check.read_files", interrupt)
    result = CliRunner().invoke(main, ["check", "policies"])
    assert result.exit_code == 130
