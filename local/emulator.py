"""Starts ministack in its own environment, with the one resource type of the stack that it does not know.

Run by the Python that ministack is installed for: `python -P local/emulator.py`. Saved queries are text in the console
and nothing else, so that it is enough to take them.
"""

from collections.abc import Mapping
from typing import Any

from ministack.app import main
from ministack.services.cloudformation.provisioners import _RESOURCE_HANDLERS

Created = tuple[str, dict[str, str]]


def _create(logical_id: str, _properties: Mapping[str, Any], _stack: str) -> Created:
    return logical_id, {}


def _update(physical_id: str, *_: Any) -> Created:
    return physical_id, {}


def _delete(*_: Any) -> None:
    pass


if __name__ == "__main__":
    _RESOURCE_HANDLERS.setdefault(
        "AWS::Logs::QueryDefinition", {"create": _create, "update": _update, "delete": _delete}
    )
    main()
