"""The objective of a config in formulas and words, and its strengths in other libraries."""

import math
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import Any

from regcli.config.concave_counterparts import why_no_concave
from regcli.config.conversions import to_weight_decay
from regcli.config.counterpart import Counterpart
from regcli.config.counterparts import counterparts, libraries
from regcli.config.named_strengths import Translation
from regcli.config.objective import (
    ClassWeights,
    Kernel,
    LearntTarget,
    Objective,
    RowWeights,
    common_strengths,
)
from regcli.penalties.sparse_groups import INPUT_GROUPS
from regcli.report.contents import Column, Report, Row, Shown, Table, View, data_table
from regcli.report.listing import listed
from regcli.report.outline_view import outline_document
from regcli.results.records import SCHEMA_VERSION

_NAMED = 20
"""Most classes or columns to name; JSON names all classes."""


def objective_view(objective: Objective) -> View:
    """What a config minimises; as rows, the strengths of each kernel."""
    return View(
        report=partial(objective_report, objective),
        rows=partial(_kernel_rows, objective),
        document=partial(objective_document, objective),
    )


def objective_report(objective: Objective) -> Report:
    """The objective; each kernel's strengths; their names elsewhere."""
    return Report(
        (
            listed(
                [
                    ("objective", "data loss + penalty"),
                    ("data loss", data_loss_formula(objective)),
                    *labelled("where", _target_formulas(objective)),
                    ("penalty", penalty_formula(objective)),
                    *labelled("subject to", objective.constraints),
                    *labelled("in words", words(objective)),
                ]
            ),
            _kernels(objective),
            listed(list(_elsewhere(objective))),
        ),
        "objective",
    )


def labelled(label: str, lines: Iterable[str]) -> list[tuple[str, str]]:
    """Rows of which only the first has the label."""
    return [(label if number == 0 else "", line) for number, line in enumerate(lines)]


def data_loss_formula(objective: Objective) -> str:
    """`(1/1079)·Σᵢ loss(yᵢ, zᵢ), loss(y, z) = …` with the number of training rows."""
    basis, symbol, formula = objective.basis, objective.loss.symbol, objective.loss.formula
    weight = ("s[yᵢ]·" if basis.class_weights else "") + ("wᵢ·" if basis.row_weights else "")
    return f"(1/{basis.rows})·Σᵢ {weight}loss(yᵢ, {symbol}ᵢ), loss(y, {symbol}) = {formula}"


def _target_formulas(objective: Objective) -> Iterator[str]:
    """What y is, and the prediction that z makes, where a target is scaled or logged."""
    if objective.target is not None:
        yield f"y = {objective.target.formula}; prediction = {objective.target.inverse}"


def penalty_formula(objective: Objective) -> str:
    """`0.01·(Σ|W[dense]| + Σ|W[output]|) + …`: kernels that share a strength stand together."""
    terms = [
        *_terms(objective.kernels, "W"),
        *_terms(objective.biases, "b"),
        *objective.additions,
    ]
    return " + ".join(terms) or "0, because all strengths are 0"


def _terms(kernels: Sequence[Kernel], symbol: str) -> Iterator[str]:
    """The sums over weights, those of one form one after the other."""
    found = [
        (part.form, part.factor, part.form.format(f"{symbol}[{kernel.name}]"))
        for kernel in kernels
        for part in kernel.strengths.penalty.sums(kernel.strengths.numbers)
    ]
    for form in dict.fromkeys(form for form, *_ in found):
        alike = [(factor, text) for other, factor, text in found if other == form]
        for factor in dict.fromkeys(factor for factor, _ in alike):
            sums = [text for other, text in alike if other == factor]
            inside = " + ".join(sums)
            if factor is None:
                yield inside
            elif factor:
                yield f"{_exact(factor)}·{f'({inside})' if len(sums) > 1 else inside}"


def words(objective: Objective) -> Iterator[str]:
    """What data loss, penalty and objective are, a sentence each."""
    basis, loss = objective.basis, objective.loss
    one, several = ("output", "outputs") if loss.symbol == "z" else ("probability", "probabilities")
    outputs = one if basis.outputs == 1 else f"{basis.outputs} {several}"
    times = ("s[y] times " if basis.class_weights else "") + (
        "w times " if basis.row_weights else ""
    )
    yield (
        f"The data loss is the mean, over the {basis.rows:,} training rows of {objective.source}, "
        f"of {times}the {loss.words} between target y and "
        f"the model's {outputs} {loss.symbol} (Keras's {loss.name})."
    )
    if basis.class_weights:
        yield _class_weight_words(basis.class_weights)
    if basis.row_weights:
        yield _row_weight_words(basis.row_weights)
    if objective.target:
        yield from _target_words(objective.target)
    yield from basis.penalty.words
    if objective.joined:
        yield _joined_words(objective.joined)
    if objective.biases:
        yield "Biases have their own strengths, in the same form."
    if objective.unpenalised:
        biases = "1 bias" if objective.unpenalised == 1 else "{:,} biases and other parameters"
        yield f"Not regularized: {biases.format(objective.unpenalised)}."
    yield f"Keras prints the objective as loss. {_step_words(objective)}"
    if objective.constraints:
        yield ("The constraints after 'subject to' are restored after each step.")
    if objective.random_layers:
        yield (
            f"Random at each training step: {', '.join(objective.random_layers)}. Therefore "
            "training has no fixed objective; the objective shown here, like the scores, is that "
            "of the model without randomness."
        )
    if objective.weight_decay:
        yield (
            "In addition to the objective, weight_decay reduces every weight and bias by the "
            f"fraction {_exact(objective.weight_decay)}·(learning rate) at each step: training "
            "does not end at the minimum of the objective."
        )


def _joined_words(joined: Sequence[tuple[str, int]]) -> str:
    shown = [f"{column} ({count})" for column, count in joined[:_NAMED]]
    more = len(joined) - len(shown)
    ending = f" and {more:,} more" if more else ""
    return f"Columns of several inputs: {', '.join(shown)}{ending}."


def _step_words(objective: Objective) -> str:
    rows = f"the mean over its {objective.basis.batch_size:,} rows"
    if objective.method == "penalty":
        return f"Each training step uses {rows} and the whole penalty."
    what = "l1, l2 and groups" if objective.basis.penalty.is_convex else "the penalty"
    return (
        f"Each training step follows the gradient of {rows}, then applies the proximal map of "
        f"{what}, which makes weights exactly 0; other terms are part of the gradient."
    )


def _class_weight_words(weights: ClassWeights) -> str:
    shown = [f"{_exact(weight)} for {name}" for name, weight in weights.by_class[:_NAMED]]
    more = len(weights.by_class) - len(shown)
    ending = f" and {more:,} more classes" if more else ""
    how = "class_weight: balanced" if weights.balanced else "class_weight"
    return (
        f"s[y] is the weight of a row's class, from {how}: {', '.join(shown)}{ending}. The mean "
        "divides by the number of rows, not by the sum of their weights."
    )


def _row_weight_words(weights: RowWeights) -> str:
    return (
        f"w is the weight of a row, from column {weights.column}; its mean is {weights.mean:.6g}. "
        "The mean of the losses divides by the number of rows, not by the sum of their weights. "
        "Doubling the weights has the effect of halving the strengths."
    )


def _target_words(target: LearntTarget) -> Iterator[str]:
    what = f"the natural logarithm of {target.name}" if target.log else target.name
    scaled = ", scaled to mean 0 and standard deviation 1 over the training rows"
    yield (
        f"The target y is {what}{scaled if target.is_scaled else ''}. Losses, penalty and "
        "strengths, also those of other libraries, are on its scale; r2, mae, rmse and mape "
        f"compare the prediction with {target.name} in its own unit."
    )
    if target.log:
        yield (
            "A model of a logarithm predicts a typical value, which is below the mean where "
            "errors are large."
        )


def _kernels(objective: Objective) -> Table:
    names = _strength_names(objective)
    columns = [
        Column("kernel", "kernel", justify="left", wraps=True),
        Column("shape", "shape", _shape, justify="left"),
        *(Column(key, key, _exact) for key in names),
        Column("weight_decay", "weight_decay\nin PyTorch", _exact),
    ]
    rows = [
        Row(
            [
                *(label, kernel.shape),
                *(kernel.numbers.get(name) for name in names),
                to_weight_decay(kernel.numbers["l2"]),
            ]
        )
        for label, kernel in _named_kernels(objective)
    ]
    return Table(columns, rows)


def _kernel_rows(objective: Objective) -> Table:
    names = _strength_names(objective)
    rows = [
        [label, _shape(kernel.shape), *(kernel.numbers.get(name) for name in names)]
        for label, kernel in _named_kernels(objective)
    ]
    return data_table(["kernel", "shape", *names], rows)


def _strength_names(objective: Objective) -> list[str]:
    """What a kernel's strengths are called; those of groups are not a kernel's own."""
    return [p.name for p in objective.basis.penalty.parameters if not p.of_groups]


def _named_kernels(objective: Objective) -> list[tuple[str, Kernel]]:
    named = [(kernel.name, kernel) for kernel in objective.kernels]
    return [*named, *((f"{bias.name}, bias", bias) for bias in objective.biases)]


def _shape(shape: Sequence[int]) -> Shown:
    return "×".join(map(str, shape))


def _elsewhere(objective: Objective) -> Iterator[tuple[str, str]]:
    """For each library the code, the formula and the notes; or why there is nothing."""
    named = list(_named(objective))
    for counterpart, values in named:
        notes = (f"· {note}" for note in counterpart.notes)
        yield from labelled(
            counterpart.library, (_code(counterpart, values), counterpart.rule, *notes)
        )
    for library in libraries(objective.basis):
        if all(counterpart.library != library for counterpart, _ in named):
            yield library, f"no counterpart: {_why_not(objective, library)}"


Named = tuple[Counterpart, dict[str, float] | None]
"""A counterpart with its parameters; None where each kernel has its own."""


def _named(objective: Objective) -> Iterator[Named]:
    """The counterparts that can have the config's strengths."""
    strengths = common_strengths(objective.kernels)
    for counterpart in counterparts(objective.basis):
        values = counterpart.convert(**strengths) if strengths else None
        if values is not None:
            names = [parameter.name for parameter in counterpart.parameters]
            yield counterpart, dict(zip(names, values, strict=True))
        elif counterpart.library == "PyTorch":
            yield counterpart, None


def _code(counterpart: Counterpart, values: dict[str, float] | None) -> str:
    if values is None:
        return "one parameter group per kernel, with its own weight_decay"
    return counterpart.code.format(**{name: _exact(value) for name, value in values.items()})


def _why_not(objective: Objective, library: str) -> str:
    basis = objective.basis
    if library == "glmnet" and basis.penalty == INPUT_GROUPS and len(objective.kernels) == 1:
        grouped = 'type.multinomial = "grouped"'
        return f"it has groups of inputs only in multinomial models ({grouped}), and without l1"
    if not basis.penalty.is_convex and library not in basis.penalty.elsewhere:
        return f"it has no {basis.penalty.title}"
    limits = (c.limit for c in counterparts(basis) if c.library == library)
    lack = why_no_concave(basis) if not basis.penalty.is_convex else basis.reason
    if basis.row_weights:
        lack = lack or "weights of rows on a scale of its own, which is not translated"
    lack = lack or ("no networks" if basis.hidden else "no squared error of several outputs")
    return next(limits, f"it has {lack}")


def _exact(value: float) -> str:
    """Ten digits: enough to distinguish any two strengths that would give different results."""
    return "np.inf" if math.isinf(value) else f"{value:.10g}"


def translation_view(translation: Translation, objective: Objective) -> View:
    """Strengths read from another library's names."""
    return View(
        report=lambda: Report((_translation_table(translation, objective),), "strengths"),
        rows=lambda: data_table([*translation.strengths], [[*translation.strengths.values()]]),
        document=partial(translation_document, translation),
    )


def _translation_table(translation: Translation, objective: Objective) -> Table:
    """The strengths, and the options of `train` that set them."""
    given = ", ".join(f"{name} = {_exact(v)}" for name, v in translation.values.items())
    basis = objective.basis
    m = f"{basis.outputs} output" if basis.outputs == 1 else f"{basis.outputs} outputs"
    rows = [
        ("from", f"{translation.counterpart.name}: {given}"),
        *((name, repr(value)) for name, value in translation.strengths.items()),
        ("formula", f"{translation.counterpart.back}; n = {basis.rows:,} training rows, m = {m}"),
        ("options", _options(translation)),
    ]
    if common_strengths(objective.kernels) is None:
        rows.append(("note", "layers with their own l1 or l2 keep it"))
    return listed(rows)


def _options(translation: Translation) -> str:
    options = {"l1": "--l1 ", "l2": "--l2 "}
    return " ".join(
        f"{options.get(name, f'--set regularization.{name}=')}{value!r}"
        for name, value in translation.strengths.items()
    )


# As documents


def objective_document(objective: Objective) -> dict[str, Any]:
    """The objective as JSON has it, at full precision."""
    basis = objective.basis
    return {
        "schema_version": SCHEMA_VERSION,
        "config": objective.config,
        "data": {
            "source": objective.source,
            "train_rows": basis.rows,
            "outputs": basis.outputs,
            "batch_size": basis.batch_size,
        },
        "objective": {
            "data_loss": data_loss_formula(objective),
            "loss": objective.loss.name,
            "class_weights": dict(basis.class_weights.by_class) if basis.class_weights else None,
            "row_weights": basis.row_weights and basis.row_weights.column,
            "target": next(_target_formulas(objective), None),
            "penalty": penalty_formula(objective),
            "method": objective.method,
            "constraints": list(objective.constraints),
            "random_layers": list(objective.random_layers),
            "weight_decay": objective.weight_decay,
            "words": list(words(objective)),
        },
        "model": outline_document(objective.outline),
        "kernels": list(map(_kernel_document, objective.kernels)),
        "biases": list(map(_kernel_document, objective.biases)),
        "elsewhere": [
            {
                "library": counterpart.library,
                "name": counterpart.name,
                "parameters": values,
                "code": _code(counterpart, values),
                "rule": counterpart.rule,
                "notes": list(counterpart.notes),
            }
            for counterpart, values in _named(objective)
        ],
    }


def _kernel_document(kernel: Kernel) -> dict[str, Any]:
    return {
        "name": kernel.name,
        "shape": list(kernel.shape),
        **kernel.numbers,
    }


def translation_document(translation: Translation) -> dict[str, Any]:
    """A translation as JSON has it."""
    return {
        "schema_version": SCHEMA_VERSION,
        "from": {"name": translation.counterpart.name, "parameters": dict(translation.values)},
        **translation.strengths,
        "options": _options(translation),
    }
