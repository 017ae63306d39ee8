"""A policy's needs as IAM statements: they allow all that it asks for, and nothing that it rules out."""

import json
import re
import time
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given

from authoring.cli import main
from authoring.permissions.role import MAX_DOCUMENTS, answer_permissions
from authoring.permissions.scp import DEPLOYERS, MOVER, RESPONDER, SCP_LIMIT, service_control_policy
from authoring.permissions.statements import DOCUMENT_LIMIT, INLINE_LIMIT, PermissionsError
from invitation_responder.core.decision import Decider
from invitation_responder.core.handshake import read_handshake
from invitation_responder.core.policy import Keywords, Policy, Rule
from support.strategies import NOW, RECEIVER, policies, raw_handshakes

STRANGER, OURS, OTHER = "o-stranger0001", "o-exampleorgid", "o-otherorgidx1"
ACCOUNT, ANOTHER = "111111111111", "222222222222"
ENABLE = "ENABLE_ALL_FEATURES"
TRANSFER = "TRANSFER_RESPONSIBILITY"


def arn(organization: str, *, account: str = ACCOUNT, kind: str = "invite") -> str:
    return f"arn:aws:organizations::{account}:handshake/{organization}/{kind}/h-examplehandshake"


def may(policy: Policy, action: str, resource: str) -> bool:
    """IAM's evaluation: a Deny wins, and an action that no statement allows is denied."""
    statements = [
        s for document in answer_permissions(policy, partition="aws").documents for s in document["Statement"]
    ]
    effects = {
        s["Effect"]
        for s in statements
        if s["Action"] == f"organizations:{action}" and any(like(pattern, resource) for pattern in s["Resource"])
    }
    return effects == {"Allow"}


def like(pattern: str, resource: str) -> bool:
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), resource) is not None


def enforcing(*rules: Rule, **fields: Any) -> Policy:
    return Policy("enforce", rules=rules, **fields)


@given(policies(), raw_handshakes())
def test_the_role_can_do_what_the_policy_asks_for(policy: Policy, raw: Any) -> None:
    handshake = read_handshake(raw, RECEIVER)
    effect = Decider(policy).decide(handshake, NOW).effect
    if not isinstance(raw, dict) or not isinstance(raw.get("Arn"), str) or effect == "undecided":
        return
    resource = raw["Arn"].replace("arn:aws-cn:", "arn:aws:").replace("arn:aws-us-gov:", "arn:aws:")
    enforces = policy.mode == "enforce"
    if effect == "decline":
        assert may(policy, "DeclineHandshake", resource) is enforces
    if effect == "accept":
        assert may(policy, "AcceptHandshake", resource) is enforces


@pytest.mark.parametrize("action", ["DeclineHandshake", "AcceptHandshake"])
def test_in_audit_mode_there_is_no_permission_to_answer(action: str) -> None:
    policy = Policy("audit", rules=(Rule("a", "accept"), Rule("d", "decline")))
    assert not may(policy, action, arn(STRANGER))
    assert action not in json.dumps(answer_permissions(policy, partition="aws").documents)


@pytest.mark.parametrize("mode", ["audit", "enforce"])
def test_listing_and_reading_are_always_allowed(mode: Any) -> None:
    assert may(Policy(mode), "ListHandshakesForAccount", "*")
    assert may(Policy(mode), "DescribeHandshake", arn(STRANGER))
    assert may(Policy(mode), "DescribeOrganization", "*")
    assert may(Policy(mode), "ListOutboundResponsibilityTransfers", "*")


ACCEPT_OURS = Rule("a", "accept", organizations=(OURS,))
ALLOW_OURS = Rule("a", "allow", organizations=(OURS,))
INVITE_OURS = Rule("a", "allow", actions=("INVITE",), organizations=(OURS,))


@pytest.mark.parametrize(
    ("policy", "resource", "allowed"),
    [
        pytest.param(enforcing(), arn(STRANGER), True, id="a stranger's, by default"),
        pytest.param(enforcing(default="allow"), arn(STRANGER), False, id="nothing can be declined"),
        pytest.param(enforcing(Rule("d", "decline"), default="allow"), arn(STRANGER), True, id="a rule declines"),
        pytest.param(enforcing(ALLOW_OURS), arn(OURS), False, id="always allowed"),
        pytest.param(enforcing(Rule("a", "accept", organizations=(OURS,))), arn(OURS), False, id="always accepted"),
        pytest.param(enforcing(ALLOW_OURS), arn(STRANGER), True, id="allowed is another"),
        pytest.param(
            enforcing(Rule("a", "allow", management_accounts=(ACCOUNT,))), arn(OURS), False, id="allowed by account"
        ),
        pytest.param(
            enforcing(Rule("a", "allow", management_accounts=(ACCOUNT,))),
            arn(OURS, account=ANOTHER),
            True,
            id="allowed is another account",
        ),
        pytest.param(
            enforcing(Rule("a", "allow", organizations=(OURS,), management_accounts=(ANOTHER,))),
            arn(OURS),
            True,
            id="allowed with another account only",
        ),
        pytest.param(enforcing(INVITE_OURS), arn(OURS), False, id="invitations are allowed"),
        pytest.param(
            enforcing(INVITE_OURS),
            arn(OURS, kind="transfer_responsibility"),
            True,
            id="invitations are allowed, a billing transfer is not",
        ),
        pytest.param(
            enforcing(Rule("a", "allow", actions=(TRANSFER,), organizations=(OURS,))),
            arn(OURS),
            True,
            id="a billing transfer is allowed, an invitation is not",
        ),
        pytest.param(
            enforcing(Rule("a", "allow", organizations=(OURS,), notes=Keywords(any=("x",)))),
            arn(OURS),
            True,
            id="allowed with a note only",
        ),
        pytest.param(
            enforcing(Rule("a", "allow", organizations=(OURS,), expires=date(2027, 1, 1))),
            arn(OURS),
            True,
            id="allowed for a time only",
        ),
        pytest.param(
            enforcing(Rule("a", "allow", organizations=(OURS,), accounts=(ANOTHER,))),
            arn(OURS),
            True,
            id="allowed for one receiver only",
        ),
        pytest.param(
            enforcing(ALLOW_OURS, Rule("d", "decline", notes=Keywords(any=("x",)))),
            arn(OURS),
            True,
            id="another rule could decline it",
        ),
        pytest.param(
            enforcing(ALLOW_OURS, Rule("d", "decline", organizations=(OTHER,))),
            arn(OURS),
            False,
            id="another rule declines others",
        ),
        pytest.param(
            enforcing(INVITE_OURS, Rule("d", "decline", actions=(TRANSFER,))),
            arn(OURS),
            False,
            id="another rule declines other actions",
        ),
        pytest.param(
            enforcing(Rule("a", "allow", organizations=(OURS,), not_accounts=(ANOTHER,))),
            arn(OURS),
            True,
            id="allowed for all receivers but one",
        ),
        pytest.param(
            enforcing(Rule("a", "allow", not_organizations=(OURS,))), arn(OURS), True, id="allowed is everybody else"
        ),
        pytest.param(
            enforcing(Rule("a", "allow", organizations=(OURS,), not_management_accounts=(ACCOUNT,))),
            arn(OURS),
            True,
            id="allowed but with this management account",
        ),
        pytest.param(
            enforcing(Rule("a", "allow", organizations=(OURS,), not_actions=(TRANSFER,))),
            arn(OURS),
            False,
            id="allowed is all but a billing transfer",
        ),
        pytest.param(
            enforcing(Rule("a", "allow", organizations=(OURS,), not_actions=(TRANSFER,))),
            arn(OURS, kind="transfer_responsibility"),
            True,
            id="all but a billing transfer is allowed",
        ),
        pytest.param(
            enforcing(Rule("a", "allow", organizations=(OURS,), not_actions=("INVITE",))),
            arn(OURS),
            True,
            id="allowed is all but an invitation",
        ),
        pytest.param(
            enforcing(ALLOW_OURS, Rule("d", "decline", not_organizations=(OURS,))),
            arn(OURS),
            False,
            id="another rule declines all others",
        ),
        pytest.param(
            enforcing(ALLOW_OURS, Rule("d", "decline", not_organizations=(OTHER,))),
            arn(OURS),
            True,
            id="another rule declines all but somebody else",
        ),
        pytest.param(
            enforcing(INVITE_OURS, Rule("d", "decline", not_actions=("INVITE",))),
            arn(OURS),
            False,
            id="another rule declines all but invitations",
        ),
        pytest.param(enforcing(), arn(OURS, kind=ENABLE.lower()), False, id="a protected action"),
        *(
            pytest.param(enforcing(), arn(OURS, kind=kind), False, id=f"a protected action, called {kind}")
            for kind in (
                "add_organizations_service_linked_role",
                "add_organizations_service_linked",
                "add_service_role",
            )
        ),
        pytest.param(
            enforcing(Rule("d", "decline", not_actions=(ENABLE,))),
            arn(OURS, kind=ENABLE.lower()),
            False,
            id="a protected action that the rule excludes",
        ),
        pytest.param(
            enforcing(Rule("d", "decline", not_actions=("INVITE",))),
            arn(OURS, kind=ENABLE.lower()),
            True,
            id="a protected action that the rule does not exclude",
        ),
        pytest.param(
            enforcing(Rule("d", "decline", actions=(ENABLE,))),
            arn(OURS, kind=ENABLE.lower()),
            True,
            id="a protected action that a rule declines",
        ),
        pytest.param(enforcing(Rule("d", "decline")), arn(OURS, kind=ENABLE.lower()), True, id="all is declined"),
        pytest.param(enforcing(protect=()), arn(OURS, kind=ENABLE.lower()), True, id="nothing is protected"),
    ],
)
def test_declining(policy: Policy, resource: str, allowed: bool) -> None:
    assert may(policy, "DeclineHandshake", resource) is allowed


@pytest.mark.parametrize(
    ("rule", "resource", "allowed"),
    [
        pytest.param(ALLOW_OURS, arn(OURS), False, id="no accept rule"),
        pytest.param(Rule("a", "accept", organizations=(OURS,)), arn(OURS), True, id="the organization named"),
        pytest.param(Rule("a", "accept", organizations=(OURS,)), arn(STRANGER), False, id="another organization"),
        pytest.param(Rule("a", "accept", management_accounts=(ACCOUNT,)), arn(OURS), True, id="the account named"),
        pytest.param(Rule("a", "accept", management_accounts=(ANOTHER,)), arn(OURS), False, id="another account"),
        pytest.param(Rule("a", "accept"), arn(STRANGER), True, id="a rule that names nobody"),
        pytest.param(
            Rule("a", "accept", not_organizations=(OURS,)), arn(STRANGER), True, id="a rule that excludes another"
        ),
        pytest.param(
            Rule("a", "accept", organizations=(OURS,), not_accounts=(ANOTHER,)),
            arn(STRANGER),
            False,
            id="another organization than that of a rule that excludes receivers",
        ),
    ],
)
def test_accepting(rule: Rule, resource: str, allowed: bool) -> None:
    assert may(enforcing(rule), "AcceptHandshake", resource) is allowed


def test_only_who_accepts_may_make_the_role_of_organizations() -> None:
    assert "iam:" not in json.dumps(answer_permissions(enforcing(), partition="aws").documents)
    text = json.dumps(answer_permissions(enforcing(ACCEPT_OURS), partition="aws").documents)
    assert "iam:CreateServiceLinkedRole" in text
    assert "organizations:LeaveOrganization" not in text


def test_leaving_is_granted_where_a_rule_says_so_and_only_then() -> None:
    leaving = replace(ACCEPT_OURS, actions=("INVITE",), leave_organization=True)
    assert may(enforcing(leaving), "LeaveOrganization", "*")
    assert not may(enforcing(replace(leaving, leave_organization=False)), "LeaveOrganization", "*")
    assert not may(replace(enforcing(leaving), mode="audit"), "LeaveOrganization", "*")


def test_it_is_told_where_a_deny_goes_by_a_type_that_nobody_documents() -> None:
    assert answer_permissions(enforcing(), partition="aws").is_guess
    assert not answer_permissions(Policy("audit"), partition="aws").is_guess
    assert not answer_permissions(enforcing(protect=(ENABLE,)), partition="aws").is_guess
    assert not answer_permissions(enforcing(Rule("d", "decline")), partition="aws").is_guess


def organization_ids(count: int, length: int) -> tuple[str, ...]:
    return tuple(f"o-{number:010d}".ljust(length, "x") for number in range(count))


@pytest.mark.untraced
@pytest.mark.parametrize("length", [12, 34], ids=["ids as AWS makes them", "the longest ids"])
@pytest.mark.parametrize("effects", [["accept"], ["allow"], ["accept", "allow"]], ids=" and ".join)
@pytest.mark.parametrize("partition", ["aws", "aws-us-gov"])
def test_a_thousand_organizations_fit(length: int, effects: list[Any], partition: str) -> None:
    ids = organization_ids(1000, length)
    parts = [ids[number :: len(effects)] for number in range(len(effects))]
    rules = [Rule(effect, effect, organizations=part) for effect, part in zip(effects, parts, strict=True)]
    documents = answer_permissions(enforcing(*rules), partition=partition).documents
    assert len(documents) <= MAX_DOCUMENTS
    first, *others = [len(json.dumps(each, separators=(",", ":"))) for each in documents]
    assert first <= INLINE_LIMIT
    assert all(size <= DOCUMENT_LIMIT for size in others)
    if "accept" in effects:
        patterns = [r for d in documents for s in d["Statement"] if s["Sid"] == "Accept" for r in s["Resource"]]
        wanted = [arn(each).replace("arn:aws:", f"arn:{partition}:") for each in parts[0]]
        assert all(any(like(pattern, each) for pattern in patterns) for each in wanted[::50])
        assert not any(like(pattern, arn(STRANGER).replace("aws:", f"{partition}:")) for pattern in patterns)


def test_the_senders_that_the_cdk_does_not_show_are_counted() -> None:
    few = answer_permissions(enforcing(ACCEPT_OURS), partition="aws")
    many = answer_permissions(enforcing(Rule("a", "accept", organizations=organization_ids(300, 12))), partition="aws")
    in_first = sum(len(s["Resource"]) for s in many.documents[0]["Statement"] if s["Sid"] == "Accept")
    assert (few.accepts_not_shown, many.accepts_not_shown) == (0, 300 - in_first)
    assert 0 < in_first < 300


def test_more_senders_than_iam_can_hold_are_refused() -> None:
    with pytest.raises(PermissionsError, match=r"accept rules name 2000 senders, .* name fewer"):
        answer_permissions(enforcing(Rule("a", "accept", organizations=organization_ids(2000, 12))), partition="aws")


@pytest.mark.parametrize(
    ("count", "left_out"), [pytest.param(1000, 0, id="all fit"), pytest.param(2000, 785, id="not all fit")]
)
def test_denies_that_find_no_room_are_counted(count: int, left_out: int) -> None:
    permissions = answer_permissions(
        enforcing(Rule("a", "allow", organizations=organization_ids(count, 12))), partition="aws"
    )
    assert permissions.denies_left_out == left_out
    assert len(permissions.documents) <= MAX_DOCUMENTS


def test_a_rule_that_names_a_million_pairs_takes_no_longer_than_others() -> None:
    accounts = tuple(f"{number:012}" for number in range(1000))
    rule = Rule("a", "allow", organizations=organization_ids(1000, 12), management_accounts=accounts)
    started = time.process_time()
    assert len(answer_permissions(enforcing(rule), partition="aws").documents) == MAX_DOCUMENTS
    assert time.process_time() - started < 5


def test_the_scp_lets_only_movers_move() -> None:
    moving, becoming = service_control_policy(enforcing()).document["Statement"]
    assert moving["Condition"] == becoming["Condition"] == {"ArnNotLike": {"aws:PrincipalArn": [MOVER]}}
    assert set(moving["Action"]) == {"organizations:AcceptHandshake", "organizations:LeaveOrganization"}
    assert (becoming["Action"], becoming["Resource"]) == (["iam:CreateRole", "iam:UpdateAssumeRolePolicy"], [MOVER])


def test_the_scp_lets_the_responder_accept_where_the_policy_does() -> None:
    document = service_control_policy(enforcing(ACCEPT_OURS)).document
    exempt = {s["Sid"]: s["Condition"]["ArnNotLike"]["aws:PrincipalArn"] for s in document["Statement"]}
    assert exempt == {
        "NobodyAccepts": [MOVER, RESPONDER],
        "NobodyLeaves": [MOVER],
        "NobodyBecomesAMover": [MOVER],
        "NobodyBecomesTheResponder": list(DEPLOYERS),
    }


def test_the_scp_lets_the_responder_leave_where_a_rule_says_so() -> None:
    leaving = replace(ACCEPT_OURS, actions=("INVITE",), leave_organization=True)
    document = service_control_policy(enforcing(leaving)).document
    exempt = {s["Sid"]: s["Condition"]["ArnNotLike"]["aws:PrincipalArn"] for s in document["Statement"]}
    assert exempt["NobodyLeaves"] == exempt["NobodyAccepts"] == [MOVER, RESPONDER]


def is_denied(document: Any, action: str, principal: str, role: str) -> bool:
    """True if an SCP denies a principal an action on a role."""
    return any(
        action in statement["Action"]
        and any(like(pattern, role) for pattern in statement["Resource"])
        and not any(like(pattern, principal) for pattern in statement["Condition"]["ArnNotLike"]["aws:PrincipalArn"])
        for statement in document["Statement"]
    )


@pytest.mark.parametrize("action", ["iam:CreateRole", "iam:UpdateAssumeRolePolicy"])
@pytest.mark.parametrize(
    ("principal", "role", "denied"),
    [
        pytest.param("developer", "InvitationResponder-mine", True, id="nobody makes a role that would be let through"),
        pytest.param("developer", "cdk-hnb659fds-cfn-exec-role-mine", True, id="nor one that could make it"),
        pytest.param("developer", "account-mover", True, id="nor a mover"),
        pytest.param("cdk-hnb659fds-cfn-exec-role-1-eu", "InvitationResponder-1", False, id="the CDK deploys"),
        pytest.param("developer", "InvitationResponder", True, id="nor the role of a member of an organization"),
        pytest.param("developer", "InvitationResponderBatch", True, id="nor the hub's"),
        pytest.param("developer", "stacksets-exec-mine", True, id="nor one that could make them"),
        pytest.param("stacksets-exec-1", "InvitationResponder", False, id="a StackSet makes a member's role"),
        pytest.param("cdk-hnb659fds-cfn-exec-role-1-eu", "account-mover", True, id="the CDK makes no mover"),
        pytest.param("developer", "of-a-developer", False, id="other roles are nobody's business"),
    ],
)
def test_where_the_policy_accepts_nobody_becomes_the_responder(
    action: str, principal: str, role: str, denied: bool
) -> None:
    document = service_control_policy(enforcing(ACCEPT_OURS)).document
    prefix = "arn:aws:iam::222222222222:role/"
    assert is_denied(document, action, prefix + principal, prefix + role) is denied


@pytest.mark.parametrize(
    ("rule", "statements"),
    [
        pytest.param(Rule("d", "decline", organizations=(STRANGER,)), 3, id="a sender that is always declined"),
        pytest.param(Rule("d", "decline"), 2, id="nobody in particular"),
        pytest.param(Rule("d", "decline", organizations=(STRANGER,), actions=("INVITE",)), 2, id="one action"),
        pytest.param(Rule("d", "decline", organizations=(STRANGER,), expires=date(2027, 1, 1)), 2, id="for a time"),
        pytest.param(Rule("d", "decline", not_organizations=(STRANGER,)), 2, id="everybody else"),
        pytest.param(Rule("d", "decline", organizations=(STRANGER,), not_actions=("INVITE",)), 2, id="but one action"),
        pytest.param(Rule("d", "decline", organizations=(STRANGER,), not_accounts=(ACCOUNT,)), 2, id="but one account"),
        pytest.param(
            Rule("d", "decline", organizations=(STRANGER,), not_management_accounts=(ACCOUNT,)),
            2,
            id="but for one management account",
        ),
        pytest.param(Rule("d", "decline", organizations=organization_ids(80, 12)), 2, id="more than fit"),
    ],
)
def test_the_scp_binds_movers_too_where_the_policy_always_declines(rule: Rule, statements: int) -> None:
    document = service_control_policy(enforcing(rule)).document
    assert len(document["Statement"]) == statements
    assert len(json.dumps(document, indent=2)) <= SCP_LIMIT


@given(policies("enforce"), raw_handshakes())
def test_the_scp_binds_movers_only_where_the_policy_declines(policy: Policy, raw: Any) -> None:
    never = [s for s in service_control_policy(policy).document["Statement"] if s["Sid"] == "NotEvenMovers"]
    if any(like(pattern, raw["Arn"]) for statement in never for pattern in statement["Resource"]):
        assert Decider(policy).decide(read_handshake(raw, RECEIVER), NOW).effect == "decline"


def test_the_command_prints_the_scp(tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text("version: 1\nmode: audit\nrules: []\n")
    done = CliRunner().invoke(main, ["scp", str(tmp_path / "p.yaml"), "--mover", "arn:*:iam::*:role/x"])
    assert done.exit_code == 0
    assert json.loads(done.stdout) == service_control_policy(Policy("audit"), movers=["arn:*:iam::*:role/x"]).document


def test_the_command_tells_which_declines_find_no_room(tmp_path: Path) -> None:
    organizations = ", ".join(organization_ids(120, 12))
    (tmp_path / "p.yaml").write_text(
        f"version: 1\nmode: enforce\nrules:\n  - {{name: blocked, effect: decline, organizations: [{organizations}]}}\n"
    )
    done = CliRunner().invoke(main, ["scp", str(tmp_path / "p.yaml")])
    assert done.exit_code == 0
    assert "NotEvenMovers" not in done.stdout
    assert done.stderr.startswith("Note: a service control policy (5,120 characters) has no room for the 120 senders")
    assert "the movers can accept from them" in done.stderr


def test_the_command_takes_who_deploys(tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text(
        "version: 1\nmode: enforce\nrules:\n  - {name: a, effect: accept, organizations: [o-exampleorgid]}\n"
    )
    deployer = "arn:*:iam::*:role/platform-deploys"
    done = CliRunner().invoke(main, ["scp", str(tmp_path / "p.yaml"), "--deployer", deployer])
    [guard] = [s for s in json.loads(done.stdout)["Statement"] if s["Sid"] == "NobodyBecomesTheResponder"]
    assert guard["Condition"]["ArnNotLike"]["aws:PrincipalArn"] == [deployer]
    assert guard["Resource"] == [RESPONDER, deployer]


def test_the_command_refuses_more_movers_than_fit(tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text("version: 1\nmode: audit\nrules: []\n")
    movers = [part for number in range(200) for part in ("--mover", f"arn:aws:iam::{number:012}:role/mover")]
    done = CliRunner().invoke(main, ["scp", str(tmp_path / "p.yaml"), *movers])
    assert (done.exit_code, done.stdout) == (2, "")
    assert "names 202 roles has 31," in done.stderr


@pytest.mark.parametrize("option", ["--mover", "--deployer"])
def test_the_command_refuses_what_is_no_role(option: str) -> None:
    done = CliRunner().invoke(main, ["scp", "policies", option, "account-mover"])
    assert (done.exit_code, done.stdout) == (2, "")
    assert "`account-mover` is not a role's ARN (expected one like arn:*:iam::*:role/" in done.stderr


def test_the_command_tells_a_policys_mistakes(tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text("version: 1\nmode: x\nrules: []\n")
    done = CliRunner().invoke(main, ["scp", str(tmp_path / "p.yaml")])
    assert (done.exit_code, done.stdout) == (2, "")
    assert "p.yaml:2:7: mode: " in done.stderr
