"""The cost of a decision in Python's instructions, which no other load on the machine changes.

The bounds are wide: they catch a decision that costs twice as much, and no other version of Python.
"""

import pytest

from bench.contest.contestant import Contestant
from bench.contest.ours import BY_HAND, OURS, OURS_WITH_REASON
from bench.workload import SIZES, make_handshakes, make_policy
from invitation_responder.core.normalization import normalize
from support.steps import count_steps

HANDSHAKES = 300


def cost(contestant: Contestant, rules: int) -> float:
    """The instructions of a decision, on average."""
    policy = make_policy(rules)
    decide_all = contestant.prepare(policy)(make_handshakes(policy, HANDSHAKES))
    return count_steps(decide_all) / HANDSHAKES


def test_a_decision_costs_a_few_times_what_the_policy_written_by_hand_costs() -> None:
    assert cost(OURS, 50) < 7 * cost(BY_HAND, 50)
    assert cost(OURS_WITH_REASON, 50) < 9 * cost(BY_HAND, 50)


@pytest.mark.parametrize("rules", SIZES[1:])
def test_more_rules_about_others_cost_nothing(rules: int) -> None:
    assert cost(OURS, rules) < 1.3 * cost(OURS, SIZES[0])


def test_long_notes_cost_no_instructions_for_each_character() -> None:
    short, long = (count_steps(normalize, text) for text in ("Join us ", "Join us " * 128))
    assert long < 1.3 * short


def test_what_is_executed_is_counted() -> None:
    once, twice = (
        count_steps(lambda numbers: [abs(number) for number in numbers], range(count)) for count in (100, 200)
    )
    assert 1.8 < twice / once < 2.2
