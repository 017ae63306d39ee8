"""What a policy permits: IAM documents and the SCP, evaluated as IAM does it, and held to what the decider says."""

import json
import re
from datetime import UTC, date, datetime
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authoring.permissions import (
    MOST_CHARACTERS,
    MOST_DOCUMENTS,
    MOST_SCP_CHARACTERS,
    MOVER,
    Document,
    PermissionsError,
    answer_documents,
    scp,
)
from invitation_responder.decision import Decider
from invitation_responder.handshake import ACTIONS, read_handshake
from invitation_responder.policy import Keywords, Policy, Rule
from strategies import ACCOUNTS, NOW, ORGANIZATIONS, RECEIVER, policies, raw_handshakes

OURS: Final = "o-exampleorgid"
MANAGEMENT: Final = "111111111111"
OTHER: Final = "o-stranger0001"

LIST: Final = "organizations:ListHandshakesForAccount"
DESCRIBE: Final = "organizations:DescribeHandshake"
DECLINE: Final = "organizations:DeclineHandshake"
ACCEPT: Final = "organizations:AcceptHandshake"
LEAVE: Final = "organizations:LeaveOrganization"
LINK: Final = "iam:CreateServiceLinkedRole"

OWN: Final = "o-ourselves01"  # whom aws:PrincipalOrgID names


def matches(pattern: str, arn: str) -> bool:
    """IAM's matching of ARNs: `*` is any text within a part between colons."""
    if pattern == "*":
        return True
    parts, others = pattern.replace("${aws:PrincipalOrgID}", OWN).split(":", 5), arn.split(":", 5)
    return all(
        re.fullmatch(re.escape(part).replace(r"\*", ".*"), other) for part, other in zip(parts, others, strict=True)
    )


def applies(statement: dict[str, Any], action: str, arn: str, principal: str) -> bool:
    """Whether a statement is about a request."""
    actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
    keepers = statement.get("Condition", {}).get("ArnNotLike", {}).get("aws:PrincipalArn", [])
    if action not in actions or any(
        matches(keeper, principal) for keeper in (keepers if isinstance(keepers, list) else [keepers])
    ):
        return False
    if "NotResource" in statement:
        return not any(matches(pattern, arn) for pattern in statement["NotResource"])
    return any(matches(pattern, arn) for pattern in statement["Resource"])


def is_permitted(documents: list[Document], action: str, arn: str, principal: str = "") -> bool:
    """IAM's verdict: something allows it, and nothing denies it."""
    effects = {
        statement["Effect"]
        for document in documents
        for statement in document["Statement"]
        if applies(statement, action, arn, principal)
    }
    return effects == {"Allow"}


def is_denied(documents: list[Document], action: str, arn: str, principal: str = "") -> bool:
    """Whether something denies it expressly, whatever else allows it."""
    return any(
        statement["Effect"] == "Deny" and applies(statement, action, arn, principal)
        for document in documents
        for statement in document["Statement"]
    )


def arn_of(organization: str = OURS, account: str = MANAGEMENT, kind: str = "invite", partition: str = "aws") -> str:
    return f"arn:{partition}:organizations::{account}:handshake/{organization}/{kind}/h-12345678"


def policy_of(*rules: Rule, **members: Any) -> Policy:
    return Policy(**{"mode": "enforce", "rules": rules, **members})


def rule(effect: Any, name: str = "rule", **conditions: Any) -> Rule:
    return Rule(name=name, effect=effect, **conditions)


def organizations(count: int, length: int, first: int = 0) -> tuple[str, ...]:
    """Ids that differ in their first ten characters."""
    return tuple(f"o-{number:010d}{'z' * (length - 10)}" for number in range(first, first + count))


def sizes(documents: list[Document]) -> list[int]:
    return [len("".join(json.dumps(document).split())) for document in documents]


def permitted(policy: Policy, action: str, **parts: str) -> bool:
    return is_permitted(answer_documents(policy), action, arn_of(**parts))


def denied(policy: Policy, action: str, **parts: str) -> bool:
    return is_denied(answer_documents(policy), action, arn_of(**parts))


# What is promised for every policy and every handshake.


@given(policies(), raw_handshakes(), st.sampled_from(["aws", "aws-cn", "aws-us-gov"]), st.booleans())
def test_what_the_policy_wants_is_permitted_and_what_it_can_never_want_is_not(
    policy: Policy, raw: dict[str, Any], partition: str, other_type: bool
) -> None:
    raw["Arn"] = raw["Arn"].replace("arn:aws:", f"arn:{partition}:")
    if other_type:  # a spelling that nobody has documented takes a net away, never a decline
        raw["Arn"] = re.sub(r"/[a-z_]+/h-", "/something_else/h-", raw["Arn"])
    handshake = read_handshake(raw, RECEIVER)
    decision = Decider(policy).decide(handshake, NOW)
    documents = answer_documents(policy)
    may_decline = is_permitted(documents, DECLINE, raw["Arn"])
    may_accept = is_permitted(documents, ACCEPT, raw["Arn"])
    assert is_permitted(documents, LIST, "*")
    assert is_permitted(documents, DESCRIBE, raw["Arn"])
    assert max(sizes(documents)) <= MOST_CHARACTERS
    if policy.mode == "audit":
        assert not may_decline
        assert not may_accept
        return
    assert may_decline or decision.effect != "decline"
    assert may_accept or decision.effect != "accept"
    named = [
        rule
        for rule in policy.rules
        if rule.effect == "accept"
        and (rule.organizations is None or handshake.organization in rule.organizations)
        and (rule.management_accounts is None or handshake.management_account in rule.management_accounts)
    ]
    assert may_accept == bool(named)
    if not other_type and not may_be_declined(policy, handshake.action, handshake.organization, raw["Arn"]):
        assert not may_decline


def may_be_declined(policy: Policy, action: str | None, organization: str | None, arn: str) -> bool:
    """Whether some handshake with this ARN, with whatever notes and for whatever account, could be declined."""
    account = arn.split(":")[4]

    def reaches(one: Rule) -> bool:
        values = ((one.actions, action), (one.organizations, organization), (one.management_accounts, account))
        return all(wanted is None or value in wanted for wanted, value in values)

    reaching = [one for one in policy.rules if reaches(one)]
    if any(one.effect == "decline" for one in reaching):
        return True
    conditions = ("management_emails", "accounts", "notes", "expires")
    unconditional = [one for one in reaching if all(getattr(one, name) is None for name in conditions)]
    return not unconditional and action not in policy.protect and policy.default == "decline"


@given(policies("enforce"), raw_handshakes())
def test_the_scp_leaves_a_mover_whatever_the_policy_allows_or_accepts(policy: Policy, raw: dict[str, Any]) -> None:
    decision = Decider(policy).decide(read_handshake(raw, RECEIVER), NOW)
    prevention = scp(policy)
    arn = raw["Arn"]
    if decision.effect != "decline":
        # Protected by default is what only the own organization sends.
        sent_by_us = arn.replace(raw["Parties"][0]["Id"], OWN) if not decision.rules else arn
        assert not is_denied([prevention.document], ACCEPT, sent_by_us, "arn:aws:iam::222222222222:role/account-mover")
    assert is_denied([prevention.document], ACCEPT, arn, "arn:aws:iam::222222222222:role/somebody")
    assert is_denied([prevention.document], LEAVE, "*", "arn:aws:iam::222222222222:root")


# What is granted.


def test_nothing_is_answered_in_audit_mode() -> None:
    (document,) = answer_documents(policy_of(rule("accept"), rule("decline", "other"), mode="audit"))
    assert [statement["Action"] for statement in document["Statement"]] == [LIST, DESCRIBE]


def test_the_documents_are_of_the_form_that_iam_takes() -> None:
    policy = policy_of(rule("accept", organizations=(OURS,)), rule("allow", "other", organizations=(OTHER,)))
    (document,) = answer_documents(policy)
    assert document["Version"] == "2012-10-17"
    sids = [statement["Sid"] for statement in document["Statement"]]
    assert len(set(sids)) == len(sids)
    assert all(sid.isalnum() for sid in sids)
    assert {type(statement["Resource"]) for statement in document["Statement"]} == {list}
    assert json.loads(json.dumps(document)) == document
    assert answer_documents(policy) == [document]


@pytest.mark.parametrize(
    ("conditions", "account", "organization", "expected"),
    [
        pytest.param({"organizations": (OURS,)}, "999999999999", OURS, True, id="an organization, by any account"),
        pytest.param({"organizations": (OURS,)}, MANAGEMENT, OTHER, False, id="another organization"),
        pytest.param({"management_accounts": (MANAGEMENT,)}, MANAGEMENT, OTHER, True, id="an account"),
        pytest.param({"management_accounts": (MANAGEMENT,)}, "999999999999", OURS, False, id="another account"),
        pytest.param(
            {"organizations": (OURS,), "management_accounts": (MANAGEMENT,)},
            "999999999999",
            OURS,
            False,
            id="both have to be right where both are named",
        ),
        pytest.param({}, "999999999999", OTHER, True, id="anybody, where a rule names nobody"),
        pytest.param({"organizations": (OURS,), "expires": date(2020, 1, 1)}, MANAGEMENT, OURS, True, id="expired"),
        pytest.param({"organizations": (OURS,), "notes": Keywords(any=("chg-",))}, MANAGEMENT, OURS, True, id="notes"),
        pytest.param({"organizations": ("o-exampleorg",)}, MANAGEMENT, OURS, False, id="no prefix of another id"),
    ],
)
def test_accepting_is_for_the_senders_that_accept_rules_name(
    conditions: dict[str, Any], account: str, organization: str, expected: bool
) -> None:
    assert permitted(policy_of(rule("accept", **conditions)), ACCEPT, account=account, organization=organization) == (
        expected
    )
    assert not permitted(policy_of(rule("allow", **conditions)), ACCEPT, account=account, organization=organization)


def test_the_role_of_organizations_is_created_only_where_something_is_accepted() -> None:
    role = "arn:aws:iam::222222222222:role/aws-service-role/organizations.amazonaws.com/AWSServiceRoleForOrganizations"
    accepting = answer_documents(policy_of(rule("accept", organizations=(OURS,))))
    assert is_permitted(accepting, LINK, role)
    assert not is_permitted(accepting, LINK, role.replace("ForOrganizations", "ForSupport"))
    (statement,) = [one for one in accepting[0]["Statement"] if one["Action"] == LINK]
    assert statement["Condition"] == {"StringEquals": {"iam:AWSServiceName": "organizations.amazonaws.com"}}
    assert not is_permitted(answer_documents(policy_of(rule("allow"))), LINK, role)


def test_leaving_the_organization_is_never_granted() -> None:
    assert not is_permitted(answer_documents(policy_of(rule("accept"))), LEAVE, "*")


def test_where_the_default_allows_declining_is_for_the_senders_that_decline_rules_name() -> None:
    policy = policy_of(rule("decline", organizations=(OTHER,)), default="allow")
    assert permitted(policy, DECLINE, organization=OTHER)
    assert not permitted(policy, DECLINE)
    assert not permitted(policy_of(rule("allow"), default="allow"), DECLINE)
    anybody = policy_of(rule("decline", notes=Keywords(any=("gift card",))), default="allow")
    assert permitted(anybody, DECLINE, organization=OTHER)


def test_where_every_action_is_protected_only_rules_decline() -> None:
    policy = policy_of(rule("decline", organizations=(OTHER,)), protect=ACTIONS)
    assert permitted(policy, DECLINE, organization=OTHER)
    assert not permitted(policy, DECLINE, kind="something_else")


# What is denied.


@pytest.mark.parametrize(
    ("rules", "spared"),
    [
        pytest.param([{}], True, id="what is allowed without condition"),
        pytest.param([{"effect": "accept"}], True, id="what is accepted without condition"),
        pytest.param([{"actions": ("INVITE",)}], True, id="what is allowed for its action"),
        pytest.param([{"actions": ("TRANSFER_RESPONSIBILITY",)}], False, id="not another action"),
        pytest.param([{"notes": Keywords(any=("chg-",))}], False, id="not what is allowed for its notes"),
        pytest.param([{"accounts": (RECEIVER,)}], False, id="not what is allowed for one account"),
        pytest.param([{"management_emails": ("*@example.com",)}], False, id="not what is allowed for its e-mail"),
        pytest.param([{"expires": date(2027, 3, 31)}], False, id="not what is allowed until a day"),
        pytest.param([{}, {"effect": "decline", "organizations": (OURS,)}], False, id="not what another rule declines"),
        pytest.param([{}, {"effect": "decline", "organizations": (OTHER,)}], True, id="though others are declined"),
        pytest.param(
            [{}, {"effect": "decline", "management_accounts": ("999999999999",)}], False, id="not an unknown account's"
        ),
        pytest.param(
            [{"management_accounts": (MANAGEMENT,)}, {"effect": "decline", "management_accounts": ("999999999999",)}],
            True,
            id="though another account's is declined",
        ),
        pytest.param(
            [{}, {"effect": "decline", "actions": ("TRANSFER_RESPONSIBILITY",)}],
            True,
            id="though another action is declined",
        ),
        pytest.param([{}, {"effect": "decline", "actions": ("INVITE",)}], False, id="not an action that is declined"),
        pytest.param(
            [{}, {"effect": "decline", "notes": Keywords(any=("gift card",))}], False, id="not what notes may decline"
        ),
    ],
)
def test_declining_is_denied_for_what_no_rule_can_decline(rules: list[dict[str, Any]], spared: bool) -> None:
    named = [
        rule(**{"effect": "allow", "name": f"rule-{position}", "organizations": (OURS,), **conditions})
        if conditions.get("effect") != "decline"
        else rule(**{"name": f"rule-{position}", **conditions})
        for position, conditions in enumerate(rules)
    ]
    assert denied(policy_of(*named), DECLINE) == spared
    assert permitted(policy_of(*named), DECLINE) != spared


@pytest.mark.parametrize(
    ("action", "kind"),
    [
        ("ENABLE_ALL_FEATURES", "enable_all_features"),
        ("APPROVE_ALL_FEATURES", "approve_all_features"),
        ("ADD_ORGANIZATIONS_SERVICE_LINKED_ROLE", "add_organizations_service_linked_role"),
        ("ADD_ORGANIZATIONS_SERVICE_LINKED_ROLE", "add_service_linked_role"),
    ],
)
def test_declining_a_protected_action_is_denied_unless_a_rule_may_decline_it(action: str, kind: str) -> None:
    assert denied(policy_of(), DECLINE, kind=kind)
    assert permitted(policy_of(), DECLINE, kind="invite")
    assert permitted(policy_of(protect=()), DECLINE, kind=kind)
    assert permitted(policy_of(rule("decline", actions=(action,), organizations=(OTHER,))), DECLINE, kind=kind)
    assert permitted(policy_of(rule("decline", accounts=(RECEIVER,))), DECLINE, kind=kind)


def test_where_nothing_is_declined_declining_is_denied_altogether() -> None:
    assert denied(policy_of(default="allow"), DECLINE, organization=OTHER, kind="something_else")


# How much fits.


@pytest.mark.parametrize(
    ("accepted", "allowed", "length"),
    [
        pytest.param(1000, 0, 32, id="1,000 accepted"),
        pytest.param(0, 1000, 32, id="1,000 allowed"),
        pytest.param(500, 500, 32, id="a mixture"),
        pytest.param(1000, 0, 10, id="1,000 accepted as AWS names them"),
        pytest.param(0, 1000, 10, id="1,000 allowed as AWS names them"),
        pytest.param(400, 600, 10, id="a mixture as AWS names them"),
    ],
)
def test_a_thousand_organizations_fit(accepted: int, allowed: int, length: int) -> None:
    those = organizations(accepted, length)
    others = organizations(allowed, length, first=accepted)
    rules = [rule("accept", organizations=those)] if accepted else []
    rules += [rule("allow", "others", organizations=others)] if allowed else []
    documents = answer_documents(policy_of(*rules))
    assert len(documents) <= MOST_DOCUMENTS
    assert max(sizes(documents)) <= MOST_CHARACTERS
    assert all(is_permitted(documents, ACCEPT, arn_of(one)) for one in those[::97])
    assert not any(is_permitted(documents, ACCEPT, arn_of(one)) for one in (*others[::97], OURS))
    assert is_permitted(documents, DECLINE, arn_of(OURS))
    if length == 10:
        assert not any(is_permitted(documents, DECLINE, arn_of(one)) for one in others[::97])
    assert is_denied(documents, DECLINE, arn_of(OURS, kind="enable_all_features"))


def test_a_deny_is_left_out_rather_than_shortened() -> None:
    documents = answer_documents(policy_of(rule("allow", organizations=organizations(1000, 32))))
    assert is_denied(documents, DECLINE, arn_of(organizations(1, 32)[0]))
    assert is_permitted(documents, DECLINE, arn_of(organizations(1000, 32)[-1]))
    assert not any("z*" in resource or "0*" in resource for resource in resources(documents, "Deny"))


def resources(documents: list[Document], effect: str) -> list[str]:
    statements = [one for document in documents for one in document["Statement"] if one["Effect"] == effect]
    return [resource for statement in statements for resource in statement["Resource"]]


def fullest(effect: str, length: int, most: int = 2000) -> tuple[int, list[Document]]:
    """How many organizations there is room for at most, and the documents with that many."""
    low, high = 1, most
    while high - low > 1:
        middle = (low + high) // 2
        try:
            answer_documents(policy_of(rule(effect, organizations=organizations(middle, length))))
        except PermissionsError:
            high = middle
        else:
            low = middle
    return low, answer_documents(policy_of(rule(effect, organizations=organizations(low, length))))


def test_there_is_room_for_little_more_than_a_thousand_senders_and_then_an_error() -> None:
    count, documents = fullest("accept", 10)
    assert 1050 < count < 1100
    assert len(documents) == MOST_DOCUMENTS
    longest = len('"arn:*:organizations::*:handshake/o-0123456789/*",')
    assert all(MOST_CHARACTERS - longest - 5 <= size <= MOST_CHARACTERS for size in sizes(documents)[:-1])
    with pytest.raises(PermissionsError, match=r"more senders .* about 1,000 .*: turn some of the rules into `eff"):
        answer_documents(policy_of(rule("accept", organizations=organizations(count + 1, 10))))


@pytest.mark.parametrize("count", range(70, 130))
def test_no_document_is_too_large_wherever_one_ends(count: int) -> None:
    documents = answer_documents(policy_of(rule("accept", organizations=organizations(count, 10 + count % 23))))
    assert max(sizes(documents)) <= MOST_CHARACTERS


def test_what_is_accepted_is_granted_by_ten_characters_only_where_ids_do_not_fit() -> None:
    few, many = organizations(500, 32), organizations(1000, 32)
    sibling = many[0][:-1] + "a"
    assert not is_permitted(answer_documents(policy_of(rule("accept", organizations=few))), ACCEPT, arn_of(sibling))
    documents = answer_documents(policy_of(rule("accept", organizations=(*many, OURS))))
    assert is_permitted(documents, ACCEPT, arn_of(sibling))
    assert is_permitted(documents, ACCEPT, arn_of(OURS))
    assert not is_permitted(documents, ACCEPT, arn_of("o-000000999z"))


def test_what_is_accepted_is_granted_by_organization_where_each_pair_does_not_fit() -> None:
    accounts = tuple(f"{number:012d}" for number in range(1000))
    both = rule("accept", organizations=organizations(100, 10), management_accounts=accounts)
    documents = answer_documents(policy_of(both, rule("accept", "more", management_accounts=(MANAGEMENT,))))
    assert is_permitted(documents, ACCEPT, arn_of(organizations(1, 10)[0], "999999999999"))
    assert is_permitted(documents, ACCEPT, arn_of(OTHER, MANAGEMENT))
    assert not is_permitted(documents, ACCEPT, arn_of(OTHER, accounts[0]))


def test_declining_is_granted_for_everybody_where_the_senders_to_decline_do_not_fit() -> None:
    policy = policy_of(rule("decline", organizations=organizations(1500, 10)), default="allow")
    assert permitted(policy, DECLINE)
    assert len(answer_documents(policy)) == 1


# The service control policy.


def test_in_audit_mode_only_a_mover_moves_the_account() -> None:
    prevention = scp(policy_of(rule("accept", organizations=(OURS,)), mode="audit"))
    (statement,) = prevention.document["Statement"]
    assert statement["Action"] == [ACCEPT, LEAVE]
    assert statement["Condition"] == {"ArnNotLike": {"aws:PrincipalArn": MOVER}}
    assert prevention.caveat.startswith("the policy is in audit mode")


def test_not_even_a_mover_accepts_from_a_sender_that_no_rule_allows() -> None:
    mover = "arn:aws:iam::222222222222:role/account-mover"
    prevention = scp(policy_of(rule("allow", organizations=(OURS,), management_accounts=(MANAGEMENT,))))
    documents = [prevention.document]
    assert prevention.caveat == ""
    assert is_denied(documents, ACCEPT, arn_of(OTHER), mover)
    assert is_denied(documents, ACCEPT, arn_of(OURS, "999999999999"), mover)
    assert not is_denied(documents, ACCEPT, arn_of(), mover)
    assert not is_denied(documents, ACCEPT, arn_of(OWN, kind="enable_all_features"), mover)
    assert not is_denied(documents, LEAVE, "*", mover)
    assert is_denied(documents, ACCEPT, arn_of(), "arn:aws:iam::222222222222:role/InvitationResponder-Role-1")


def test_the_responder_accepts_where_a_rule_accepts_and_never_leaves() -> None:
    responder = "arn:aws:iam::222222222222:role/InvitationResponder-ResponderRole-1A2B"
    documents = [scp(policy_of(rule("accept", organizations=(OURS,)))).document]
    assert not is_denied(documents, ACCEPT, arn_of(), responder)
    assert is_denied(documents, ACCEPT, arn_of(OTHER), responder)
    assert is_denied(documents, LEAVE, "*", responder)


@pytest.mark.parametrize(
    ("policy", "caveat"),
    [
        pytest.param(policy_of(default="allow"), "from anybody to a person (`default: allow`)", id="the default"),
        pytest.param(
            policy_of(protect=("ENABLE_ALL_FEATURES", "INVITE")), "(`protect: [INVITE]`)", id="a protected action"
        ),
        pytest.param(
            policy_of(rule("allow", "open", notes=Keywords(any=("chg-",)))), "rule open is about", id="a rule"
        ),
        pytest.param(
            policy_of(rule("allow", organizations=organizations(200, 10))), "do not fit into the 5,120", id="the size"
        ),
    ],
)
def test_where_anybody_may_be_allowed_the_scp_only_says_who_may_accept(policy: Policy, caveat: str) -> None:
    prevention = scp(policy)
    assert caveat in prevention.caveat
    assert [statement["Sid"] for statement in prevention.document["Statement"]] == ["NobodyMovesThisAccount"]


@pytest.mark.parametrize("count", range(1, 90))
def test_the_scp_is_within_its_size_as_it_is_printed(count: int) -> None:
    prevention = scp(policy_of(rule("allow", organizations=organizations(count, 32))))
    assert len(str(prevention)) <= MOST_SCP_CHARACTERS
    assert json.loads(str(prevention)) == prevention.document
    assert bool(prevention.caveat) == (count > 54)


def test_the_scp_names_organizations_alone_where_pairs_do_not_fit() -> None:
    accounts = tuple(f"{number:012d}" for number in range(100))
    both = rule("allow", organizations=ORGANIZATIONS, management_accounts=(*accounts, *ACCOUNTS))
    prevention = scp(policy_of(both))
    assert prevention.caveat == ""
    (_, strangers) = prevention.document["Statement"]
    assert len(strangers["NotResource"]) == 1 + len(ORGANIZATIONS)


def test_more_movers_than_fit_are_an_error() -> None:
    movers = [f"arn:aws:iam::222222222222:role/mover-{number}" for number in range(100)]
    with pytest.raises(PermissionsError, match="name fewer movers and responders"):
        scp(policy_of(), movers=movers)


def test_the_time_plays_no_part() -> None:
    """Permissions stand until the next deployment: what a rule allows until tomorrow may be declined then."""
    policy = policy_of(rule("allow", organizations=(OURS,), expires=date(2026, 11, 23)))
    raw = {"Id": "h-12345678", "Arn": arn_of(), "Action": "INVITE", "State": "OPEN"}
    handshake = read_handshake(raw, RECEIVER)
    assert Decider(policy).decide(handshake, NOW).effect == "allow"
    assert Decider(policy).decide(handshake, datetime(2026, 11, 24, tzinfo=UTC)).effect == "decline"
    assert permitted(policy, DECLINE)
