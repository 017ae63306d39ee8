"""docs/organization.md and what docs/events.md says about organizations: settings, reasons, costs, events, inputs."""

import json
import re
from datetime import timedelta
from itertools import chain
from pathlib import Path
from typing import Final, get_args

import pytest
from click.testing import CliRunner
from moto import mock_aws

from authoring.cli import main
from authoring.estimate.estimate import Estimate, estimate_hub
from infra.configuration import KEYS, OrganizationScope, read_configuration
from infra.home_region import STACK_NAME as HOME_REGION_STACK
from infra.member import (
    BUS_NAME,
    EVENTS_ROLE_NAME,
    HUB_ACCOUNT,
    HUB_REGION,
    HUB_ROLE_NAME,
    ROLE_NAME,
    ROLE_REGION,
)
from infra.member import STACK_NAME as MEMBER_STACK
from invitation_responder.aws.event_bus import ORGANIZATION_DETAIL_TYPES
from invitation_responder.core.coverage import AccountOutcome
from invitation_responder.organization.batches import LISTINGS_A_SECOND
from invitation_responder.organization.campaigns import LEAST_ACCOUNTS
from invitation_responder.organization.selection import Request, read_request
from invitation_responder.organization.summary import MAX_EXAMPLES, NO_WORD
from local.embedded.world import EmbeddedAws
from support.hub import ExecutionError, Hub

ROOT: Final = Path(__file__).parents[2]
PAGE: Final = ROOT / "docs" / "organization.md"
DOCUMENT: Final = PAGE.read_text("utf-8")
EVENTS: Final = (ROOT / "docs" / "events.md").read_text("utf-8")
README: Final = (ROOT / "README.md").read_text("utf-8")
_SHORTEST: Final = timedelta(minutes=15)


def section(document: str, heading: str) -> str:
    """The text below a heading, up to the next heading."""
    return re.split(r"^#+ ", document.split(f"# {heading}\n")[1], flags=re.MULTILINE)[0]


def tables(text: str) -> list[list[list[str]]]:
    """The cells of each table's rows, the heads left out."""
    found = re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE)
    return [[[cell.strip() for cell in line.split("|")[1:-1]] for line in one.splitlines()[2:]] for one in found]


def codes(cells: list[str]) -> list[str]:
    """The texts in backticks."""
    return [code for cell in cells for code in re.findall(r"`([^`]+)`", cell)]


def estimate_row(accounts: int) -> tuple[Estimate, list[str]]:
    """The estimate at 15 minutes, or at the tightest schedule that fits, and the row that the page has for it."""
    estimated = estimate_hub(accounts, _SHORTEST, LISTINGS_A_SECOND)
    tightest = estimated.schedule.tightest
    assert tightest is not None
    every = max(_SHORTEST, tightest)
    estimated = estimate_hub(accounts, every, LISTINGS_A_SECOND)
    sweep = estimated.sweep
    return estimated, [
        f"{accounts:,}",
        str(len(sweep.batches)),
        f"{sweep.total / timedelta(minutes=1):.1f}",
        f"{tightest // timedelta(minutes=1)}m",
        f"{sweep.longest / timedelta(minutes=1):.1f} minutes",
        f"{every // timedelta(minutes=1)}m",
        f"{estimated.month.usd:.2f}",
        f"{estimated.month.trail_events:,.0f}",
    ]


def test_the_costs_are_those_of_the_estimate() -> None:
    (table,) = tables(section(DOCUMENT, "What it costs"))
    accounts = [int(row[0].replace(",", "")) for row in table]
    assert accounts == [100, 1_000, 10_000, 50_000]
    estimated = [estimate_row(number) for number in accounts]
    assert table == [row for _, row in estimated]
    assert all(each.schedule.fits for each, _ in estimated)
    (choice,) = tables(section(DOCUMENT, "Which scope to choose"))
    (costs,) = (row for row in choice if row[0] == "costs a month")
    (of_an_account,) = re.findall(r"\*\*together\*\* \| \*\*([0-9.]+)\*\*", README)
    assert costs[1:] == [
        f"{of_an_account} USD an account",
        f"{table[0][6]} USD for 100 accounts, {table[1][6]} USD for 1,000",
    ]


def test_the_readme_has_the_requests_and_the_time_of_lambda() -> None:
    _, table = tables(section(README, "What it costs"))
    assert table[0][1:4] == ["15m", "2,976", "2,976"]  # 2 s at 0.5 GB
    for row in table[1:]:
        estimated, written = estimate_row(int(row[0].replace(",", "")))
        amounts = {cost.what: f"{cost.amount:,.0f}" for cost in estimated.month.costs}
        assert row[1:] == [
            written[5],
            amounts["Lambda, invocations"],
            amounts["Lambda, GB-seconds"],
            f"{estimated.month.usd:.2f}",
        ]


def test_the_readme_says_about_what_400_accounts_cost() -> None:
    (cost, accounts) = re.findall(r"costs about (\d+) \(`responder estimate --accounts (\d+)`\)", README)[0]
    assert round(estimate_hub(int(accounts), _SHORTEST, LISTINGS_A_SECOND).month.usd) == int(cost)


def test_the_settings_are_those_of_cdk_json() -> None:
    (table,) = tables(section(DOCUMENT, "4. Set `cdk.json`"))
    names = [codes(row[:1])[0] for row in table]
    of_an_organization = {"organization_units", "leave_out", "listing_rate", "call_as"}
    assert set(names) == of_an_organization | {"scope", "schedule", "alarm_email"}
    in_readme = [codes(row[:1]) for row in chain.from_iterable(tables(section(README, "From clone to production")))]
    assert sorted(chain.from_iterable(in_readme)) == sorted(KEYS)
    defaults = OrganizationScope(units=("r-exam",))
    (rate,) = (codes(row[1:]) for row in table if "`listing_rate`" in row)
    (call_as,) = (codes(row[1:]) for row in table if "`call_as`" in row)
    assert (rate[0], call_as[0]) == (f"{defaults.listing_rate:g}", defaults.call_as)
    for value in call_as:
        context = {"scope": "organization", "organization_units": "r-exam", "call_as": value}
        for rate_of in rate:
            assert read_configuration(context | {"listing_rate": rate_of}, root=ROOT).organization


def test_every_reason_has_its_row() -> None:
    (table,) = tables(section(DOCUMENT, "When accounts are not swept"))
    assert {f"`{reason}`" for reason in get_args(AccountOutcome)} == {row[0] for row in table} | {"`swept`"}
    assert NO_WORD in section(DOCUMENT, "When accounts are not swept")


def test_the_inputs_of_an_execution_are_understood() -> None:
    inputs = re.findall(r"--input '([^']+)'", DOCUMENT)
    assert [read_request(json.loads(text)) for text in inputs] == [
        Request(only_not_swept=True),
        Request(accounts=("111122223333",)),
    ]


def test_names_are_those_of_the_stacks() -> None:
    assert set(re.findall(r"STACK=(\w+)", DOCUMENT)) == {MEMBER_STACK, HOME_REGION_STACK}
    assert set(re.findall(r"--parameters (\w+)=", DOCUMENT)) == {HUB_ACCOUNT, HUB_REGION, ROLE_REGION}
    assert set(re.findall(r"--stack-set-name (\w+)", DOCUMENT)) == {MEMBER_STACK}
    assert all(f"`{name}`" in DOCUMENT for name in (ROLE_NAME, HUB_ROLE_NAME, EVENTS_ROLE_NAME, BUS_NAME))


def test_the_commands_have_the_options_that_are_shown() -> None:
    commands = re.findall(r"\.venv/bin/responder ((?:.|\\\n)*?)$", DOCUMENT, re.MULTILINE)
    assert len(commands) == 3
    for command in commands:
        name, *rest = command.split()
        printed = CliRunner().invoke(main, [name, "--help"]).output
        assert [option for option in rest if option.startswith("--") and option not in printed] == []


def test_links_lead_somewhere() -> None:
    headings = re.findall(r"^#+ (.*)$", DOCUMENT, re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}
    links = re.findall(r"\]\(([^)]+)\)", DOCUMENT)
    assert [link for link in links if link.startswith("#") and link[1:] not in anchors] == []
    assert [link for link in links if not link.startswith("#") and not (PAGE.parent / link).exists()] == []
    into = re.findall(r"\(docs/organization\.md#([^)]+)\)", README)
    assert into
    assert set(into) <= anchors


def test_the_kinds_of_events_are_listed() -> None:
    text = section(EVENTS, "Events about an organization")
    assert all(f"| `{kind}` | {detail} |" in text for kind, detail in ORGANIZATION_DETAIL_TYPES.items())
    assert f"the first {MAX_EXAMPLES} accounts" in text
    assert LEAST_ACCOUNTS == 3, "the texts say `three accounts`"


def members(kind: str) -> list[str]:
    """The members that the page lists for a kind's detail."""
    first, *others = tables(section(EVENTS, "Events about an organization"))
    kinds = [codes(row[:1])[0] for row in first]
    return [code for row in others[kinds.index(kind)] for code in codes(row[:1])]


def test_the_details_of_the_events_have_the_members_that_are_listed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    with mock_aws():
        hub = Hub(EmbeddedAws.install(), monkeypatch, tmp_path)
        hub.members("222222222222", "333333333333", "444444444444")
        hub.members("555555555555", role=False)
        for number, account in enumerate(("222222222222", "333333333333", "444444444444"), 1):
            hub.invite(account, number)
        hub.function("summary").schedule = timedelta(0)  # type: ignore[attr-defined] # as if it started all the time
        with pytest.raises(ExecutionError):
            hub.execute()
        details = {
            event["detail-type"]: event["detail"]
            for event in hub.listener.take_events()
            if event["detail-type"] in ORGANIZATION_DETAIL_TYPES.values()
        }
    for kind, name in ORGANIZATION_DETAIL_TYPES.items():
        assert list(details[name])[:2] == ["event_id", "kind"]
        assert sorted(list(details[name])[2:]) == sorted(members(kind))
    (example,) = details["Accounts Not Swept"]["examples"]
    assert list(example) == ["account", "outcome", "detail"]
