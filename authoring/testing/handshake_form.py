"""The handshake of a test: in the short form, or in the API's as the AWS CLI prints it, maybe malformed on purpose."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

from ..diagnostics.wording import join_words, quote
from ..language.api_form import MEMBERS, from_text
from ..language.short_form import ShortForm
from ..source.validation import invalid_value


@dataclass(frozen=True, slots=True)
class ApiForm:
    """A handshake in the API's form, well-formed or not."""

    raw: dict[str, Any]


class _EitherForm:
    """Distinguishes the forms by the API's capitalized member names, so that no diagnostic's path names the choice."""

    def __get_pydantic_core_schema__(self, _: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_wrap_validator_function(_read, handler.generate_schema(ShortForm))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        api = {
            "type": "object",
            "title": "ApiForm",
            "description": "A handshake as the API gives it and `aws organizations describe-handshake` prints it. It "
            "is judged as it is, malformed or not.",
            "anyOf": [{"required": [member]} for member in MEMBERS],
            "not": {"anyOf": [{"required": [key]} for key in ShortForm.model_fields]},
        }
        return {"anyOf": [handler(schema), api]}


EitherForm = Annotated[ShortForm | ApiForm, _EitherForm()]


def _read(value: object, read_short: Callable[[object], ShortForm]) -> ShortForm | ApiForm:
    if not isinstance(value, dict) or value.keys().isdisjoint(MEMBERS):
        return read_short(value)
    if short := [key for key in ShortForm.model_fields if key in value]:
        member = next(member for member in MEMBERS if member in value)
        message = f"mixes the API's {quote(member)} with {join_words(map(quote, short), 'and')} of the short form"
        raise invalid_value(f"{message} (write one of the two forms)")
    return ApiForm(from_text(value))
