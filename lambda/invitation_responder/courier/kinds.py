"""The words for each kind of event: in a subject, above a part of a letter, and as advice. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Words:
    """The words for one kind.

    `one` and `many` stand in a subject after a number and the `noun`, as in `3 handshakes declined`; without a noun
    they stand alone. `sentence` and `sentences` begin a part of the letter; the braces are for the number. `advice`
    ends that part.
    """

    one: str
    many: str
    sentence: str
    sentences: str
    advice: str
    noun: str | None = "handshake"


# In the order of the letter: what needs somebody first.
WORDS: Final[Mapping[str, Words]] = {
    "breach": Words(
        "BREACH",
        "BREACHES",
        "Somebody accepted a handshake that the policy does not allow.",
        "Somebody accepted {} handshakes that the policy does not allow.",
        "Find out who accepted it. If it was nobody of yours, disable that identity first. To undo it, leave the "
        "sender's organization and invite the account back into yours, or end the billing transfer; if AWS refuses, "
        "contact AWS Support. If it was meant, acknowledge it, and add an allow rule for the sender. You will be "
        "reminded once a day until it is undone or acknowledged.",
    ),
    "breach_unresolved": Words(
        "BREACH still open",
        "BREACHES still open",
        "A breach is still open: no sweep has found it undone, and nobody has acknowledged it.",
        "{} breaches are still open: no sweep has found them undone, and nobody has acknowledged them.",
        "Undo it, or acknowledge it. You will be reminded once a day until then. If the account has left your "
        "organization, no sweep can see that it is undone: invite it back, or acknowledge the breach.",
    ),
    "undecided": Words(
        "can't be judged",
        "can't be judged",
        "The responder can't judge a handshake, and leaves it to you.",
        "The responder can't judge {} handshakes, and leaves them to you.",
        "Look closely, and answer it yourself. A newer version of Invitation Responder may know such handshakes.",
    ),
    "failed": Words(
        "could not be answered",
        "could not be answered",
        "A handshake should have been answered, and could not be.",
        "{} handshakes should have been answered, and could not be.",
        "The next sweep tries again. README.md, section `When something is wrong`, says what to do about the error.",
    ),
    "accounts_not_swept": Words(
        "accounts not swept",
        "accounts not swept",
        "Accounts of the organization were not swept: nobody answers for them.",
        "Accounts of the organization were not swept: nobody answers for them.",
        "`responder coverage --table TABLE` names all of them; TABLE is the stack's output OrganizationTable. "
        "docs/organization.md, section `When accounts are not swept`, says what to do about each reason, and how to "
        "sweep just these accounts afterwards.",
        noun=None,
    ),
    "answer_due": Words(
        "must be answered soon",
        "must be answered soon",
        "A handshake still waits for your answer, and its time runs out.",
        "{} handshakes still wait for your answer, and their time runs out.",
        "Answer in time. Later the sender has to ask again.",
    ),
    "left": Words(
        "waits for you",
        "wait for you",
        "A handshake waits for your answer.",
        "{} handshakes wait for your answer.",
        "The responder does not answer what the policy leaves to you. You will be reminded 7, 3 and 1 days before the "
        "time is up.",
    ),
    "rule_expiring": Words(
        "expires soon",
        "expire soon",
        "A rule of the policy expires soon.",
        "{} rules of the policy expire soon.",
        "Set a later `expires` by pull request if you still need the rule. If not, delete it.",
        noun="rule",
    ),
    "schedule_too_tight": Words(
        "the schedule is too tight",
        "the schedule is too tight",
        "The schedule is too tight: a sweep takes longer than the time between two starts.",
        "The schedule is too tight: a sweep takes longer than the time between two starts.",
        "Set a longer `schedule` in cdk.json and deploy; `responder estimate` says which one fits. Until then some "
        "sweeps are skipped, and none overlap.",
        noun=None,
    ),
    "campaign": Words(
        "asks for several accounts",
        "ask for several accounts",
        "One sender asks for several accounts of this organization.",
        "{} senders ask for several accounts of this organization.",
        "Find out where the sender got the account numbers, and report the abuse to AWS. The handshakes themselves are "
        "answered by the policy, as ever.",
        noun="sender",
    ),
    "waiting": Words(
        "will be declined",
        "will be declined",
        "A handshake will be declined when its wait is over.",
        "{} handshakes will be declined when their wait is over.",
        "If you want the sender's handshakes, add an allow rule by pull request now.",
    ),
    "deferred": Words(
        "deferred",
        "deferred",
        "A handshake was deferred to the next sweep.",
        "{} handshakes were deferred to the next sweep.",
        "The next sweep goes on by itself. If there are many, somebody is flooding the account with invitations, or a "
        "policy change declines more than was meant: look at the ledger.",
    ),
    "would_decline": Words(
        "would be declined",
        "would be declined",
        "A handshake would be declined, but the policy is in audit mode.",
        "{} handshakes would be declined, but the policy is in audit mode.",
        "See whether that is right, and set `mode: enforce` when all decisions are.",
    ),
    "would_accept": Words(
        "would be accepted",
        "would be accepted",
        "A handshake would be accepted, but the policy is in audit mode.",
        "{} handshakes would be accepted, but the policy is in audit mode.",
        "See whether that is right, and set `mode: enforce` when all decisions are.",
    ),
    "alarm_ended": Words(
        "is over",
        "are over",
        "An alarm is over.",
        "{} alarms are over.",
        "There is nothing to do.",
        noun="alarm",
    ),
    "declined": Words(
        "declined",
        "declined",
        "A handshake was declined.",
        "{} handshakes were declined.",
        "There is nothing to do, unless you know the sender. Then add an allow rule and ask for a new invitation: a "
        "declined one can't be revived.",
    ),
    "accepted": Words(
        "accepted",
        "accepted",
        "A handshake was accepted, as the policy asks.",
        "{} handshakes were accepted, as the policy asks.",
        "There is nothing to do. Look at the rule if that surprises you.",
    ),
    "already_closed": Words(
        "closed by others",
        "closed by others",
        "A handshake was closed without the responder.",
        "{} handshakes were closed without the responder.",
        "There is nothing to do: the sender canceled, a person answered, or the time was up.",
    ),
}
# A kind that only another version of the responder knows.
UNKNOWN: Final = Words(
    "of a new kind",
    "of a new kind",
    "There is an event of a kind that this version does not know.",
    "There are {} events of kinds that this version does not know.",
    "Deploy the newest version of Invitation Responder to read more about it.",
    noun="event",
)

# The kinds that somebody should be woken for; they wait for no others.
URGENT: Final = frozenset({"breach", "breach_unresolved", "undecided", "failed", "accounts_not_swept"})
BREACHES: Final = frozenset({"breach", "breach_unresolved"})
# The kinds about handshakes that a person can answer.
ANSWERABLE: Final = frozenset({"undecided", "failed", "answer_due", "left"})
_ORDER: Final = {kind: place for place, kind in enumerate(WORDS)}


def words_of(kind: str) -> Words:
    """The words for a kind, even for one that this version does not know."""
    return WORDS.get(kind, UNKNOWN)


def place_of(kind: str) -> int:
    """The place of a kind in a letter; an unknown one comes last."""
    return _ORDER.get(kind, len(_ORDER))


def count(number: int, noun: str) -> str:
    """A number and a noun, as in `1 handshake` and `2 handshakes`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
