"""Lints of the policy as a whole: protected actions, and whether and how soon it declines anything. Pure."""

from collections.abc import Iterator
from datetime import datetime

from invitation_responder.core.policy import PROTECTED_BY_DEFAULT, Policy, Rule

from ..analysis.rule_set import RuleSet
from ..diagnostics.catalog import DECLINED_PROTECTED_ACTION, NO_WAIT, NOTHING_DECLINED
from ..diagnostics.diagnostic import Diagnostic, Loc
from ..diagnostics.wording import join_words, quote
from ..language.source_map import Source


def declined_protected_actions(source: Source, now: datetime) -> Iterator[Diagnostic]:
    """Rules, and a default, that decline actions which the receiver's organization needs to move to all features."""
    policy = source.policy
    for rule in policy.rules:
        actions = _find_protected(rule)
        if rule.effect == "decline" and not rule.is_expired(now) and actions:
            authored: list[str] = list(source.rules[rule.name].authored.actions)
            loc: Loc = ("actions", authored.index(actions[0])) if authored else ("effect",)
            yield source.diagnose(DECLINED_PROTECTED_ACTION, rule.name, loc, f"declines {_blocking(actions)}")
    left: list[str] = [action for action in PROTECTED_BY_DEFAULT if not _is_let_through(action, policy, now)]
    if left and policy.default == "decline":
        yield source.diagnose(
            DECLINED_PROTECTED_ACTION,
            None,
            ("protect",),
            f"`protect` leaves out what the default then declines: {_blocking(left)}",
        )


def _is_let_through(action: str, policy: Policy, now: datetime) -> bool:
    """True if an action is protected, or a rule lets it through for every receiver, as it does for the own sender."""
    return action in policy.protect or any(
        rule.effect != "decline"
        and not rule.is_expired(now)
        and rule.is_about(action)
        and rule.accounts is None
        and rule.not_accounts is None
        and _asks_for_no_text(rule)
        for rule in policy.rules
    )


def _find_protected(rule: Rule) -> list[str]:
    """The protected actions that a rule concerns, if it can be meant for the receiver's own organization; else none.

    A rule can be meant for it if the rule names actions, or if it names no sender and asks for no text. A rule that
    only names or excludes senders is not: the own organization is not named, or is the excluded one.
    """
    actions: list[str] = [action for action in PROTECTED_BY_DEFAULT if rule.is_about(action)]
    senders = (rule.organizations, rule.management_accounts, rule.not_organizations, rule.not_management_accounts)
    is_meant = rule.actions is not None or (senders == (None,) * 4 and _asks_for_no_text(rule))
    return actions if is_meant else []


def _asks_for_no_text(rule: Rule) -> bool:
    """True if a rule can match without notes and addresses: EnableAllFeatures takes none (the SDK's model)."""
    return rule.management_emails is None and (rule.notes is None or not (rule.notes.any or rule.notes.all))


def _blocking(actions: list[str]) -> str:
    names = join_words([quote(action) for action in actions], "and")
    return f"{names}, which blocks your own organization's move to all features (leave such to a person)"


def nothing_declined(source: Source, now: datetime) -> Iterator[Diagnostic]:
    """A policy that can decline nothing."""
    policy = source.policy
    if policy.declines_per_sweep == 0:
        message = "nothing is ever declined: a sweep declines 0 handshakes at most (raise it)"
        yield source.diagnose(NOTHING_DECLINED, None, ("limits", "declines_per_sweep"), message)
    elif not RuleSet(policy, now).ever_decides_as("decline"):
        message = f"nothing can be declined: no rule declines anything, and {_rest(policy.default)}"
        yield source.diagnose(
            NOTHING_DECLINED, None, ("default",) if policy.default == "allow" else ("rules",), message
        )


def _rest(default: str) -> str:
    if default == "allow":
        return "neither does the default (write `default: decline`)"
    return "the default is never reached (narrow `rules` or `protect`)"


def declines_without_wait(source: Source, now: datetime) -> Iterator[Diagnostic]:
    """A policy that declines new handshakes at the next sweep, before anybody can let them through."""
    policy = source.policy
    if policy.mode != "enforce" or policy.wait or policy.declines_per_sweep == 0:
        return
    if RuleSet(policy, now).ever_decides_as("decline"):
        authored = any("wait" in part.limits.model_fields_set for part in source.authored.values())
        message = (
            "what comes is declined at the next sweep, and a declined handshake can't be revived: "
            "nobody has the time to let it through by a rule (write `limits: {wait: 24h}`)"
        )
        yield source.diagnose(NO_WAIT, None, ("limits", "wait") if authored else ("mode",), message)
