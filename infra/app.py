"""The CDK app that `cdk synth` and `cdk deploy` run. It makes no call to AWS."""

import os
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aws_cdk import App, Aws, Validations
from cdk_nag import AwsSolutionsChecks

from authoring.diagnostics.diagnostic import InvalidPolicy
from authoring.permissions.role import answer_permissions
from authoring.permissions.statements import PermissionsError
from infra.bundle import ROOT, BundleError, build
from infra.configuration import Configuration, ConfigurationError, OrganizationScope, read_configuration
from infra.function import Code, index_mib
from infra.home_region import HomeRegionStack, other_home_region
from infra.member import MemberStack, member_template
from infra.policy import PolicyRefusedError, load_deployable
from infra.stack import AccountStack, OrganizationStack


def make_app() -> App:
    """Compile the policy, build the bundle, and create the stack.

    Raises `ConfigurationError`, `InvalidPolicy`, `PolicyRefusedError`, `PermissionsError` or `BundleError`.
    """
    app = App()
    configuration = read_configuration(app.node.get_all_context(), root=ROOT)
    policy = load_deployable(_shorten(configuration.policy), datetime.now(UTC), _print_line)
    answers = answer_permissions(policy, partition=Aws.PARTITION)
    if answers.denies_left_out:
        _print_note(
            f"IAM has no room for Denies about {answers.denies_left_out} or more of the senders that the policy never "
            "declines; the compiled policy alone keeps the function from declining them"
        )
    if answers.is_guess:
        _print_note(
            "how a handshake's ARN calls ADD_ORGANIZATIONS_SERVICE_LINKED_ROLE is documented nowhere: where that does "
            "not begin with `add_`, the compiled policy alone keeps the function from declining one"
        )
    if answers.accepts_not_shown:
        _print_note(
            f"accepting from {answers.accepts_not_shown} of the senders is granted in managed policies, at which the "
            "CDK does not look when it asks for a y; `responder diff` tells what a change of the policy widens"
        )
    bundle = build(policy.to_json(), into=ROOT / "build" / "bundle")
    if not bundle.has_bytecode:
        _print_note("there is no Python 3.13 here to compile the bundle; its cold start is slower")
    code = Code(bundle.path, bundle.sha256, index_mib(policy.rules))
    region = os.environ.get("CDK_DEFAULT_REGION")
    home = other_home_region(region)
    if configuration.organization is None:
        AccountStack(app, configuration=configuration, code=code, answers=answers.documents)
    else:
        _add_organization(app, configuration, configuration.organization, code, answers.documents, home=home)
    if region and home:
        HomeRegionStack(app, home=home, region=region)
    Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    return app


def _add_organization(
    app: App,
    configuration: Configuration,
    organization: OrganizationScope,
    code: Code,
    answers: Sequence[Mapping[str, Any]],
    *,
    home: str | None,
) -> None:
    template = ROOT / "build" / "member.template.json"
    template.write_text(member_template(answers))
    OrganizationStack(
        app,
        configuration=configuration,
        organization=organization,
        code=code,
        answers=answers,
        member_template=template,
        home=home,
    )
    if organization.call_as == "delegated_admin":
        MemberStack(app, answers=answers)


def _print_note(text: str) -> None:
    _print_line(f"Note: {text}")


def _print_line(line: str) -> None:
    print(line, file=sys.stderr)  # noqa: T201 - the deployer reads it


def _shorten(path: Path) -> Path:
    """The path for messages: relative to the project's folder if that is the working directory."""
    return path.relative_to(ROOT) if path.is_relative_to(ROOT) and Path.cwd() == ROOT else path


def main() -> None:
    """Synthesize, or print the error and exit with 1."""
    try:
        app = make_app()
    except (ConfigurationError, InvalidPolicy, PolicyRefusedError, PermissionsError, BundleError) as error:
        sys.exit(str(error))
    app.synth()


if __name__ == "__main__":
    main()
