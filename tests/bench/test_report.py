"""The reports of benchmarks: the table in the terminal, the sections of the documents, the exit status."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from bench import __main__ as bench
from bench.report import ROOT, Claim, Observe, Plot, Report, replace_section, write_claims, write_table

SPEED = Claim("a decision", 0.5, at_most=1.3)
SIZE = Claim("the bundle", 25.4, at_most=25.0, unit="MiB")
PAGE = "# Benchmarks\n\n<!-- speed: written by `make bench` -->\nold\n<!-- end -->\n\nAfter.\n<!-- end -->\n"


@pytest.mark.parametrize(
    ("claim", "holds", "bounds"),
    [
        (SPEED, True, "at most 1.3"),
        (SIZE, False, "at most 25"),
        (Claim("peers", 2.9, at_least=3.0), False, "at least 3"),
        (Claim("pace", 0.98, at_most=1.02, at_least=0.95), True, "at most 1.02, at least 0.95"),
        (Claim("told", 7.0), True, ""),
    ],
)
def test_a_claim_holds_within_its_bounds(claim: Claim, *, holds: bool, bounds: str) -> None:
    assert (claim.holds, claim.bounds) == (holds, bounds)


def test_claims_are_a_table_of_the_documents() -> None:
    assert write_claims([SPEED, SIZE]).splitlines() == [
        "|  | measured | must be |",
        "|---|---:|---:|",
        "| a decision | 0.50 times | at most 1.3 |",
        "| the bundle | 25.4 MiB | at most 25 |",
    ]


def test_a_table_has_a_rule_for_each_column() -> None:
    assert write_table([("a",), ("b",)]) == "| a |\n|---|\n| b |"


def test_a_section_is_replaced_and_nothing_else() -> None:
    assert replace_section(PAGE, "speed", "new") == PAGE.replace("old", "new")
    with pytest.raises(ValueError, match="no section <!-- size: written by `make bench` -->"):
        replace_section(PAGE, "size", "new")


@pytest.fixture
def documents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a page and a README for two benchmarks, of which the second breaks its claim."""

    def measures(name: str, *claims: Claim, plots: tuple[Plot, ...] = ()) -> Callable[[Observe], Report]:
        def measure(observe: Observe) -> Report:
            observe(1, 1)
            return Report(name, (("", "times"), ("ours", "1.0")), f"Notes on {name}.", claims, plots)

        return measure

    monkeypatch.setattr(bench, "BENCHMARKS", {"speed": measures("speed", SPEED), "size": measures("size", SIZE)})
    sections = "".join(f"<!-- {name}: written by `make bench` -->\n<!-- end -->\n" for name in ("speed", "size"))
    (tmp_path / "page.md").write_text(sections, "utf-8")
    (tmp_path / "README.md").write_text("<!-- claims: written by `make bench` -->\n<!-- end -->\n", "utf-8")
    peers = tmp_path / "python"
    peers.write_text(f'#!/bin/sh\ncat > "{tmp_path}/plots.json"\n', "utf-8")
    peers.chmod(0o755)
    for name, path in (("_PAGE", "page.md"), ("_README", "README.md"), ("PEERS_PYTHON", "python")):
        monkeypatch.setattr(bench, name, tmp_path / path)
    return tmp_path


def test_a_whole_run_writes_everything_and_fails_for_a_broken_claim(
    documents: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bench.main([]) == 1
    page = (documents / "page.md").read_text("utf-8")
    assert "-->\n|  | times |\n|---|---:|\n| ours | 1.0 |\n\nNotes on speed.\n<!-- end -->" in page
    assert "Notes on size." in page
    assert write_claims([SPEED, SIZE]) in (documents / "README.md").read_text("utf-8")
    assert (documents / "plots.json").read_text("utf-8") == "[]"
    assert "the bundle" in capsys.readouterr().out


def test_a_part_of_the_benchmarks_leaves_the_others_alone(documents: Path) -> None:
    readme = (documents / "README.md").read_text("utf-8")
    assert bench.main(["speed"]) == 0
    assert "Notes on size." not in (documents / "page.md").read_text("utf-8")
    assert (documents / "README.md").read_text("utf-8") == readme


def test_a_process_that_fails_leaves_everything_alone(documents: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def disagree(_observe: Observe) -> Report:
        raise subprocess.CalledProcessError(3, "peers")

    monkeypatch.setitem(bench.BENCHMARKS, "size", disagree)
    page = (documents / "page.md").read_text("utf-8")
    assert bench.main([]) == 3
    assert (documents / "page.md").read_text("utf-8") == page


def test_an_unknown_benchmark_is_refused(documents: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert documents.exists()
    with pytest.raises(SystemExit):
        bench.main(["sped"])
    assert "no benchmark sped: there are speed, size" in capsys.readouterr().err


def test_missing_peers_are_told(documents: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (documents / "python").unlink()
    with pytest.raises(SystemExit):
        bench.main([])
    assert "run `make bench`, which installs them" in capsys.readouterr().err


def test_every_benchmark_has_a_section_in_the_documents() -> None:
    page, readme = ((ROOT / name).read_text("utf-8") for name in ("docs/benchmarks.md", "README.md"))
    assert all("new" in replace_section(page, name, "new") for name in bench.BENCHMARKS)
    assert "new" in replace_section(readme, "claims", "new")
