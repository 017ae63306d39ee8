"""`responder explain`: the reasoning about one handshake, in every form in which people have it."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from authoring.cli import main
from authoring.explain.input import read_input
from authoring.replay.known_handshake import InvalidRecordError
from support.strategies import RECEIVER, json_values, raw_handshakes

POLICY = """
version: 1
mode: enforce
limits: {wait: 24h}
rules:
  - name: our-organization
    effect: allow
    actions: [INVITE]
    organizations: [o-exampleorgid]
    management_accounts: ["111111111111"]
  - name: shop
    effect: accept
    organizations: [o-exampleorgid]
    accounts: ["222222222222"]
    notes: {any: [CHG-], none: [gift card]}
    expires: 2027-03-31
"""
INVITATION: dict[str, Any] = {
    "Id": "h-examplehandshakeid1",
    "Arn": "arn:aws:organizations::111111111111:handshake/o-exampleorgid/invite/h-examplehandshakeid1",
    "State": "OPEN",
    "RequestedTimestamp": "2026-11-24T12:00:00+00:00",
    "ExpirationTimestamp": "2026-12-09T12:00:00+00:00",
    "Action": "INVITE",
    "Resources": [
        {"Type": "ORGANIZATION", "Value": "o-exampleorgid"},
        {"Type": "NOTES", "Value": "CHG-1 \u202eand a gift\u00a0card\x1b[31m"},
    ],
}
AT = ("--at", "2026-11-25T00:00Z")


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    """A file with `POLICY`."""
    path = tmp_path / "policy.yaml"
    path.write_text(POLICY)
    return path


def explain(policy: Path, handshake: object, *options: str) -> Result:
    """Run the command on a handshake from stdin."""
    text = handshake if isinstance(handshake, str) else json.dumps(handshake)
    return CliRunner().invoke(main, ["explain", str(policy), "-", *options], input=text)


def test_the_whole_reasoning(policy: Path) -> None:
    result = explain(policy, INVITATION, "--account", "222222222222", *AT)
    assert result.exit_code == 0
    sha256 = next(line for line in result.output.splitlines() if line.startswith("judged at")).split()[-1]
    assert (
        result.output
        == f"""\
handshake        h-examplehandshakeid1
decision         allow
why              rule our-organization allows INVITE from organization
                 o-exampleorgid (management account 111111111111)
judged at        2026-11-25T00:00:00Z, policy {sha256}
a sweep would    leave it

rule our-organization (allow) decides
rule shop (accept) does not match
  - notes.none: unwanted gift card; the notes are CHG-1 \\u202eand a
      gift\\xa0card\\x1b[31m

It would be decided differently
  if its         organizations were o-somebodyelse: then decline, as no rule
                 matches
  if the policy  rule our-organization: effect - allow + decline: then decline,
                 by rule our-organization
"""
    )


def test_a_stricter_rule_overrules_and_the_nearest_edit_is_told(policy: Path) -> None:
    other = {**INVITATION, "Resources": [], "Arn": INVITATION["Arn"].replace("::1111", "::9999")}
    result = explain(policy, other, "--account", "333333333333", *AT)
    assert "decision         decline\n" in result.output
    assert "a sweep would    wait: it is declined from 2026-11-25T12:00:00Z on\n" in result.output
    assert "  if its         management_accounts were 111111111111: then allow, by rule\n" in result.output
    assert "rule our-organization: management_accounts + 999911111111: then" in result.output
    accepted = explain(
        policy, {**INVITATION, "Resources": [{"Type": "NOTES", "Value": "chg-1"}]}, "--account", "2" * 12
    )
    assert "rule our-organization (allow) decides\nrule shop (accept) is overruled\n" in accepted.output


@pytest.mark.parametrize(
    ("mode", "fields", "expected"),
    [
        pytest.param("enforce", {"State": "CANCELED"}, "do nothing: it is not pending (CANCELED)", id="closed"),
        pytest.param(
            "enforce",
            {"ExpirationTimestamp": "2026-11-24T23:00:00Z"},
            "do nothing: it has expired, at 2026-11-24T23:00:00Z",
            id="expired",
        ),
        pytest.param(
            "enforce",
            {"Arn": INVITATION["Arn"].replace("111111111111", "333333333333")},
            "do nothing: the account has sent it itself",
            id="its own",
        ),
        pytest.param("enforce", {"Action": "TRANSFER_RESPONSIBILITY"}, "decline it", id="declined"),
        pytest.param(
            "audit",
            {"Action": "TRANSFER_RESPONSIBILITY"},
            "record would_decline, and answer nothing",
            id="declined in audit mode",
        ),
    ],
)
def test_what_a_sweep_would_do(policy: Path, mode: str, fields: dict[str, str], expected: str) -> None:
    policy.write_text(POLICY.replace("enforce", mode).replace("24h", "0h"))
    result = explain(policy, {**INVITATION, **fields}, "--account", "333333333333", *AT)
    assert f"a sweep would    {expected}\n" in result.output


@pytest.mark.parametrize(
    ("leave", "expected"),
    [
        ("", "accept it; AWS refuses that in a member of another organization\n"),
        (", leave_organization: true", "accept it\n"),
    ],
)
def test_where_an_accept_rule_works(policy: Path, leave: str, expected: str) -> None:
    rule = f"{{name: a, effect: accept, actions: [INVITE], organizations: [o-exampleorgid]{leave}}}"
    policy.write_text(f"version: 1\nmode: enforce\nrules:\n  - {rule}\n")
    result = explain(policy, INVITATION, "--account", "333333333333", *AT)
    assert f"a sweep would    {expected}" in result.output


def test_until_when_a_transfer_can_be_accepted(policy: Path) -> None:
    start = {"Type": "TRANSFER_START_TIMESTAMP", "Value": "2026-12-01T00:00:00.000Z"}
    transfer = {**INVITATION, "Action": "TRANSFER_RESPONSIBILITY", "Resources": [start]}
    result = explain(policy, transfer, "--account", "333333333333", *AT)
    printed = " ".join(result.output.split())
    assert "answer by 2026-11-30T00:00:00Z: its transfer starts at 2026-12-01T00:00:00Z a sweep would" in printed
    assert "answer by" not in explain(policy, INVITATION, *AT).output


def test_long_lists_are_cut_and_expired_rules_say_so(policy: Path) -> None:
    organizations = ", ".join(f"o-{each:010}" for each in range(9))
    policy.write_text(POLICY.replace("o-exampleorgid]\n    accounts", f"{organizations}]\n    accounts"))
    result = explain(policy, "{}", "--at", "2027-04-01")
    assert "o-0000000004 or 4 more" in " ".join(result.output.split())
    assert "  - expires: it counts for nothing from 2027-03-31 on, and it is 2027-04-01\n" in result.output
    assert "  - notes.any: wanted chg-; the notes are (none)\n" in result.output


EXCLUDING = """
version: 1
mode: enforce
rules:
  - name: our-organization
    effect: allow
    not_actions: [TRANSFER_RESPONSIBILITY]
    organizations: [o-exampleorgid]
    not_management_accounts: ["222222222222", "111111111111"]
    not_accounts: ["222222222222"]
"""


def test_exclusions_are_told_as_what_is_wanted_of_none(policy: Path) -> None:
    policy.write_text(EXCLUDING)
    result = explain(policy, INVITATION, "--account", "222222222222", *AT)
    assert (
        result.output.partition("\n\n")[2]
        == """\
rule our-organization (allow) does not match
  - not_management_accounts: 111111111111, wanted none of 111111111111,
      222222222222
  - not_accounts: 222222222222, wanted none of 222222222222

It would be decided differently
  if its         actions were ENABLE_ALL_FEATURES: then allow, as no rule
                 matches and the action is protected
  if the policy  rule our-organization: not_management_accounts - 111111111111
                 and not_accounts - 222222222222 + (none): then allow, by rule
                 our-organization
"""
    )


def test_without_the_account_it_is_open_whether_it_is_excluded(policy: Path) -> None:
    policy.write_text(EXCLUDING)
    other = {**INVITATION, "Arn": INVITATION["Arn"].replace("::1111", "::9999")}
    result = explain(policy, other, *AT)
    assert "  - not_accounts: it is not known which account received it (--account names it)\n" in result.output


def test_where_all_is_decided_alike_only_an_edit_is_near(policy: Path) -> None:
    policy.write_text(
        "version: 1\nmode: audit\ndefault: allow\nrules:\n  - {name: gone, effect: decline, expires: 2026-01-01}\n"
    )
    result = explain(policy, "{}", *AT)
    assert "differently\n  if the policy  rule gone: expires - 2026-01-01 + 2026-11-26: then decline," in result.output


def test_where_two_rules_decide_together_no_single_edit_is_near(policy: Path) -> None:
    policy.write_text(
        "version: 1\nmode: audit\nrules:\n  - {name: a, effect: decline, organizations: [o-exampleorgid]}\n"
        "  - {name: b, effect: decline, actions: [INVITE], organizations: [o-exampleorgid]}\n"
    )
    result = explain(policy, "{organization: o-exampleorgid}", *AT)
    assert "differently\n  if its         actions were ENABLE_ALL_FEATURES" not in result.output
    assert "if the policy" not in result.output
    printed = explain(policy, "{organization: o-exampleorgid}", *AT, "--format", "json")
    assert json.loads(printed.stdout)["nearest_edit"] is None


def test_what_can_not_be_judged_has_no_rules_and_no_near_miss(policy: Path) -> None:
    result = explain(policy, {**INVITATION, "Arn": "arn:aws:organizations::1:x"}, "--account", "222222222222", *AT)
    assert result.exit_code == 0
    assert "decision         undecided" in result.output
    assert "rule " not in result.output
    assert "differently" not in result.output


def test_a_record_that_holds_no_notes_is_not_guessed_at(policy: Path) -> None:
    record = {
        "handshake_id": "h-examplehandshakeid1",
        "receiver": "222222222222",
        "action": "TRANSFER_RESPONSIBILITY",
        "organization": "o-exampleorgid",
        "management_account": "111111111111",
        "requested_at": "2026-11-20T12:00:00Z",
        "effect": "decline",
        "rules": [],
        "reason": "no rule matches",
        "updated_at": "2026-11-24T12:00:00Z",
    }
    result = explain(policy, record)
    assert "decision         accept or decline" in result.output
    assert "judged at        2026-11-24T12:00:00Z" in result.output
    assert "a sweep would    know what its sender wrote, and decide by it" in result.output
    assert "rule shop (accept) may match\n  - notes: not recorded\n" in result.output
    assert "differently" not in result.output


def test_a_record_of_what_is_closed_is_not_answered_again(policy: Path) -> None:
    record = {
        "handshake_id": "h-examplehandshakeid1",
        "receiver": "222222222222",
        "action": "INVITE",
        "state": "ACCEPTED",
        "organization": "o-stranger0001",
        "management_account": "111111111111",
        "effect": "decline",
        "rules": [],
        "reason": "no rule matches",
    }
    result = explain(policy, record, *AT)
    assert "a sweep would    do nothing: it is not pending (ACCEPTED)\n" in result.output
    strange = explain(policy, {**record, "state": 7}, *AT)
    assert "`state` is of type int (expected a state such as `OPEN`)" in strange.stderr


def test_without_the_account_rules_about_accounts_are_open(policy: Path) -> None:
    result = explain(policy, {**INVITATION, "Action": "TRANSFER_RESPONSIBILITY"}, *AT)
    assert "  - accounts: it is not known which account received it (--account names it)\n" in result.output


INPUTS = Path(__file__).parents[1] / "replay" / "inputs"
ON_THE_BILL = INPUTS / "transfer-nested-policy.yaml"


def given_file(name: str) -> str:
    """The content of an input that occurred in public."""
    return (INPUTS / name).read_text("utf-8")


def test_a_bill_is_judged_where_the_receiver_is_known() -> None:
    """The receiver is the bill's source: that contradicts nothing, and the address beside it is not the sender's."""
    result = explain(ON_THE_BILL, given_file("transfer-nested.json"), "--account", "222222222222", *AT)
    assert "decision         decline\n" in result.output
    assert "a sweep would    decline it\n" in result.output
    assert "  - management_emails: nothing, wanted *@ourcompany.example\n" in result.output


def test_a_bill_can_be_accepted_until_a_day_before_it_starts() -> None:
    result = explain(ON_THE_BILL, given_file("transfer-deadline.json"), "--account", "222222222222", *AT)
    printed = " ".join(result.output.split())
    assert "answer by 2026-11-30T00:00:00Z: its transfer starts at 2026-12-01T00:00:00Z" in printed


def test_a_request_of_its_own_is_not_answered() -> None:
    result = explain(ON_THE_BILL, given_file("outgoing-transfer.json"), "--account", "222222222222", *AT)
    assert "a sweep would    do nothing: the account has sent it itself\n" in result.output


def test_an_accept_rule_for_a_member_says_beforehand_that_it_does_not_work() -> None:
    result = CliRunner().invoke(main, ["check", str(INPUTS / "accept-in-a-member.yaml")])
    printed = " ".join(result.output.split())
    assert "rule `new-home` works in a standalone account only: a member of another organization is refused" in printed
    assert "(write `leave_organization: true` where members may leave theirs)" in printed


def test_a_bill_depends_on_the_receiver_where_that_is_not_known() -> None:
    result = explain(ON_THE_BILL, given_file("transfer-nested.json"), *AT)
    sha256 = next(line for line in result.output.splitlines() if line.startswith("judged at")).split()[-1]
    assert (
        result.output
        == f"""\
handshake        h-transfer00000001
receiver         not known: --account names it
decision         decline or undecided
why              it depends on which account received it: decline where no rule
                 matches or undecided (it can't be judged: its Arn and its
                 Resources name different management accounts, unless
                 222222222222 received it)
judged at        2026-11-25T00:00:00Z, policy {sha256}
answer by        2026-11-30T00:00:00Z: its transfer starts at
                 2026-12-01T00:00:00Z
a sweep would    know which account received it, and decide by it

rule our-people-send-it (allow) does not match
  - management_emails: nothing, wanted *@ourcompany.example
"""
    )
    printed = json.loads(explain(ON_THE_BILL, given_file("transfer-nested.json"), *AT, "--format", "json").stdout)
    assert printed["depends_on"] == "which account received it"


def test_a_rule_that_matches_one_receivers_bill_only_may_match(policy: Path) -> None:
    policy.write_text(
        "version: 1\nmode: audit\nrules:\n  - {name: mine, effect: allow, organizations: [o-reseller001]}\n"
        '  - {name: other, effect: allow, accounts: ["444444444444"]}\n'
    )
    result = explain(policy, given_file("transfer-nested.json"), *AT)
    assert "rule mine (allow) may match where 222222222222 received it\nrule other" in result.output
    assert "rule other (allow) does not match\n  - accounts: 222222222222, wanted 444444444444\n" in result.output


def test_handshakes_without_ids_can_not_be_chosen_by_one(policy: Path) -> None:
    listing = json.loads(given_file("minimal.json"))
    result = explain(policy, listing)
    assert result.exit_code == 2
    assert "it holds 2 handshakes, and none has an Id by which to choose it (give one of them alone)" in result.stderr
    assert "there is no handshake `` in it" in explain(policy, listing, "--id", "").stderr
    alone = explain(policy, listing["Handshakes"][0])
    assert "why              it can't be judged: its Id is missing or malformed\n" in alone.output
    one_more = explain(policy, {"Handshakes": [INVITATION, *listing["Handshakes"]]})
    assert "choose one with --id (`h-examplehandshakeid1`); 2 have no Id (give one of those alone)" in one_more.stderr
    two_more = explain(policy, {"Handshakes": [INVITATION, listing["Handshakes"][0]]})
    assert "(`h-examplehandshakeid1`); 1 has no Id (give one of those alone)" in two_more.stderr


def test_cloudtrails_record_tells_who_received_it_and_when(policy: Path) -> None:
    record = json.loads(given_file("cloudtrail-record.json"))
    printed = explain(policy, {**record, "eventTime": "2017-01-18T21:41:16Z"})
    assert "decision         allow\n" in printed.output
    assert "judged at        2017-01-18T21:41:16Z" in printed.output
    assert "  - notes.any: wanted chg-; the notes are n\n" in printed.output
    assert "  - accounts" not in printed.output
    for fields in ({"Records": [record, {"eventName": "GetObject"}]}, {"detail": record}, record["responseElements"]):
        assert "handshake        h-examplehandshakeid111\n" in explain(policy, fields).output
    several = {"Records": [record, {**record, "responseElements": {"handshake": {"id": "h-anotherhandshake"}}}]}
    assert (
        "handshake        h-examplehandshakeid111" in explain(policy, several, "--id", "h-examplehandshakeid111").output
    )
    assert "(`h-examplehandshakeid111`, `h-anotherhandshake`)" in explain(policy, several).stderr


def test_the_clis_yaml_is_read_as_its_json(policy: Path) -> None:
    listing = given_file("listing.yaml")
    as_json = {"Handshakes": [each | {} for each in yaml.safe_load(listing)["Handshakes"]]}
    printed = explain(policy, listing, "--account", "222222222222", *AT).output
    assert "decision         allow\n" in printed
    assert printed == explain(policy, as_json, "--account", "222222222222", *AT).output
    stream = "- " + listing.replace("\n", "\n  ")
    assert printed == explain(policy, stream, "--account", "222222222222", *AT).output


@given(raw_handshakes(), st.sampled_from(["", "--"]))
def test_no_handshake_reads_otherwise_in_yaml(raw: dict[str, Any], wire: str) -> None:
    for member in ("RequestedTimestamp", "ExpirationTimestamp"):
        raw[member] = raw[member].timestamp() if wire else raw[member].isoformat()
    for text in (yaml.safe_dump({"Handshakes": [raw]}), yaml.safe_dump({"Handshake": raw}), yaml.safe_dump(raw)):
        assert read_input(text.encode(), account=RECEIVER) == read_input(json.dumps(raw).encode(), account=RECEIVER)


@pytest.mark.parametrize("quote", ["", "'", '"'])
def test_account_numbers_in_yaml_are_what_is_written(quote: str) -> None:
    end = "    Type: ORGANIZATION\n    Value: o-"
    account = f"    - Type: MANAGEMENT_ACCOUNT\n      Value: {quote}012345678901{quote}\n"
    known = read_input(given_file("listing.yaml").replace(end, account + end).encode())
    assert known.as_own is not None
    assert known.as_own.receiver == "012345678901"
    assert known.as_own.problems == ()


@pytest.mark.parametrize(
    ("handshake", "is_said"),
    [
        pytest.param("{organization: o-exampleorgid}", False, id="a short form that does not say it"),
        pytest.param('{organization: o-exampleorgid, account: "333333333333"}', True, id="a short form that does"),
        pytest.param(
            {"format": 1, "receiver": None, "listed_at": "2026-11-25T00:00:00Z", "handshake": INVITATION},
            False,
            id="a line that does not say it",
        ),
        pytest.param(
            {"format": 1, "receiver": "333333333333", "listed_at": "2026-11-25T00:00:00Z", "handshake": INVITATION},
            True,
            id="a line that does",
        ),
        pytest.param(
            {
                "eventName": "AcceptHandshake",
                "recipientAccountId": "333333333333",
                "responseElements": {"handshake": {"id": INVITATION["Id"], "arn": INVITATION["Arn"]}},
            },
            True,
            id="CloudTrail's record",
        ),
    ],
)
def test_the_account_is_taken_where_the_form_does_not_say_it(handshake: object, *, is_said: bool) -> None:
    given_text = handshake if isinstance(handshake, str) else json.dumps(handshake)
    if is_said:
        with pytest.raises(InvalidRecordError) as caught:
            read_input(given_text.encode(), account="222222222222")
        assert str(caught.value) == (
            "it says that 333333333333 received it, and --account that 222222222222 did (leave --account out)"
        )
        assert read_input(given_text.encode()).handshake.receiver == "333333333333"
    else:
        assert read_input(given_text.encode(), account="222222222222").handshake.receiver == "222222222222"


@given(st.binary(max_size=100) | json_values().map(lambda value: json.dumps(value).encode()))
def test_no_bytes_crash_the_reader(content: bytes) -> None:
    printed, known = "", None
    try:
        known = read_input(content)
    except InvalidRecordError as error:
        printed = str(error)
    assert printed.isprintable()
    assert bool(printed) == (known is None)


@pytest.mark.parametrize(
    "handshake",
    [
        pytest.param(INVITATION, id="the API's handshake"),
        pytest.param({"Handshake": INVITATION}, id="describe-handshake"),
        pytest.param({"Handshakes": [INVITATION], "NextToken": None}, id="a listing of one"),
        pytest.param([INVITATION], id="a list of one"),
        pytest.param(
            {"format": 1, "receiver": "222222222222", "listed_at": "2026-11-25T00:00:00Z", "handshake": INVITATION},
            id="a recorded line",
        ),
        pytest.param('{organization: o-exampleorgid, management_account: "111111111111"}', id="the short form"),
        pytest.param({"organization": "o-exampleorgid", "management_account": "1" * 12}, id="the short form in JSON"),
    ],
)
def test_every_form_of_a_handshake_is_read(policy: Path, handshake: object) -> None:
    result = explain(policy, handshake, "--account", "222222222222", "--format", "json")
    assert result.exit_code == 0
    reasoning = json.loads(result.stdout)
    assert [decision["effect"] for decision in reasoning["decisions"]] == ["allow"]
    assert [rule["name"] for rule in reasoning["rules"]] == ["our-organization", "shop"]


def test_json_names_mismatches_and_misses(policy: Path) -> None:
    result = explain(policy, "{organization: o-exampleorgid, notes: CHG-1}", *AT, "--format", "json")
    reasoning = json.loads(result.stdout)
    assert reasoning["judged_at"] == "2026-11-25T00:00:00Z"
    assert reasoning["nearest_handshake"]["differences"] == [
        {"condition": "management_accounts", "removed": "999999999999", "added": "111111111111"}
    ]
    assert reasoning["nearest_edit"]["rule"] == "our-organization"
    assert reasoning["rules"][1] == {
        "name": "shop",
        "effect": "accept",
        "result": "does not match",
        "mismatches": [{"condition": "accounts", "found": ["123456789012"], "wanted": ["222222222222"]}],
        "unknown": [],
    }


def test_one_of_several_is_chosen_by_its_id(policy: Path) -> None:
    other = {**INVITATION, "Id": "h-otherhandshakeid11", "Arn": INVITATION["Arn"].replace("h-example", "h-another")}
    listing = {"Handshakes": [INVITATION, other]}
    assert "handshake        h-examplehandshakeid1" in explain(policy, listing, "--id", INVITATION["Id"], *AT).output
    result = explain(policy, listing)
    assert result.exit_code == 2
    assert (
        "it holds 2 handshakes: choose one with --id (`h-examplehandshakeid1`, `h-otherhandshakeid11`)" in result.stderr
    )
    result = explain(policy, {"Handshakes": [{**INVITATION, "Id": f"h-examplehandshake{n:04}"} for n in range(14)]})
    assert "`h-examplehandshake0009` and 4 more)" in result.stderr
    lines = "\n".join(
        json.dumps({"format": 1, "listed_at": "2026-11-25T00:00Z", "handshake": each}) for each in (INVITATION, other)
    )
    assert "handshake        h-otherhandshakeid11" in explain(policy, lines, "--id", "h-otherhandshakeid11").output
    missing = explain(policy, listing, "--id", "h-none")
    assert "there is no handshake `h-none` in it" in missing.stderr


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("[]", "it holds no handshake", id="an empty list"),
        pytest.param("7", "it is no object (expected a handshake as", id="a number"),
        pytest.param('{"Handshakes": 7}', "it is no object", id="a listing of something else"),
        pytest.param('{"a": 1}', "it has none of a handshake's members", id="another object"),
        pytest.param("{organizatio: x}", "`organizatio` is not a key of a handshake (did you mean", id="a typo"),
        pytest.param("{notes: [a]}", "notes: expected text, found a list", id="a list for a text"),
        pytest.param("{organization: x}", "organization: `x` is not an organization id", id="a wrong value"),
        pytest.param("", "it is neither JSON nor a short form", id="nothing"),
        pytest.param("- a", "it is no object", id="a list of words in YAML"),
        pytest.param("hello", "it is neither JSON nor a short form", id="a word"),
        pytest.param("- a: b", "it has none of a handshake's members", id="a list of another mapping in YAML"),
        pytest.param("{Handshakes: {}}", "it is no object", id="a listing of something else in YAML"),
        pytest.param("[a]", "it is not JSON", id="what begins as JSON"),
        pytest.param("[[{}]]", "it is no object", id="a list of lists"),
        pytest.param("Id: h-1\nId: h-2", "line 2, column 1: key `Id` is here twice", id="a key twice"),
        pytest.param('{"notes": "a\\u2028"}', "the character U+2028 is not allowed", id="a hidden line break in JSON"),
        pytest.param("{a: [", "it is neither JSON nor a short form", id="broken YAML"),
        pytest.param('{"Id": "h-1"', "it is not JSON: expecting", id="broken JSON"),
        pytest.param("[" * 100_000, "it is not JSON: it is nested too deeply", id="JSON that is too deep"),
        pytest.param('{"handshake_id": "h-12345678"}', "`effect` is missing", id="half a record"),
    ],
)
def test_what_is_no_handshake_is_told(policy: Path, text: str, expected: str) -> None:
    result = explain(policy, text)
    assert result.exit_code == 2
    assert result.stderr.startswith("Error: <stdin>: ")
    assert expected in result.stderr
    assert result.stdout == ""


def test_wrong_use_is_told(policy: Path, tmp_path: Path) -> None:
    wrong = explain(policy, INVITATION, "--account", "12")
    assert wrong.exit_code == 2
    assert "expected an account number, 12 digits" in wrong.stderr
    assert "is not a time: write a day" in explain(policy, INVITATION, "--at", "tomorrow").stderr
    assert "is not a time" in explain(policy, INVITATION, "--at", "0001-01-01T00:00+14:00").stderr
    broken = tmp_path / "broken.yaml"
    broken.write_text("version: 1\nmode: x\nrules: []\n")
    result = explain(broken, INVITATION)
    assert result.exit_code == 2
    assert f"{broken}:2:7: mode: `x` is not a mode" in result.stderr


def test_many_rules_are_cut_short(tmp_path: Path) -> None:
    rules = "".join(
        f"  - {{name: r{number}, effect: allow, organizations: [o-{number:010}]}}\n" for number in range(30)
    )
    path = tmp_path / "many.yaml"
    path.write_text(f"version: 1\nmode: audit\nrules:\n{rules}")
    result = explain(path, "{organization: o-0000000007}")
    assert "rule r7 (allow) decides" in result.output
    assert "and 10 more rules that do not match; --format json shows them all" in result.output
