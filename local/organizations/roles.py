"""Locked accounts, whose roles can't be assumed; moto itself allows every AssumeRole, even of a missing role."""

import moto.sts.urls
from moto.core.exceptions import AccessDeniedError
from moto.core.responses import ActionResult
from moto.sts.responses import TokenResponse

from local.organizations.state import current_state


class RolesResponse(TokenResponse):  # type: ignore[misc]  # moto is untyped
    """moto's STS, which denies AssumeRole for locked accounts."""

    def assume_role(self) -> ActionResult:
        """Answer AssumeRole: AccessDenied if the role's account is locked."""
        role = str(self._get_param("RoleArn"))
        if any(f":iam::{account}:" in role for account in current_state().locked_accounts):
            raise AccessDeniedError(f"arn:{self.partition}:iam::{self.current_account}:root", "sts:AssumeRole")
        return super().assume_role()


def install() -> None:
    """Make moto respect locked accounts; calling it again changes nothing."""
    moto.sts.urls.url_paths["{0}/$"] = RolesResponse.dispatch
