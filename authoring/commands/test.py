"""`responder test`: policy tests, and their coverage of the policy."""

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Final

import click

from invitation_responder.core.decision import Decider

from ..diagnostics.diagnostic import InvalidPolicy
from ..reports.terminal import show, wrap
from ..reports.test import SuiteResults, as_json, as_junit, in_words
from ..testing.coverage import measure
from ..testing.loading import Suite, load_suites
from ..testing.running import run_cases
from .errors import FOUND_SOMETHING, RefusalError
from .options import Moment

DEFAULT_TESTS: Final = Path("policies/tests")


@click.command(
    epilog="""\b
Examples:
  responder test
  responder test --fail-uncovered policies/tests/shop.yaml
  responder test --policy candidate.yaml --format junit > tests.xml

\b
Exit status:
  0  every decision is as expected
  1  a decision is not; or, with --fail-uncovered, the policy is not covered
  2  it could not work: no tests, or a mistake in the tests or the policy"""
)
@click.argument("tests", metavar="[T]...", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--policy",
    type=click.Path(path_type=Path),
    help="Test this policy, a file or a folder, whatever the tests name.",
)
@click.option(
    "--at",
    "now",
    type=Moment(),
    default=lambda: datetime.now(UTC),
    show_default="now",
    help="Judge as at this time (UTC) where the tests name none: a day, or ISO 8601.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "junit"]),
    default="text",
    show_default=True,
    help="Text for people, one JSON object, or JUnit's XML.",
)
@click.option("--fail-uncovered", is_flag=True, help="Fail where a rule or a condition is shown by no case.")
def test(tests: tuple[Path, ...], policy: Path | None, now: datetime, form: str, *, fail_uncovered: bool) -> None:
    """Judge the handshakes of policy tests, and compare.

    T is a file of tests, or a folder of them (*.yaml); policies/tests where
    none is given. Coverage tells what no test shows: a rule that never
    decides, a condition that could be removed without a test noticing.
    """
    tested = [_run(suite, now) for suite in _load_or_exit(tests or (DEFAULT_TESTS,), policy)]
    uncovered = [line for each in tested for line in each.coverage.uncovered]
    if form == "text":
        _show(tested)
    else:
        click.echo(as_json(tested) if form == "json" else as_junit(tested))
        for line in uncovered if fail_uncovered else ():
            click.echo(line, err=True)
    if any(each.failed for each in tested) or (fail_uncovered and uncovered):
        sys.exit(FOUND_SOMETHING)


def _load_or_exit(tests: Sequence[Path], policy: Path | None) -> list[Suite]:
    try:
        return load_suites(tests, policy)
    except InvalidPolicy as diagnostics:
        click.echo(str(diagnostics), err=True)
        raise RefusalError("the tests or their policy can't be used, so nothing was tested") from diagnostics


def _run(suite: Suite, now: datetime) -> SuiteResults:
    results = run_cases(suite.cases, Decider(suite.policy), now, perf_counter)
    return SuiteResults(suite.name, suite.policy.sha256, results, measure(suite.policy, results))


def _show(tested: list[SuiteResults]) -> None:
    failed = [result for each in tested for result in each.failed]
    for result in failed:
        show((wrap(str(result.case)), "bold red"))
        show(wrap(result.difference or "", "  "))
        show()
    for counts, uncovered in in_words(tested):
        show((wrap(counts), "red" if failed else "green"))
        for line in uncovered:
            show(wrap(line, "    ", "  "))
