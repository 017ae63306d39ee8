"""The document of a message for Slack and Teams: a custom notification of Amazon Q Developer in chat applications.

Amazon Q drops a document that does not fit its schema without a word (Amazon Q Developer in chat applications
administrator guide, "Custom notifications").
"""

import json
import re
from collections.abc import Sequence
from typing import Final

from invitation_responder.courier.kinds import place_of, words_of
from invitation_responder.courier.notice import Notice
from invitation_responder.courier.plain_text import cut_lines

_SENTENCE_END: Final = re.compile(r"(?<=\.) (?=[A-Z])")
# The schema's limits, in characters and in items.
_TITLE: Final = 250
_DESCRIPTION: Final = 8000
_NEXT_STEPS: Final = 5
_NEXT_STEP: Final = 350


def write_chat(notices: Sequence[Notice], subject: str, letter: str) -> str:
    """The document, as JSON. The title is the subject, the description the letter, a next step a sentence of advice."""
    kinds = sorted({notice.kind for notice in notices}, key=place_of)
    advice = " ".join(dict.fromkeys(words_of(kind).advice for kind in kinds))
    steps = _SENTENCE_END.split(advice)
    document = {
        "version": "1.0",
        "source": "custom",
        "content": {
            "textType": "client-markdown",
            "title": subject[:_TITLE],
            "description": cut_lines(letter.strip(), _DESCRIPTION, "the e-mail has all of it"),
            "nextSteps": [step[:_NEXT_STEP] for step in steps[:_NEXT_STEPS]],
        },
    }
    return json.dumps(document, ensure_ascii=False)
