"""The benchmark of decisions: its workload, its check of every answer, its table. `make bench` adds the peers."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bench import decisions
from bench.contest import race
from bench.contest.contestant import Contestant, Judge
from bench.contest.groups import group
from bench.contest.ours import CONTESTANTS
from bench.contest.race import PEERS, Disagreement, Timing, check, enter, measure
from bench.decisions import report, time_all
from bench.workload import MAX_NOTES, NOW, SIZES, make_handshakes, make_policy
from invitation_responder.core.decision import Decider

TIMINGS = [
    Timing("ours", 10, 2.0, 1_000),
    Timing("a peer", 10, 3.0, 1_000),
    Timing("ours", 1_000, 2.5, 1_000),
    Timing("a peer", 1_000, 250.0, 160),
]


@pytest.mark.parametrize("rules", SIZES)
def test_the_workload_is_shaped_like_a_real_one_and_always_the_same(rules: int) -> None:
    policy = make_policy(rules)
    handshakes = make_handshakes(policy, 1_000)
    assert handshakes == make_handshakes(make_policy(rules), 1_000)
    named = {organization for rule in policy.rules for organization in rule.organizations or ()}
    assert len(named) == rules
    assert 50 < sum(handshake.organization in named for handshake in handshakes) < 150
    assert {len(handshake.notes) for handshake in handshakes} >= {0, MAX_NOTES}
    assert max(len(handshake.notes) for handshake in handshakes) == MAX_NOTES
    assert not any(handshake.problems for handshake in handshakes)


def test_every_kind_of_rule_decides_about_a_handshake() -> None:
    policy = make_policy(10)
    decide = Decider(policy).decide
    decided = {name for each in make_handshakes(policy, 1_000) for name in decide(each, NOW).rules}
    assert decided == {rule.name for rule in policy.rules}


def test_the_groups_hold_every_rule_once() -> None:
    policy = make_policy(50)
    groups = group(policy)
    assert len(groups.blocked) + sum(map(len, groups.trusted.values())) + len(groups.particular) == 50
    assert (len(groups.blocked), len(groups.particular)) == (10, 15)


def test_ours_and_the_ceiling_are_timed_once_they_agree() -> None:
    entries = [*enter(CONTESTANTS, 10, 200), *enter(CONTESTANTS, 50, 200)]
    rounds = list(measure(entries, 2))
    assert len(rounds) == 2
    names = [contestant.name for contestant in CONTESTANTS]
    assert [(each.contestant, each.rules) for each in rounds[-1]] == [
        (name, rules) for rules in (10, 50) for name in names
    ]
    assert all(each.microseconds > 0 and each.handshakes == 200 for each in rounds[-1])


def answering(*answers: object) -> Judge:
    """A contestant's judge that always gives these answers."""
    return lambda _: lambda: answers


@pytest.mark.parametrize(
    ("answer", "given"),
    [(bool, (False, True, True)), (str, ("decline", "allow", "accept"))],
    ids=["yes or no", "effects"],
)
def test_answers_may_be_effects_or_a_bare_yes_or_no(answer: Any, given: tuple[object, ...]) -> None:
    handshakes, effects = make_handshakes(make_policy(10), 3), ["decline", "allow", "accept"]
    peer = Contestant("a peer", lambda _: answering(), answer)
    check(peer, answering(*given), handshakes, effects)
    with pytest.raises(Disagreement):
        check(peer, answering(*given), handshakes, effects[::-1])


@pytest.mark.parametrize("given", [True, "accept", None, 0, ""])
def test_a_disagreement_names_the_contestant_and_the_handshake(given: object) -> None:
    handshakes = make_handshakes(make_policy(10), 2)
    peer = Contestant("a peer", lambda _: answering(), answer=lambda each: each)
    with pytest.raises(Disagreement, match=rf"^a peer answers {given} where ours is decline: .*{handshakes[1].id}"):
        check(peer, answering(False, given), handshakes, ["decline", "decline"])


def test_a_missing_answer_is_a_disagreement() -> None:
    handshakes, peer = make_handshakes(make_policy(10), 2), Contestant("a peer", lambda _: answering())
    with pytest.raises(Disagreement, match="a peer answered 1 of 2 handshakes"):
        check(peer, answering(False), handshakes, ["decline", "decline"])


def test_nothing_is_timed_if_a_contestant_disagrees() -> None:
    careless = Contestant("a peer", lambda _: lambda handshakes: lambda: [True] * len(handshakes))
    with pytest.raises(Disagreement, match="a peer answers True where ours is decline"):
        list(enter([careless], 10, 20))


def test_the_documents_get_ratios_only() -> None:
    assert report(TIMINGS).table == (
        ("times ours", "10 rules", "50 rules", "1,000 rules", "10,000 rules"),
        ("ours", "1.0", "-", "1.0", "-"),
        ("a peer", "1.5", "-", "100*", "-"),
    )
    assert report(TIMINGS).notes == (
        "Medians of interleaved rounds over 1,000 handshakes; * over fewer, at least 160. "
        "A dash: so many rules don't fit."
    )


def test_growth_and_the_fastest_peer_with_many_rules_are_claimed() -> None:
    claims = {claim.subject: claim for claim in report([*TIMINGS, Timing("slow", 1_000, 500.0, 160)]).claims}
    assert list(claims) == [
        "a decision with 1,000 rules, in times of one with 10",
        "the fastest peer with 10 rules (a peer), in times of ours",
        "the fastest peer with 1,000 rules (a peer), in times of ours",
    ]
    growth, few, many = claims.values()
    assert (growth.measured, growth.at_most) == (1.25, 1.3)
    assert (few.measured, few.bounds) == (1.5, "")
    assert (many.measured, many.at_least) == (100.0, 3.0)


def test_the_plot_has_a_line_for_each_contestant_in_times_of_ours_with_the_fewest_rules() -> None:
    (plot,) = report(TIMINGS).plots
    assert plot.lines == {"ours": {10: 1.0, 1_000: 1.25}, "a peer": {10: 1.5, 1_000: 125.0}}


def test_every_peer_is_a_module() -> None:
    assert {path.stem for path in Path(race.__file__).with_name("peers").glob("*.py")} == {*PEERS, "__init__"}


def contestants_process(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, script: str) -> None:
    """Let a script stand for the process with the contestants."""
    python = tmp_path / "python"
    python.write_text(f"#!{sys.executable}\n{script}", "utf-8")
    python.chmod(0o755)
    monkeypatch.setattr(decisions, "PEERS_PYTHON", python)


def test_steps_are_observed_before_the_timings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    timings = json.dumps({"timings": [{"contestant": "ours", "rules": 10, "microseconds": 2.0, "handshakes": 1_000}]})
    contestants_process(monkeypatch, tmp_path, f"print('{{\"done\": 1, \"of\": 2}}'); print('{timings}')")
    seen: list[tuple[int, int]] = []
    assert time_all(lambda done, of: seen.append((done, of))) == [TIMINGS[0]]
    assert seen == [(1, 2)]


def test_a_process_that_fails_is_a_failure(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    contestants_process(monkeypatch, tmp_path, "raise SystemExit(3)")
    with pytest.raises(subprocess.CalledProcessError):
        time_all(lambda _done, _of: None)
