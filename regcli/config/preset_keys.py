"""The keys of a section `model` that say what a preset looks like."""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from regcli.config import catalogue
from regcli.config.keras_parts import Layer
from regcli.config.presets.registry import PRESETS
from regcli.config.problems import did_you_mean, shown, unknown
from regcli.config.section import WHOLE, Count, Section, broken_rule


def _checked_preset(value: object) -> object:
    if value is None or (isinstance(value, str) and value in PRESETS):
        return value
    *others, last = PRESETS
    rule = f"must be {', '.join(others)} or {last}"
    raise ValueError(f"{rule}, got {shown(value)}{did_you_mean(value, PRESETS)}")


_MOST_LAYERS = 100


def _as_list(value: object) -> object:
    """One count, or a list of them, as a list."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return [value]
    if isinstance(value, list | tuple) and not 1 <= len(value) <= _MOST_LAYERS:
        raise ValueError(f"must have 1 to {_MOST_LAYERS} numbers, got {len(value)}")
    return value


def _checked_activation(value: object) -> object:
    if isinstance(value, str) and value not in catalogue.activations():
        raise ValueError(unknown("activation", value, catalogue.activations()))
    return value


Counts = Annotated[tuple[Count, ...], Field(strict=False), BeforeValidator(_as_list)]
Rate = Annotated[float, Field(ge=0, lt=1, allow_inf_nan=False)]
Blocks = Annotated[int, Field(ge=1, le=100), WHOLE]


class PresetKeys(Section):
    """A preset and its options."""

    preset: Annotated[str | None, BeforeValidator(_checked_preset)] = Field(
        None,
        description="In place of layers: an architecture by name, with the keys below.",
        json_schema_extra={"enum": [*PRESETS, None]},
    )
    shape: Counts | None = Field(
        None,
        description="Of a preset: the shape that a row's numbers are laid out to first, such as "
        "[8, 8, 1] for images, or [steps, numbers] for sequences.",
    )
    units: Counts | None = Field(
        None, description="Of mlp, cnn and lstm: the units of each hidden layer."
    )
    filters: Counts | None = Field(
        None, description="Of cnn and resnet-small: the filters of each stage."
    )
    kernel_size: Count | None = Field(
        None, description="Of cnn and resnet-small: height and width of a filter."
    )
    blocks: Blocks | None = Field(
        None, description="Of resnet-small: blocks of a stage. Of transformer-small: all blocks."
    )
    heads: Count | None = Field(None, description="Of transformer-small: heads of the attention.")
    width: Count | None = Field(
        None, description="Of transformer-small, and of the Embedding of lstm: numbers of a step."
    )
    vocabulary: Count | None = Field(
        None,
        description="Of lstm and transformer-small: how many words there are, where a row is a "
        "sequence of whole numbers that an Embedding looks up.",
    )
    bidirectional: bool | None = Field(
        None, description="Of lstm: whether sequences are read from the end too."
    )
    activation: Annotated[str | None, BeforeValidator(_checked_activation)] = Field(
        None, description="Of mlp, cnn, resnet-small and transformer-small: the activation."
    )
    dropout: Rate | None = Field(
        None,
        description="Of a preset: the rate of a Dropout layer after each hidden layer or block. "
        "Default: no such layer.",
    )

    def expanded(self) -> tuple[Layer, ...]:
        """The layers that the preset stands for; none without one.

        Raises:
            PydanticCustomError: an option is missing, or is none of the preset's.
        """
        given = self._given()
        if self.preset is None:
            if given:
                raise broken_rule(f"{next(iter(given))} requires preset", next(iter(given)))
            return ()
        preset = PRESETS[self.preset]
        known = ["shape", *preset.options]
        for key in given:
            if key not in known:
                rule = f"preset {preset.name} has no key '{key}'"
                raise broken_rule(f"{rule}; it has {', '.join(known)}", key)
        for key in preset.required:
            if key not in given:
                raise broken_rule(f"preset {preset.name} needs {key}", "preset")
        return tuple(map(Layer.model_validate, preset.expanded(given)))

    def _given(self) -> dict[str, Any]:
        keys = [key for key in PresetKeys.model_fields if key != "preset"]
        return {key: value for key in keys if (value := getattr(self, key)) is not None}
