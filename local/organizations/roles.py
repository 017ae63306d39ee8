"""Accounts whose roles can't be assumed: moto lets everybody assume any role, even one that does not exist."""

import moto.sts.urls
from moto.core.exceptions import AccessDeniedError
from moto.core.responses import ActionResult
from moto.sts.responses import TokenResponse

from local.organizations.state import current_state


class RolesResponse(TokenResponse):  # type: ignore[misc]  # moto is untyped
    """moto's STS, but for the accounts that are locked."""

    def assume_role(self) -> ActionResult:
        """Answer AssumeRole: AccessDenied where the role's account is locked."""
        role = str(self._get_param("RoleArn"))
        if any(f":iam::{account}:" in role for account in current_state().locked_accounts):
            raise AccessDeniedError(f"arn:{self.partition}:iam::{self.current_account}:root", "sts:AssumeRole")
        return super().assume_role()


def install() -> None:
    """Let moto know locked accounts from now on; doing it again changes nothing."""
    moto.sts.urls.url_paths["{0}/$"] = RolesResponse.dispatch
