"""The memory of a function, by its policy."""

import pytest

from bench.workload import make_policy
from infra.function import index_mib, memory_for
from invitation_responder.core.policy import Rule


def test_an_index_has_a_bit_for_each_rule_in_the_set_of_each_value() -> None:
    named = tuple(Rule(f"r{number}", "allow", organizations=(f"o-{number:010}",)) for number in range(1024))
    assert index_mib(named) == 1024 * 1024 / 8 / 1024 / 1024
    excluding = Rule("r", "allow", organizations=named[0].organizations, not_organizations=("o-x", "o-y"))
    assert index_mib([excluding]) * 1024 * 1024 * 8 == 3
    assert index_mib([]) == 0


def test_ten_thousand_usual_rules_need_no_more_memory_than_none() -> None:
    assert memory_for(index_mib(make_policy(10_000).rules), 256) == 256


@pytest.mark.parametrize(
    ("index", "least", "memory"),
    [
        (0, 256, 256),
        (64, 256, 256),
        (65, 256, 512),
        (65, 512, 512),
        (250, 256, 1024),
        (1000, 512, 4096),
        (9999, 512, 10_240),
    ],
)
def test_a_large_index_gets_a_function_of_which_it_fills_a_quarter(index: float, least: int, memory: int) -> None:
    assert memory_for(index, least) == memory
