"""The section `model`: layers, a preset of them, or a model that a person already has."""

import math
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BeforeValidator,
    Field,
    PrivateAttr,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)

from regcli.config.arguments import as_whole
from regcli.config.keras_parts import Layer
from regcli.config.own_code import OwnCode
from regcli.config.own_file import OwnFile
from regcli.config.preset_keys import PresetKeys
from regcli.config.problems import did_you_mean, shown
from regcli.config.section import broken_rule

_FORMS = ("layers", "preset", "python", "keras")
"""Keys of which a model has one."""
_OF_FORM = {"args": "python", "start": "keras", "trainable": "keras"}
"""Keys that belong to one of the forms."""


def _checked_function(value: object) -> object:
    rule = "must be a file and a function, like my_model.py:build"
    if value is None:
        return None
    if not isinstance(value, str):
        raise ValueError(f"{rule}, got {shown(value)}")
    file, colon, function = value.rpartition(":")
    if not colon or not file.endswith(".py") or not function.isidentifier():
        raise ValueError(f"{rule}, got {shown(value)}")
    return value


def _checked_file(value: object) -> object:
    if value is None or (isinstance(value, str) and value.endswith(".keras")):
        return value
    reason = ""
    if isinstance(value, str) and value.lower().endswith((".h5", ".hdf5", ".pkl", ".pickle")):
        reason = "; such files can run code when they are read: save the model as .keras"
    raise ValueError(f"must be a .keras file, got {shown(value)}{reason}")


def _checked_start(value: object) -> object:
    if value is None or value in ("fresh", "weights"):
        return value
    near = did_you_mean(value, ("fresh", "weights"))
    raise ValueError(f"must be fresh or weights, got {shown(value)}{near}")


def _named_arguments(value: object) -> object:
    """Arguments with whole numbers as such: ranges give `64.0`, which is no number of units."""
    if not isinstance(value, dict):
        return value
    for name in value:
        if not (isinstance(name, str) and name.isidentifier()):
            raise ValueError(f"an argument must have a name of Python's, got {shown(name)}")
    return _with_whole_numbers(value)


def _with_whole_numbers(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _with_whole_numbers(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_with_whole_numbers(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"must be finite numbers, got {shown(value)}")
    return as_whole(value)


class Model(PresetKeys):
    """The architecture: Keras layers, a preset, a function that makes a model, or a Keras file."""

    layers: tuple[Layer, ...] = Field(
        (),
        strict=False,
        description="Keras layers in order; [] means the output layer only. A layer takes the one "
        "before it, or the layers that its inputs names; the output layer may be left out.",
    )
    python: Annotated[str | None, BeforeValidator(_checked_function)] = Field(
        None,
        description="In place of layers: a Python file and the function in it that returns an "
        "uncompiled Keras model, like my_model.py:build. It runs only where that is allowed.",
    )
    args: Annotated[dict[str, Any] | None, BeforeValidator(_named_arguments)] = Field(
        None,
        description="Arguments of that function. One that has the arguments input_shape or outputs "
        "is given those of the data.",
    )
    keras: Annotated[str | None, BeforeValidator(_checked_file)] = Field(
        None, description="In place of layers: a .keras file, of which no code is run."
    )
    start: Annotated[Literal["fresh", "weights"] | None, BeforeValidator(_checked_start)] = Field(
        None,
        description="Start weights of a .keras file: fresh (the default), by the seed; or weights, "
        "those of the file.",
    )
    trainable: Annotated[tuple[str, ...], Field(strict=False)] | None = Field(
        None,
        description="Layers of a .keras file that are trained, by name or pattern like dense_*; "
        "the others stay as they are. Default: as in the file.",
    )
    fingerprint: str | None = Field(
        None,
        description="Of the function's code, or of the file: written into the configs of stored "
        "runs.",
    )

    _code: OwnCode | None = PrivateAttr(None)
    _file: OwnFile | None = PrivateAttr(None)

    @model_validator(mode="after")
    def _has_one_form(self) -> Self:
        given = [form for form in _FORMS if getattr(self, form)]
        if len(given) > 1:
            rule = f"must have one of {', '.join(_FORMS[:-1])} and {_FORMS[-1]}"
            raise broken_rule(f"{rule}, got {' and '.join(given)}", *given)
        for key, form in _OF_FORM.items():
            if getattr(self, key) is not None and getattr(self, form) is None:
                raise broken_rule(f"{key} requires {form}", key)
        if expanded := self.expanded():
            # The model is frozen, and `Model(…)` ignores another object that a validator returns.
            object.__setattr__(self, "layers", expanded)
        return self

    @model_serializer(mode="wrap")
    def _without_expanded(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """The keys as they were given: the layers that a preset stands for are not among them."""
        plain: dict[str, Any] = write(self)
        if self.preset is not None:
            del plain["layers"]
        return plain

    @property
    def is_stack(self) -> bool:
        """Whether its layers stand in the config."""
        return self.python is None and self.keras is None

    @property
    def function(self) -> str:
        """The function of `python`."""
        return (self.python or "").rpartition(":")[2]

    @property
    def code(self) -> OwnCode | None:
        """The code of `python`, once it has been read."""
        return self._code

    def with_code(self, code: OwnCode) -> "Model":
        """The same section with the code of `python`."""
        model = self.model_copy(update={"fingerprint": code.fingerprint})
        model._code = code
        return model

    @property
    def file(self) -> OwnFile | None:
        """The file of `keras`, once it has been read."""
        return self._file

    def with_file(self, file: OwnFile) -> "Model":
        """The same section with the file of `keras`."""
        found = file.fingerprint(with_weights=self.start == "weights")
        own = self.fingerprint if file.is_stored else found
        model = self.model_copy(update={"fingerprint": own})
        model._file = file
        return model
