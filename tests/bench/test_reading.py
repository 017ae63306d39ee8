"""The cost of reading a policy: `bench.reading` measures it in as many rounds as it takes."""

from bench.reading import PolicyCost, read, report
from bench.report import Claim

FEWER = PolicyCost(1_000, 0.00125, 0.005, 0.00125, document=102_400, policy=512_000, index=204_800)
MOST = PolicyCost(10_000, 0.0125, 0.05, 0.0125, document=1_024_000, policy=5_120_000, index=8_192_000)


def test_times_are_those_of_parsing() -> None:
    assert report([FEWER, MOST]).table == (
        ("rules", "reading, times `json.loads`", "indexing", "both", "document", "policy", "index"),
        ("1,000", "4.0", "1.0", "5.0", "100 KiB", "500 KiB", "200 KiB"),
        ("10,000", "4.0", "1.0", "5.0", "1,000 KiB", "5,000 KiB", "8,000 KiB"),
    )


def test_the_ratio_to_parsing_is_claimed() -> None:
    assert report([FEWER, MOST]).claims == (
        Claim("reading and indexing 10,000 rules, in times of `json.loads`", 5.0, at_most=11.0),
    )


def test_policies_are_read_in_a_process_of_their_own() -> None:
    few, more = read(1, [10, 200])
    assert (few.rules, more.rules) == (10, 200)
    assert 0 < few.parsing < more.total
    assert 0 < few.document < few.policy < more.policy
    assert 0 < few.index < more.index
