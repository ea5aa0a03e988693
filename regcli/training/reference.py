"""The reference trainer: plain `keras.Model.fit` with `kernel_regularizer`.

It is what a careful person would write by hand, one model at a time, and the oracle that any faster
trainer is tested against.
"""

import math
import time
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from regcli.config.early_stopping import EarlyStopping
from regcli.config.schema import Config, Training
from regcli.data.asked_metrics import require_monitored
from regcli.data.dataset import Part, Splits
from regcli.data.row_order import batch_order, order_in_pieces
from regcli.errors import ModelError
from regcli.metrics.metric import Compared
from regcli.metrics.registry import kind_of, watched_forms
from regcli.models.class_numbers import wants_class_numbers
from regcli.models.constraints import attach_proximal_steps, hold_zeros
from regcli.models.kernel_penalties import counted_names
from regcli.models.outputs import Output, output_of
from regcli.models.parts import make_loss, make_optimizer, output_scale
from regcli.models.reasons import first_sentence
from regcli.models.step_sizes import check_proximal_step
from regcli.models.weights import read_weights, write_weights
from regcli.penalties.penalty import LayerStrengths
from regcli.results.outcomes import OnEpoch, Outcome, WarmStart, Weights
from regcli.results.patience import logged_name, rises
from regcli.results.records import Optimality, RunState, Scores
from regcli.training.asked_probabilities import require_probabilities
from regcli.training.evaluation import BATCH_ROWS, evaluate
from regcli.training.file_batches import FileBatches
from regcli.training.full_batch import FullBatch
from regcli.training.loss_targets import check_row_weights, loss_targets, row_weights
from regcli.training.memory import gradients_forgotten
from regcli.training.own_unit import InOwnUnit
from regcli.training.polishes import Polishes
from regcli.training.rows_in_memory import require_no_full_batch
from regcli.training.start_bias import start_bias
from regcli.training.template import source_of
from regcli.training.without_epochs import require_epochs
from regcli.training.zeros import input_columns, measure_zeros


@dataclass(frozen=True)
class Prepared:
    """A compiled model with what training and evaluating it needs."""

    model: keras.Model
    loss: keras.losses.Loss
    strengths: Mapping[str, LayerStrengths]

    @property
    def outputs(self) -> int:
        """Units of the output layer."""
        return output_of(self.model).units


def prepare_model(config: Config, splits: Splits) -> Prepared:
    """Build and compile a member's model; the seed fixes its start weights.

    Raises:
        ModelError: naming the part of the config that Keras refuses.
    """
    require_no_full_batch(config, splits)
    keras.backend.clear_session()
    source = source_of(config, splits)
    strengths = source.strengths(config.regularization)
    proximal = config.regularization.method == "proximal"
    keras.utils.set_random_seed(config.training.seed)  # the next layers that are made take it
    model = source.build(strengths, proximal)
    output = output_of(model)
    _require_linear(config, output)
    loss = make_loss(config.training.loss, splits.table.task, output)
    model.compile(
        optimizer=make_optimizer(config.training.optimizer),
        loss=loss,
        metrics=[DataLoss(loss), *_metrics(model, loss, splits)],
    )
    if proximal:
        check_proximal_step(model.optimizer)
        attach_proximal_steps(model, strengths)
    if (start := start_bias(model, loss, splits)) is not None:
        model.trainable_variables[start[0]].assign(start[1])
    _check_targets(model, loss, splits)
    require_epochs(config, splits, loss)
    check_row_weights(config.training, loss, splits)
    require_monitored(config, splits)
    require_probabilities(config, loss, output_scale(splits.table.task, loss, output))
    return Prepared(model, loss, strengths)


def _require_linear(config: Config, output: Output) -> None:
    """Check that a model whose layers stand in no config can give a target that is transformed.

    Raises:
        ModelError: its output cannot be negative.
    """
    linear = output.activation is keras.activations.linear
    if config.model.is_stack or linear or not config.dataset.target_settings.is_transformed:
        return
    key = "python" if config.model.python else "keras"
    name = getattr(output.activation, "__name__", "one")
    rule = "the output layer must have no activation where dataset.target has log or scale"
    raise ModelError(("model", key), f"{rule}, because such a target may be negative, got {name}")


def train(
    config: Config,
    splits: Splits,
    device: str,
    on_epoch: OnEpoch,
    start: WarmStart | None = None,
    polishes: Polishes | None = None,
) -> Outcome:
    """Train one member.

    Args:
        device: TensorFlow's device name, as `devices.prepare_device` gives it.
        on_epoch: called with the number of epochs done, after each.
        start: weights to start from instead of Keras's own.
        polishes: those that are compiled; None for none.

    Raises:
        ModelError: if the model cannot be built.
    """
    with tf.device(device), gradients_forgotten():
        prepared = prepare_model(config, splits)
        holds = start is not None and start.keep_zeros
        if start is not None:
            write_weights(prepared.model, start.weights)
        if holds:
            hold_zeros(prepared.model, prepared.strengths)
        started = time.perf_counter()
        watch = _Watch(on_epoch)
        _fit(prepared, config, splits, watch)
        optimality = None
        if not watch.diverged:
            optimality = _polish(prepared, config, splits, holds, polishes or Polishes())
        seconds = time.perf_counter() - started
        return _outcome(prepared, config, splits, watch, optimality, seconds)


def _fit(prepared: Prepared, config: Config, splits: Splits, watch: "_Watch") -> None:
    training = config.training
    rows, batch = len(splits.train), min(training.batch_size, len(splits.train))
    callbacks: list[keras.callbacks.Callback] = [watch]
    if training.early_stopping is not None:
        callbacks.append(_early_stopping(training.early_stopping))
    _build_optimizer(prepared.model)
    prepared.model.fit(
        _train_batches(prepared, training, splits, batch),
        epochs=training.epochs,
        steps_per_epoch=math.ceil(rows / batch),
        validation_data=_validation(prepared, training, splits),
        callbacks=callbacks,
        shuffle=False,
        verbose=0,
    )


def _build_optimizer(model: keras.Model) -> None:
    """Make the optimizer's variables: in its first step Keras would trace that step twice.

    But for ScheduleFreeAdamW, which then copies the weights, and in a traced step does not: numbers
    stay those of a plain `fit`.
    """
    if not isinstance(model.optimizer, keras.optimizers.ScheduleFreeAdamW):
        model.optimizer.build(model.trainable_variables)


def _tensors(prepared: Prepared, training: Training, splits: Splits, part: Part) -> tuple[Any, ...]:
    """Inputs and targets of a part's rows, and their weights where they have any."""
    targets = loss_targets(part.y, splits, prepared.loss, prepared.outputs)
    weights = row_weights(training, splits, part)
    given = (part.x, targets) if weights is None else (part.x, targets, weights)
    return tuple(map(tf.constant, given))


def _file_batches(
    prepared: Prepared, training: Training, splits: Splits, part: Part
) -> FileBatches:
    weights = row_weights(training, splits, part)
    return FileBatches(part, splits, prepared.loss, prepared.outputs, weights)


def _train_batches(
    prepared: Prepared, training: Training, splits: Splits, batch: int
) -> tf.data.Dataset:
    """The batches of all epochs in regcli's own order; an epoch's last one may be smaller."""
    count, width = len(splits.train), splits.row_numbers
    if splits.is_scanned:
        return _file_batches(prepared, training, splits, splits.train).of(
            lambda: (
                rows
                for epoch in range(training.epochs)
                for rows in order_in_pieces(training.seed, epoch, count, width, batch)
            ),
            training.epochs * math.ceil(count / batch),
        )
    tensors = _tensors(prepared, training, splits, splits.train)

    def orders() -> Iterator[NDArray[np.int64]]:
        for epoch in range(training.epochs):
            yield batch_order(training.seed, epoch, count, width)

    return (
        tf.data.Dataset.from_generator(orders, output_signature=tf.TensorSpec((count,), tf.int64))
        .flat_map(lambda order: tf.data.Dataset.from_tensor_slices(order).batch(batch))
        .map(lambda rows: tuple(tf.gather(tensor, rows) for tensor in tensors))
        .prefetch(2)
    )


def _validation(prepared: Prepared, training: Training, splits: Splits) -> tf.data.Dataset | None:
    if splits.validation is None:
        return None
    if splits.is_scanned:
        own = _file_batches(prepared, training, splits, splits.validation)
        return own.in_file_order(BATCH_ROWS)
    tensors = _tensors(prepared, training, splits, splits.validation)
    return tf.data.Dataset.from_tensor_slices(tensors).batch(BATCH_ROWS).cache()


class DataLoss(keras.metrics.Mean):  # type: ignore[misc]
    """The mean of the loss over rows; each row counts once, whatever the weight of its class."""

    def __init__(self, loss: keras.losses.Loss) -> None:
        super().__init__(name="data_loss")
        self.loss = loss

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Add the rows of a batch."""
        del sample_weight
        super().update_state(self.loss.call(y_true, y_pred))


def _polish(
    prepared: Prepared, config: Config, splits: Splits, keep_zeros: bool, polishes: Polishes
) -> Optimality | None:
    """End proximal training with full-batch steps; how far from optimal the weights then are."""
    polish = polishes.of(config, splits, prepared.loss, keep_zeros)
    if polish is None:
        return None
    model, part = prepared.model, splits.train
    variables = model.trainable_variables
    others = [v for v in model.non_trainable_variables if "float" in str(v.dtype)]
    targets = loss_targets(part.y, splits, prepared.loss, prepared.outputs)
    polished, optimality = polish(
        [np.asarray(v) for v in variables],
        [np.asarray(v) for v in others],
        FullBatch(part.x, targets, row_weights(config.training, splits, part)),
        polish.strengths_of(config, splits),
    )
    for variable, value in zip(variables, polished, strict=True):
        variable.assign(value)
    return optimality


class _Watch(keras.callbacks.Callback):  # type: ignore[misc]
    """Keeps the history, reports epochs, and stops at a loss that is not finite."""

    def __init__(self, on_epoch: OnEpoch) -> None:
        super().__init__()
        self.on_epoch = on_epoch
        self.history: dict[str, list[float]] = {}
        self.diverged = False

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        for name, value in (logs or {}).items():
            self.history.setdefault(name, []).append(float(value))
        self.diverged = not math.isfinite((logs or {}).get("loss", 0.0))
        self.model.stop_training = self.model.stop_training or self.diverged
        self.on_epoch(epoch + 1)

    @property
    def epochs(self) -> int:
        return len(self.history.get("loss", ()))


def _metrics(model: keras.Model, loss: keras.losses.Loss, splits: Splits) -> list[Any]:
    """The task's metrics that can be watched, under the names that `fit` logs."""
    task, output = splits.table.task, output_of(model)
    threshold = output_scale(task, loss, output).threshold
    compared = Compared(threshold, output.units, wants_class_numbers(loss))
    forms = watched_forms(kind_of(task))
    found = [form.in_fit(key, compared) for key, form in forms.items()]
    transform = splits.target_transform
    return found if transform is None else [InOwnUnit(metric, transform) for metric in found]


def _early_stopping(early: EarlyStopping) -> keras.callbacks.EarlyStopping:
    return keras.callbacks.EarlyStopping(
        monitor=logged_name(early.monitor),
        mode="max" if rises(early.monitor) else "min",
        patience=early.patience,
        min_delta=early.min_delta,
        restore_best_weights=True,
    )


def _check_targets(model: keras.Model, loss: keras.losses.Loss, splits: Splits) -> None:
    """Try the loss on one row: a loss and an output that do not fit fail before training."""
    part, name, shape = splits.train, type(loss).__name__, model.output_shape[1:]
    if wants_class_numbers(loss) and shape[-1] == 1:
        message = f"{name} needs an output for each class, got an output of shape {shape}"
        raise ModelError(("training", "loss"), message)
    try:
        targets = loss_targets(part.y[:1], splits, loss, shape[-1])
        with warnings.catch_warnings(action="error", category=UserWarning):
            loss.call(targets, model(part.x[:1], training=False))
    except Exception as error:
        message = f"{name} does not fit an output of shape {shape}: {first_sentence(error)}"
        if len(shape) > 1 and "Flatten" not in {type(layer).__name__ for layer in model.layers}:
            message += "; put Flatten before the Dense layers"
        raise ModelError(("training", "loss"), message) from error


def _outcome(
    prepared: Prepared,
    config: Config,
    splits: Splits,
    watch: _Watch,
    optimality: Optimality | None,
    seconds: float,
) -> Outcome:
    model = prepared.model
    weights = read_weights(model)
    asked = frozenset(config.asked_metrics().values())
    found = evaluate(model, prepared.loss, splits, config.training, asked)
    metrics = found.metrics
    # Keras logs an epoch's loss from before its last step, which may be the one that diverges.
    diverged = watch.diverged or not math.isfinite(metrics["train"]["objective"] or 0.0)
    message = f"the loss was not finite after epoch {watch.epochs}" if diverged else ""

    def score(other: Weights) -> Mapping[str, Scores]:
        write_weights(model, other)
        return evaluate(model, prepared.loss, splits, config.training).metrics

    return Outcome(
        state=RunState.DIVERGED if diverged else RunState.FINISHED,
        epochs=watch.epochs,
        seconds=seconds,
        metrics=metrics,
        sparsity=measure_zeros(
            model,
            weights,
            counted_names(model, prepared.strengths),
            input_columns(splits),
            metrics,
            score,
        ),
        optimality=optimality,
        weights=weights,
        history={name: tuple(values) for name, values in watch.history.items()},
        message=message,
        rows=found.rows,
    )
