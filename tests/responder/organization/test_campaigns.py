"""Campaigns: which senders have one, and when it is published."""

from dataclasses import replace
from datetime import timedelta

import pytest

from invitation_responder.aws.ledger_index import Sighting
from invitation_responder.organization.campaigns import Campaign, find_campaigns
from support.strategies import NOW

SEEN = Sighting("222222222222", "o-stranger0001", "999999999999", "decline", NOW - timedelta(days=1))


def three(**fields: object) -> list[Sighting]:
    return [replace(SEEN, receiver=str(number) * 12, **fields) for number in (2, 3, 4)]  # type: ignore[arg-type]


def test_three_accounts_make_a_campaign_and_two_do_not() -> None:
    assert find_campaigns(three(), NOW) == [
        Campaign("o-stranger0001", "999999999999", 3, 3, NOW - timedelta(days=1)),
    ]
    assert find_campaigns(three()[:2], NOW) == []
    assert find_campaigns([SEEN] * 5, NOW) == []


def test_only_the_last_seven_days_count() -> None:
    week = timedelta(days=7)
    assert find_campaigns(three(first_seen_at=NOW - week), NOW) == []
    assert len(find_campaigns(three(first_seen_at=NOW - week + timedelta(seconds=1)), NOW)) == 1


@pytest.mark.parametrize("effect", ["allow", "accept"])
def test_a_sender_that_the_policy_allows_has_none(effect: str) -> None:
    assert find_campaigns(three(effect=effect), NOW) == []


def test_a_sender_without_an_organization_is_known_by_its_management_account() -> None:
    (campaign,) = find_campaigns(three(organization=None), NOW)
    assert campaign.sender == "999999999999"
    assert find_campaigns(three(organization=None, management_account=None), NOW) == []


def test_senders_are_kept_apart_and_every_handshake_counts() -> None:
    others = three(organization="o-stranger0002", first_seen_at=NOW)
    campaigns = find_campaigns([*others, *three(), SEEN], NOW)
    assert [(campaign.sender, campaign.accounts, campaign.handshakes) for campaign in campaigns] == [
        ("o-stranger0001", 3, 4),
        ("o-stranger0002", 3, 3),
    ]


@pytest.mark.parametrize(("accounts", "published", "is_due"), [(3, None, True), (29, 3, False), (30, 3, True)])
def test_it_is_published_at_first_and_when_it_has_grown_tenfold(
    accounts: int, published: int | None, is_due: bool
) -> None:
    assert Campaign("o-x", None, accounts, accounts, NOW).is_due(published) is is_due
