"""`responder coverage`: when each account of an organization was last swept, and why it was not."""

import sys

import click
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError

from invitation_responder.aws.client import error_code
from invitation_responder.aws.coverage import Coverage
from invitation_responder.aws.organization_table import OrganizationTable, TableError

from ..reports.coverage import as_json, is_swept, make_table, summarize, worst_first
from ..reports.terminal import show, show_table, wrap
from .aws import AccountError, describe_with_advice, open_dynamodb
from .errors import FOUND_SOMETHING, RefusalError
from .options import is_table, table_or_json_option


@click.command(
    epilog="""\b
Examples:
  responder coverage --table TABLE
  responder coverage --table TABLE --not-swept
  responder coverage --table TABLE --format json | jq -r .account

\b
Exit status:
  0  every account was swept at its last try
  1  an account was not, or none was tried yet
  2  the table can't be read: there is no such table, no credentials, no
     Region, or AWS refuses the call"""
)
@click.option(
    "--table",
    required=True,
    metavar="TABLE",
    help="The DynamoDB table of the sweeps: the stack's output OrganizationTable.",
)
@click.option("--not-swept", "only_not_swept", is_flag=True, help="Show only accounts not swept at their last try.")
@table_or_json_option
def coverage(table: str, *, only_not_swept: bool, form: str | None) -> None:
    """Show when each account was last swept, and why it was not.

    Longest without a sweep first, and never swept before all others. The table
    is only read, and no account is asked. Accounts that have left the
    organization, or are left out, are not in it.
    """
    try:
        accounts = worst_first(Coverage(OrganizationTable(open_dynamodb(), table)).read().values())
    except (AccountError, BotoCoreError, TableError) as error:
        raise RefusalError(_describe(error)) from error
    chosen = [account for account in accounts if not (only_not_swept and is_swept(account))]
    if is_table(form):
        if chosen:
            show_table(make_table(chosen))
        show(wrap(summarize(accounts)))
    else:
        for account in chosen:
            click.echo(as_json(account))
        if not accounts:
            click.echo(summarize(accounts), err=True)
    if not (accounts and all(map(is_swept, accounts))):
        sys.exit(FOUND_SOMETHING)


def _describe(error: Exception) -> str:
    """One line about an error, with advice if there is any."""
    cause = error.__cause__
    if isinstance(cause, NoCredentialsError):
        return describe_with_advice(cause)
    if isinstance(cause, ClientError) and error_code(cause) in ("ResourceNotFoundException", "ValidationException"):
        return f"{error} (expected the stack's output OrganizationTable, and the Region of the stack)"
    return describe_with_advice(error)
