"""The diagnostics of a check as SARIF 2.1.0 (OASIS), which code scanning reads. Pure."""

from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import quote

from ..diagnostics.catalog import LINTS
from ..diagnostics.diagnostic import Diagnostic

_SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def as_sarif(diagnostics: Sequence[Diagnostic], version: str) -> dict[str, Any]:
    """A log with one run of the program's `version`; paths are relative to the folder it ran in."""
    positions = {name: position for position, name in enumerate(LINTS)}
    rules = [
        {
            "id": lint.id,
            "name": lint.slug,
            "shortDescription": {"text": lint.title},
            "help": {"text": f"What it is, why it matters and how to mend it: {lint.page}"},
            "defaultConfiguration": {"level": lint.severity},
        }
        for lint in LINTS.values()
    ]
    results = [
        {
            "ruleId": diagnostic.code,
            "ruleIndex": positions[diagnostic.code],
            "level": diagnostic.severity,
            "message": {"text": diagnostic.text},
            "locations": [{"physicalLocation": _location(diagnostic)}],
        }
        for diagnostic in diagnostics
    ]
    driver = {"name": "Invitation Responder", "version": version, "semanticVersion": version, "rules": rules}
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


def _location(diagnostic: Diagnostic) -> dict[str, Any]:
    # Python reads a name that is not UTF-8 as text with surrogates; the URI holds the original bytes.
    return {
        "artifactLocation": {"uri": quote(diagnostic.file, errors="surrogateescape")},
        "region": {"startLine": diagnostic.place.line, "startColumn": diagnostic.place.column},
    }
