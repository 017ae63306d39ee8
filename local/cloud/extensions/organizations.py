"""Organizations: ministack authenticates and authorizes a call, the embedded AWS answers it.

ministack knows the account of every credential that it issued. It hands a call on with the account in moto's header.
"""

import asyncio
import http.client
import json
import os
from typing import Any, Final
from urllib.parse import urlsplit

from ministack.core import iam_actions
from ministack.core.responses import get_account_id
from ministack.services import organizations

EMBEDDED_AWS: Final = "EMBEDDED_AWS"
"""The environment variable with the embedded AWS's address."""
_ACCOUNT: Final = "x-moto-account-id"
_UNRECORDED: Final = "x-local-unrecorded"
_NOT_HANDED_ON: Final = {"host", "connection", "content-length", "transfer-encoding"}
_SECONDS: Final = 60
# The resource of a call about a handshake that its caller can't see. AWS documents none; a role that may describe every
# handshake has to learn that this one is not found.
_UNKNOWN: Final = "arn:aws:organizations::000000000000:handshake/o-0000000000/unknown/"
_DESCRIBE: Final = {
    "content-type": "application/x-amz-json-1.1",
    "x-amz-target": "AWSOrganizationsV20161128.DescribeHandshake",
    # moto finds the service by the scope of a signature.
    "authorization": "AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/organizations/aws4_request",
    _UNRECORDED: "true",
}

Answer = tuple[int, dict[str, str], bytes]


async def _handle_request(_method: str, _path: str, headers: dict[str, str], body: bytes, _query: Any) -> Answer:
    """Hand a call on, from a thread of its own: a hook of a test may call ministack before the call is answered."""
    handed_on = {name: value for name, value in headers.items() if name.lower() not in _NOT_HANDED_ON}
    return await asyncio.to_thread(_post, handed_on, body, get_account_id())


def _post(headers: dict[str, str], body: bytes, account: str) -> Answer:
    connection = http.client.HTTPConnection(urlsplit(os.environ[EMBEDDED_AWS]).netloc, timeout=_SECONDS)
    try:
        connection.request("POST", "/", body, headers | {_ACCOUNT: account})
        response = connection.getresponse()
        kept = {name: value for name, value in response.getheaders() if name.lower().startswith(("content-type", "x-"))}
        return response.status, kept, response.read()
    finally:
        connection.close()


_extract_resource_arn = iam_actions.extract_resource_arn


def _resource_arn(service: str, method: str, path: str, headers: dict[str, str], body: bytes, *rest: Any) -> str:
    """The resource that a call needs a permission for: the handshake it names, `*` for other calls of Organizations."""
    if service != "organizations":
        return str(_extract_resource_arn(service, method, path, headers, body, *rest))
    try:
        handshake = json.loads(body or b"{}").get("HandshakeId")
    except ValueError:
        return "*"
    if not isinstance(handshake, str):
        return "*"
    # This blocks ministack for some milliseconds; the embedded AWS asks nothing back.
    status, _, answer = _post(_DESCRIBE, json.dumps({"HandshakeId": handshake}).encode(), get_account_id())
    if status != http.client.OK:
        return _UNKNOWN + handshake
    return str(json.loads(answer)["Handshake"].get("Arn", "*"))


def install() -> None:
    """Let the embedded AWS answer for Organizations."""
    organizations.handle_request = _handle_request
    iam_actions.extract_resource_arn = _resource_arn
