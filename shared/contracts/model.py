"""What every part of a message is: frozen, strict, and of characters that a database can hold and a terminal shows."""

import re
from typing import Any, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    ModelWrapValidatorHandler,
    ValidationError,
    field_validator,
    model_validator,
)

# Of control characters text has tabs and line breaks; a terminal obeys the others, and XML has no way to write them.
_UNWANTED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return _UNWANTED.sub("\N{REPLACEMENT CHARACTER}", value) if _UNWANTED.search(value) else value
    if isinstance(value, tuple | list):
        return type(value)([_clean(item) for item in value])
    if isinstance(value, dict):
        return {_clean(key): _clean(item) for key, item in value.items()}
    return value


class Model(BaseModel):
    """The base of all messages: frozen, and unknown fields are ignored, so that messages of a newer sender can be read."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    @model_validator(mode="wrap")
    @classmethod
    def _readable(cls, values: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        """Cleans what is refused and tries it again: to a check of lengths half of a surrogate pair is no text at all."""
        try:
            return handler(values)
        except ValidationError:
            return handler(_clean(values))

    @field_validator("*")
    @classmethod
    def _storable(cls, value: Any) -> Any:
        """Replaces control characters and halves of surrogate pairs."""
        return _clean(value)
