"""Roles that AssumeRole needs: moto itself allows every AssumeRole, even of a missing role.

As soon as a test declares one role, every role has to be declared. A role names the account that it trusts, and the
external id that it asks for.
"""

import moto.sts.urls
from moto.core.exceptions import AccessDeniedError
from moto.core.responses import ActionResult
from moto.sts.responses import TokenResponse

from local.organizations.state import current_state


class RolesResponse(TokenResponse):  # type: ignore[misc]  # moto is untyped
    """moto's STS, which denies AssumeRole for locked accounts, and for roles that are missing or do not trust."""

    def assume_role(self) -> ActionResult:
        """Answer AssumeRole; AccessDenied is the one answer to a role that is missing or does not trust."""
        state, arn = current_state(), str(self._get_param("RoleArn"))
        account = arn.split(":")[4]
        caller = f"arn:{self.partition}:iam::{self.current_account}:root"
        if account in state.denied_accounts:
            # The words of IAM (IAM user guide, "Troubleshoot access denied error messages").
            denied = f"sts:AssumeRole on resource: {arn} with an explicit deny in a service control policy"
            raise AccessDeniedError(caller, denied)
        role = state.roles.get(arn)
        is_trusted = role is not None and (role.trusts, role.external_id) == (
            self.current_account,
            self._get_param("ExternalId") or "",
        )
        if account in state.locked_accounts or (state.roles and not is_trusted):
            raise AccessDeniedError(caller, "sts:AssumeRole")
        return super().assume_role()


def install() -> None:
    """Make moto respect roles and locked accounts; calling it again changes nothing."""
    moto.sts.urls.url_paths["{0}/$"] = RolesResponse.dispatch
