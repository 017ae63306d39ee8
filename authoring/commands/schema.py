"""`responder schema`: the JSON Schema by which editors complete and check."""

import json
from typing import Any, Final

import click

from ..language.policy import policy_schema
from ..testing.language import tests_schema

SCHEMAS: Final = {"policy": policy_schema, "tests": tests_schema}


@click.command(
    epilog="""\b
Examples:
  responder schema > policies/policy.schema.json
  responder schema tests > policies/tests.schema.json

\b
Editors with the YAML language server find it by the first line of a file:
  # yaml-language-server: $schema=policy.schema.json"""
)
@click.argument("of", metavar="[policy|tests]", type=click.Choice(list(SCHEMAS)), default="policy")
def schema(of: str) -> None:
    """Print the JSON Schema of policies, or of their tests.

    What it says about a key is what docs/policy.md says.
    """
    click.echo(in_json(SCHEMAS[of]()))


def in_json(document: dict[str, Any]) -> str:
    """The schema as JSON text, as it is checked in."""
    return json.dumps(document, indent=2)
