"""The type of each argument of a Keras part: numbers, whole numbers, names, lists of them.

Keras itself takes almost anything, mappings that make it import modules among it, and finds out in
the middle of training. So every argument has one type here, by its name, and where two parts mean
different things by one name, by the part.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Literal

from regcli.config import catalogue
from regcli.config.catalogue import Kind

Form = Literal[
    "number",
    "whole",
    "boolean",
    "switch",
    "text",
    "activation",
    "part",
    "rate",
    "layer",
    "clipping",
    "code",
]
"""What one value is.

A `switch` is true, false or auto; `part` a constraint, initializer or regularizer; `rate` a number
or a schedule; `clipping` numbers by name; and `code` what Keras makes of mappings or arrays, which
a config must not bring.
"""
Lists = Literal["no", "may", "must"]

LARGEST_WHOLE = 2**31 - 1


@dataclass(frozen=True)
class ArgumentType:
    """What an argument takes.

    Attributes:
        lists: whether the value may, or must, be a list of such values.
        least: the lowest number, itself included; None for no bound. So `most`.
        null: whether it may be null.
        kind: of part, where the form is that.
        has_pairs: whether a list may hold lists: `[[1, 1], [2, 2]]`.
        has_gaps: whether a list may hold nulls, for lengths that are not fixed.
    """

    form: Form
    lists: Lists = "no"
    least: float | None = None
    most: float | None = None
    null: bool = False
    kind: Kind | None = None
    has_pairs: bool = False
    has_gaps: bool = False


def _number(least: float | None = None, most: float | None = None) -> ArgumentType:
    return ArgumentType("number", least=least, most=most)


def _whole(least: int | None = 1, lists: Lists = "no") -> ArgumentType:
    return ArgumentType("whole", lists, least, LARGEST_WHOLE)


def _same(expected: ArgumentType, names: str) -> dict[str, ArgumentType]:
    return dict.fromkeys(names.split(), expected)


_TEXT = ArgumentType("text")
_TYPES: Mapping[str, ArgumentType] = {
    **_same(
        _whole(),
        "units filters n input_dim output_dim num_tokens bins chain_depth num_chains num_mel_bins "
        "num_ops depth_multiplier groups power_iterations ns_steps frame_length frame_step "
        "fft_length sequence_stride sequence_length sampling_rate height width lora_rank "
        "ema_overwrite_frequency decay_steps first_decay_steps num_heads key_dim value_dim "
        "head_dim num_query_heads num_key_value_heads sliding_window",
    ),
    **_same(_whole(0), "seed warmup_steps"),
    **_same(_whole(2), "gradient_accumulation_steps"),
    **_same(_whole(None), "ignore_class"),
    **_same(
        _whole(1, "may"),
        "kernel_size strides dilation_rate pool_size size tile_grid_size output_size shared_axes",
    ),
    **_same(replace(_whole(0, "may"), has_pairs=True), "cropping"),
    **_same(_whole(0, "may"), "output_padding"),
    **_same(_whole(None, "may"), "axis input_axes output_axes axes attention_axes"),
    **_same(_whole(-1, "must"), "target_shape"),
    **_same(_whole(1, "must"), "dims"),
    **_same(replace(_whole(1, "must"), has_gaps=True), "noise_shape"),
    **_same(_whole(0, "must"), "boundaries"),
    **_same(
        _number(0),
        "initial_learning_rate end_learning_rate warmup_target weight_decay adam_weight_decay "
        "clipnorm clipvalue global_clipnorm epsilon epsilon_1 epsilon_2 stddev delta l1 l2 "
        "min_value decay_rate t_mul m_mul",
    ),
    **_same(
        _number(0, 1), "momentum ema_momentum renorm_momentum rho label_smoothing dropout "
        "recurrent_dropout"
    ),
    **_same(
        _number(),
        "adam_beta_1 adam_beta_2 adam_lr_ratio alpha beta beta_1 beta_2 beta_2_decay clip_limit "
        "clip_threshold fill_value gain gamma initial_accumulator_value learning_rate_power "
        "l1_regularization_strength l2_regularization_strength "
        "l2_shrinkage_regularization_strength logit_soft_cap lora_alpha loss_scale_factor mag_exp "
        "mask_value max_freq max_value maxval mean min_freq min_power minval muon_a muon_b muon_c "
        "negative_slope power q ref_power rms_rate scale threshold top_db value",
    ),
    **_same(_number(0, 1), "rate"),
    **_same(
        ArgumentType("number", "may"),
        "addition_factor brightness_factor contrast_factor factor height_factor hue_factor offset "
        "saturation_factor sigma threshold_factor width_factor x_factor y_factor",
    ),
    **_same(ArgumentType("number", "must"), "value_range"),
    **_same(ArgumentType("number", "must", 0), "values"),
    **_same(ArgumentType("rate", least=0), "learning_rate"),
    **_same(
        _TEXT,
        "bias_axes data_format distribution dtype equation fill_mode interpolation mode name of "
        "output_mode padding reduction reverse_dtype scaling score_mode side",
    ),
    **_same(replace(_TEXT, null=True), "merge_mode window"),
    **_same(ArgumentType("switch"), "use_cudnn"),
    **_same(ArgumentType("boolean", null=True), "flash_attention"),
    **_same(ArgumentType("text", "must"), "exclude_layers"),
    **_same(ArgumentType("text", "may"), "columns"),
    **_same(ArgumentType("activation", null=True), "activation recurrent_activation"),
    **_same(ArgumentType("layer"), "layer"),
    **_same(ArgumentType("clipping"), "renorm_clipping"),
    **_same(
        ArgumentType("code"),
        "weights backward_layer quantization_config gptq_unpacked_column_size",
    ),
}  # fmt: skip
_TYPES_OF_PARTS: Mapping[tuple[str, str], ArgumentType] = {
    **dict.fromkeys(
        ((f"ZeroPadding{axes}D", "padding") for axes in (1, 2, 3)),
        replace(_whole(0, "may"), has_pairs=True),
    ),
    ("EinsumDense", "output_shape"): replace(_whole(1, "may"), has_gaps=True),
    ("MultiHeadAttention", "output_shape"): _whole(1, "may"),
    ("GroupNormalization", "axis"): _whole(None),
    ("GroupNormalization", "groups"): _whole(-1),
    ("BatchNormalization", "axis"): _whole(None),
    ("OrthogonalRegularizer", "factor"): _number(0),
    ("RandomErasing", "scale"): ArgumentType("number", "may"),
    ("RandomPosterization", "factor"): _whole(1, "may"),
    ("Rescaling", "scale"): ArgumentType("number", "may"),
}
_ENDINGS: Mapping[str, ArgumentType] = {
    "_constraint": ArgumentType("part", null=True, kind="constraints"),
    "_initializer": ArgumentType("part", null=True, kind="initializers"),
    "_regularizer": ArgumentType("part", null=True, kind="regularizers"),
}


@cache
def argument_type(kind: Kind, part: str, argument: str) -> ArgumentType:
    """The type of an argument that a part has.

    Args:
        part: the part's name as the catalogue has it.
    """
    default = catalogue.arguments(kind, part)[argument]
    if default == "boolean":
        return ArgumentType("boolean")
    found = _TYPES_OF_PARTS.get((part, argument)) or _TYPES.get(argument)
    if found is None:
        found = _ENDINGS[argument[argument.rindex("_") :]]
    return replace(found, null=True) if default == "any" else found
