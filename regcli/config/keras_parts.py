"""Parts of Keras as a config names them: optimizers, losses and layers with their arguments."""

from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, Field, model_serializer, model_validator

from regcli.config import catalogue
from regcli.config.arguments import typed_arguments
from regcli.config.catalogue import Kind
from regcli.config.problems import shown
from regcli.config.section import Section, Strength


class KerasPart(Section):
    """A part of Keras by name with its arguments; written `name` or `{name: …, argument: …}`.

    Attributes:
        KIND: what it is, as the catalogue calls it.
        DEFAULT_NAME: the part to use where a mapping has arguments but no name.
    """

    KIND: ClassVar[Kind]
    DEFAULT_NAME: ClassVar[str | None] = None

    name: str
    arguments: dict[str, Any] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _gather_arguments(cls, value: object) -> object:
        if isinstance(value, str):
            return {"name": value}
        if isinstance(value, cls):
            return value
        rule = "must be a name, or a mapping with a name and arguments"
        if not isinstance(value, dict):
            raise ValueError(f"{rule}, got {shown(value)}")
        name = value.get("name", cls.DEFAULT_NAME)
        if not isinstance(name, str):
            got = f"the name {shown(name)}" if "name" in value else "no name"
            raise ValueError(f"{rule}, got {got}")
        given = {key: item for key, item in value.items() if key != "name"}
        return {"name": name, "arguments": typed_arguments(cls.KIND, name, given)}

    @model_serializer
    def _flatten(self) -> dict[str, Any]:
        return {"name": self.name, **self.arguments}


class Optimizer(KerasPart):
    """A Keras optimizer and its arguments; `learning_rate` is a number or a schedule.

    Without a name it is Adam, as in Keras's own `compile`.
    """

    KIND = "optimizers"
    DEFAULT_NAME = "adam"


class Loss(KerasPart):
    """A Keras loss and its arguments."""

    KIND = "losses"


INPUTS = "inputs"
"""The key of a layer that names what it takes; no layer of Keras has such an argument."""


def own_keys(kind: str) -> tuple[str, ...]:
    """The keys of a layer that are regcli's rather than Keras's arguments."""
    return (INPUTS, *own_strengths(kind))


def own_strengths(kind: str) -> tuple[str, ...]:
    """The strengths that a layer may have of its own.

    `ActivityRegularization` has arguments of these names, which are not about kernels.
    """
    known = catalogue.arguments("layers", kind) if kind in catalogue.names("layers") else {}
    return tuple(key for key in ("l1", "l2") if key not in known)


def _named_value(kind: str, value: object) -> str:
    """How to write a layer that is given its one argument without the argument's name."""
    if kind != "Activation" or not isinstance(value, str) or not value.isidentifier():
        return ""
    return f"; write {kind}: {{activation: {value}}}"


def _names(value: object) -> tuple[str, ...]:
    """`a`, or `[a, b]`, as names of layers."""
    names = tuple(value) if isinstance(value, list | tuple) else (value,)
    rule = "must be the name of a layer, or a list of names"
    if not names:
        raise ValueError(f"{rule}, got an empty list")
    for name in names:
        if not isinstance(name, str):
            raise ValueError(f"{rule}, got {shown(name)}")
    return names


class Layer(Section):
    """One layer: its Keras class, the arguments of that class, its inputs, and its own strengths.

    Attributes:
        inputs: names of the layers that it takes; None for the one before it.
    """

    kind: str
    arguments: dict[str, Any] = Field(default_factory=dict)
    inputs: Annotated[tuple[str, ...], BeforeValidator(_names)] | None = None
    l1: Strength | None = None
    l2: Strength | None = None

    @model_validator(mode="before")
    @classmethod
    def _read(cls, value: object) -> object:
        """Read `Flatten`, or `Dense: {units: 10, l2: 0.01}`."""
        if isinstance(value, str):
            return {"kind": value}
        rule = "must be one layer name with its arguments, like Dense: {units: 10}"
        if not isinstance(value, dict) or not value:
            raise ValueError(f"{rule}, got {shown(value)}")
        if len(value) > 1:
            raise ValueError(f"{rule}, got the keys {', '.join(map(str, value))}")
        (kind, given), *_ = value.items()
        given = {} if given is None else given
        if not isinstance(given, dict):
            raise ValueError(f"{rule}, got {shown(given)} for {kind}{_named_value(kind, given)}")
        own = {key: item for key, item in given.items() if key in own_keys(kind)}
        arguments = {key: item for key, item in given.items() if key not in own}
        return {"kind": kind, "arguments": typed_arguments("layers", kind, arguments), **own}

    @model_serializer
    def _write(self) -> dict[str, Any]:
        inputs = self.inputs and (self.inputs[0] if len(self.inputs) == 1 else list(self.inputs))
        own = {"inputs": inputs, "l1": self.l1, "l2": self.l2}
        given = {key: value for key, value in own.items() if value is not None}
        return {self.kind: self.arguments | given}
