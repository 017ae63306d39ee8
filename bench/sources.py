"""The commands' files, written as people and the responder write it: policies in YAML, an edit, tests, a ledger.

A policy is `bench.workload`'s, but one rule in five names no sender: by keywords, addresses, accounts and actions it
meets all others of these, which is the most work for `check` and `diff`. One in three of them expires. An edit changes,
adds or removes one rule in a hundred.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from bench.workload import ACCOUNTS, NOW, make_handshakes, make_policy
from invitation_responder.core.decision import Decider
from invitation_responder.core.policy import VALUE_CONDITIONS, Keywords, Policy, Rule
from invitation_responder.core.record import make_record

_RULES_IN_A_FILE: Final = 2_000  # a file of a policy holds 50,000 keys and values at most
_CASES: Final = 100


def make_mixed_policy(rules: int) -> Policy:
    """A policy with so many rules, of which one in five names no sender."""
    named = make_policy(rules).rules
    others = {position: _without_sender(position) for position in range(2, rules, 5)}
    mixed = (others.get(position, rule) for position, rule in enumerate(named))
    return Policy(mode="enforce", rules=tuple(mixed))


def _without_sender(position: int) -> Rule:
    name, turn = f"rule-{position:05}", position // 5
    accounts = (ACCOUNTS[turn % 40], ACCOUNTS[turn * 7 % 40])
    match turn % 5:
        case 0:
            keywords = Keywords(any=(f"gift {position:05}", f"credits {position:05}"))
            rule = Rule(name, "decline", notes=keywords)
        case 1:
            ticket = Keywords(all=(f"chg-{position:05}",))
            rule = Rule(name, "allow", actions=("INVITE",), accounts=accounts, notes=ticket)
        case 2:
            partner = (f"*@partner-{position:05}.example",)
            rule = Rule(name, "allow", actions=("TRANSFER_RESPONSIBILITY",), management_emails=partner)
        case 3:
            spammer = (f"*@spam-{position:05}.example",)
            rule = Rule(name, "decline", actions=("INVITE",), accounts=accounts, management_emails=spammer)
        case _:
            team, polite = (f"*@team-{position:05}.example",), Keywords(none=("urgent", f"prize {position:05}"))
            rule = Rule(name, "allow", actions=("INVITE",), accounts=accounts, management_emails=team, notes=polite)
    return rule if turn % 3 else replace(rule, expires=NOW.date() + timedelta(days=60 + turn % 300))


def edit(policy: Policy) -> Policy:
    """The policy after an edit of one rule in a hundred."""
    edited = (rule for position, each in enumerate(policy.rules) for rule in _edit(each, position))
    return replace(policy, rules=tuple(edited))


def _edit(rule: Rule, position: int) -> Iterator[Rule]:
    match position % 400:
        case 7:  # declines what it let through, or the other way round
            yield replace(rule, effect="allow" if rule.effect == "decline" else "decline")
        case 107:  # is about fewer accounts
            yield replace(rule, accounts=ACCOUNTS[:1])
        case 207:  # is removed
            pass
        case 307:  # gets a neighbour
            yield rule
            yield replace(rule, name=f"{rule.name}-more", actions=None, accounts=ACCOUNTS[1:2])
        case _:
            yield rule


def write_policy(policy: Policy, folder: Path) -> Path:
    """Write a policy into a new folder, in as many files as it takes."""
    folder.mkdir()
    (folder / "main.yaml").write_text(f"version: 1\nmode: {policy.mode}\nrules: []\n", "utf-8")
    for start in range(0, len(policy.rules), _RULES_IN_A_FILE):
        rules = map(_write_rule, policy.rules[start : start + _RULES_IN_A_FILE])
        (folder / f"rules-{start:05}.yaml").write_text("\n".join(["version: 1", "rules:", *rules, ""]), "utf-8")
    return folder


def _write_rule(rule: Rule) -> str:
    fields: dict[str, Any] = {key: value for key in VALUE_CONDITIONS if (value := getattr(rule, key)) is not None}
    if rule.notes:
        fields["notes"] = {part: words for part in ("any", "all", "none") if (words := getattr(rule.notes, part))}
    # JSON is YAML, and quotes what looks like a number.
    lines = [f"name: {rule.name}", f"effect: {rule.effect}", *(f"{key}: {json.dumps(fields[key])}" for key in fields)]
    if rule.expires:
        lines.append(f"expires: {rule.expires}")
    return "  - " + "\n    ".join(lines)


def write_cases(policy: Policy, path: Path, tested: Path) -> Path:
    """Write tests of a policy, the folder `tested`: a hundred handshakes with the decisions that it makes."""
    decider = Decider(policy)
    cases = []
    for handshake in make_handshakes(policy, _CASES):
        short = {
            "action": handshake.action,
            "organization": handshake.organization,
            "management_account": handshake.management_account,
            "management_email": handshake.emails[0],
            "account": handshake.receiver,
            "notes": handshake.notes,
        }
        decision = decider.decide(handshake, NOW)
        expected = {"effect": decision.effect, "rules": decision.rules}
        asked, answer = json.dumps(short), json.dumps(expected)
        cases.append(f"  - name: {handshake.id}\n    handshake: {asked}\n    expect: {answer}")
    head = f"version: 1\npolicy: {json.dumps(tested.as_posix())}\nat: {NOW.date()}\ncases:"
    path.write_text("\n".join([head, *cases, ""]), "utf-8")
    return path


def write_ledger(policy: Policy, items: int, path: Path) -> Path:
    """Write a ledger as its export has it: a decision record a line, without anything that a sender wrote."""
    decider = Decider(policy)
    with path.open("w", encoding="utf-8") as file:
        for handshake in make_handshakes(policy, items):
            decision = decider.decide(handshake, NOW)
            record = make_record(handshake, decision, policy, outcome=None, state=handshake.state)
            file.write(json.dumps(record.as_dict()) + "\n")
    return path
