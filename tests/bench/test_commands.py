"""The benchmark of the author's commands: its workload, its report, and that what it claims can't be lost unnoticed."""

import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from authoring.analysis.review import review
from authoring.language.compiler import compile_files, load_policy
from authoring.lints.runner import lint
from authoring.replay.lines import read_lines
from authoring.source.files import read_files
from authoring.testing.loading import load_suites
from authoring.testing.running import run_cases
from bench import commands
from bench.commands import START, measure_times, report
from bench.report import Claim
from bench.sources import edit, make_mixed_policy, write_cases, write_ledger, write_policy
from bench.workload import NOW, SIZES
from invitation_responder.core.decision import Decider
from invitation_responder.core.policy import Policy, Rule
from support.steps import count_steps

TIMES = {
    START: {0: 0.1},
    "check": {10: 0.2, 100: 0.3, 1_000: 1.1, 10_000: 9.1},
    "test": {10: 0.2, 100: 0.2, 1_000: 0.3, 10_000: 2.1},
    "diff": {10: 0.2, 100: 0.3, 1_000: 1.1, 10_000: 15.1},
    "replay": {1_000: 0.6, 10_000: 1.1, 100_000: 6.1},
}


@pytest.mark.parametrize("rules", [SIZES[0], 500])
def test_one_rule_in_five_names_no_sender_and_some_of_these_expire(rules: int) -> None:
    policy = make_mixed_policy(rules)
    assert policy == make_mixed_policy(rules)
    without = [rule for rule in policy.rules if rule.organizations is None]
    assert (len(policy.rules), len(without)) == (rules, rules // 5)
    assert 0 < sum(rule.expires is not None for rule in without) < len(without)


def test_an_edit_changes_one_rule_in_a_hundred() -> None:
    policy = make_mixed_policy(2_000)
    before, after = ({rule.name: rule for rule in each.rules} for each in (policy, edit(policy)))
    assert (len(before.keys() - after.keys()), len(after.keys() - before.keys())) == (5, 5)
    assert sum(before[name] != after[name] for name in before.keys() & after.keys()) == 10


def test_what_is_written_is_read_as_it_was_meant(tmp_path: Path) -> None:
    policy = make_mixed_policy(2_100)
    folder = write_policy(policy, tmp_path / "policy")
    assert load_policy(folder) == policy
    assert len(list(folder.iterdir())) == 3
    (suite,) = load_suites([write_cases(policy, tmp_path / "cases.yaml", folder)])
    results = run_cases(suite.cases, Decider(suite.policy), NOW, lambda: 0.0)
    assert [result.has_passed for result in results] == [True] * 100
    ledger = write_ledger(policy, 50, tmp_path / "ledger.jsonl")
    known = read_lines(ledger.read_bytes(), ledger.name)
    assert len(known) == 50
    assert {each.judged_by for each in known} == {policy.sha256}


def test_the_commands_are_measured_from_end_to_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "_ROUNDS", 1)
    monkeypatch.setattr(commands, "_RULES_OF_REPLAY", 10)
    seen: list[tuple[int, int]] = []
    times = measure_times((10,), (5,), lambda done, of: seen.append((done, of)))
    assert {command: list(each) for command, each in times.items()} == {
        START: [0],
        "check": [10],
        "test": [10],
        "diff": [10],
        "replay": [5],
    }
    assert all(seconds > 0.02 for each in times.values() for seconds in each.values())
    assert seen == [(done, 5) for done in range(1, 6)]


def test_a_command_that_could_not_work_is_not_measured(tmp_path: Path) -> None:
    with pytest.raises(subprocess.CalledProcessError):
        commands._run(["check", str(tmp_path / "missing")])


def test_the_documents_get_ratios_without_the_start() -> None:
    assert report(TIMES).table == (
        ("times the smallest", "the smallest", "10 times as much", "100 times as much", "1,000 times as much"),
        ("check, from 10 rules", "1.0", "2.0", "10", "90"),
        ("test, from 10 rules", "1.0", "1.0", "2.0", "20"),
        ("diff, from 10 rules", "1.0", "2.0", "10", "150"),
        ("replay, from 1,000 items", "1.0", "2.0", "12", "-"),
    )


def test_what_is_claimed_is_the_growth_from_the_last_size_but_one() -> None:
    assert [replace(claim, measured=round(claim.measured, 6)) for claim in report(TIMES).claims] == [
        Claim("`responder check` with 10,000 rules beside 1,000", 9.0, at_most=15.0),
        Claim("`responder test` with 10,000 rules beside 1,000", 10.0, at_most=15.0),
        Claim("`responder diff` with 10,000 rules beside 1,000", 15.0, at_most=15.0),
        Claim("`responder replay` with 100,000 items beside 10,000", 6.0, at_most=15.0),
    ]


def test_the_plots_show_whole_commands_in_times_of_the_start() -> None:
    by_rules, by_items = report(TIMES).plots
    assert by_rules.lines["check"] == pytest.approx({10: 2.0, 100: 3.0, 1_000: 11.0, 10_000: 91.0})
    assert (list(by_rules.lines), list(by_items.lines)) == (["check", "test", "diff"], ["replay"])


def without_senders(rules: int) -> Policy:
    """So many rules that name no sender, each of which meets many others."""
    policy = make_mixed_policy(5 * rules)
    return replace(policy, rules=tuple(rule for rule in policy.rules if rule.organizations is None))


def of_one_sender(rules: int) -> Policy:
    """So many rules about one organization, each for another account."""
    sender, accounts = ("o-sender0001",), [f"3{number:011}" for number in range(rules)]
    named = (
        Rule(f"rule-{account}", "allow" if number % 4 else "decline", organizations=sender, accounts=(account,))
        for number, account in enumerate(accounts)
    )
    return Policy("enforce", rules=tuple(named))


def check(policy: Policy, folder: Path) -> int:
    """The instructions of all lints."""
    source = compile_files(*read_files(write_policy(policy, folder)))
    return count_steps(lint, source, NOW)


def diff(policy: Policy, _folder: Path) -> int:
    """The instructions of a comparison with the edited policy."""
    return count_steps(review, policy, edit(policy), NOW)


@pytest.mark.parametrize("command", [check, diff])
@pytest.mark.parametrize("make", [make_mixed_policy, without_senders, of_one_sender])
def test_twice_as_many_rules_take_little_more_than_twice_the_instructions(
    command: Callable[[Policy, Path], int], make: Callable[[int], Policy], tmp_path: Path
) -> None:
    few, many = (command(make(rules), tmp_path / str(rules)) for rules in (200, 400))
    assert many < 2.2 * few
