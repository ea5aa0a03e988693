"""A run: a member with its data, and the id that both make."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from regcli.config.input_columns import require_columns
from regcli.config.own_code import require_allowed
from regcli.config.schema import Config
from regcli.config.stack import Stack, complete_stack
from regcli.config.tokens import takers_of_inputs
from regcli.data.asked_metrics import require_metrics, require_monitored
from regcli.data.asked_training import require_trainable
from regcli.data.dataset import Splits
from regcli.data.references import DataReference, Datasets, row_form
from regcli.data.token_inputs import require_tokens
from regcli.errors import ConfigError, ModelError
from regcli.planning.identity import RunIds
from regcli.planning.members import Member
from regcli.planning.transformed_targets import require_linear
from regcli.results.stops import Stop


@dataclass(frozen=True)
class Run:
    """One training that is to be done, as plain data.

    Attributes:
        id: the hash of config, data and parent; see `planning.identity`.
        member: its settings and its config.
        data: the rows.
        parent: the id of the run whose weights it starts from; None for start weights.
        keep_zeros: whether kernel weights that are zero in its parent stay so.
        stop: where the path ends that it is a point of, if it is one.
    """

    id: str
    member: Member
    data: DataReference
    parent: str | None = None
    keep_zeros: bool = False
    stop: Stop | None = None

    @property
    def config(self) -> Config:
        """The member's whole config."""
        return self.member.config

    @property
    def settings(self) -> Mapping[str, Any]:
        """What tells the member from the others of its grid."""
        return self.member.settings

    @property
    def may_be_polished(self) -> bool:
        """Whether it may end with full-batch steps."""
        return self.config.regularization.method == "proximal" and self.config.training.polish != 0

    def following(
        self,
        parent: str | None,
        config: Config,
        settings: Mapping[str, Any],
        keep_zeros: bool = False,
    ) -> "Run":
        """A run on the same data that starts from another one, with a config of its own.

        Args:
            config: as it was checked when its parts were read.
        """
        member = replace(self.member, config=config, settings=settings)
        data = self.data
        identity = RunIds().of(config, data.fingerprint, parent, keep_zeros, data.form)
        return Run(identity, member, self.data, parent, keep_zeros)

    def placed(self, error: ModelError) -> ConfigError:
        """As `Member.placed`."""
        return self.member.placed(error)


def make_runs(members: Iterable[Member], data: Datasets) -> tuple[Run, ...]:
    """Load every data set that members need, once each, and give every member its id.

    Members that make the same run, as variants with a common reference do, are the first of them.

    Raises:
        ConfigError: if it is not clear whether a model's last layer is its output layer, or a
            metric, the loss or class weights do not fit the target.
        DataError: if a data set cannot be read or split, or does not hold what the model takes.
    """
    ids, runs = RunIds(), dict[str, Run]()
    checked: set[tuple[int, ...]] = set()
    for member in (members := tuple(members)):
        config, folder = member.config, member.origin.folder
        # Members share their sections, and keep them alive.
        sections = id(config.dataset), id(config.model), id(config.training.loss)
        if sections not in checked:
            checked.add(sections)
            _check(member, data)
        splits = data.split(config.dataset, folder)
        _check_training(member, splits)
        fingerprint = splits.table.fingerprint
        form = row_form(splits)
        reference = DataReference(config.dataset, folder, fingerprint, form)
        identity = ids.of(config, fingerprint, form=form)
        runs.setdefault(identity, Run(identity, member, reference))
    return tuple(runs.values())


def stack_of(config: Config, splits: Splits) -> Stack:
    """The layers of a member's model, output layer included.

    Raises:
        ModelError: if it is not clear whether the last one is the output layer.
    """
    return complete_stack(config.model, splits.table.task, splits.outputs, splits.rank)


def _check(member: Member, data: Datasets) -> None:
    """Check that model, loss and metrics fit the rows, and that the output layer is clear."""
    config, folder = member.config, member.origin.folder
    try:
        splits = data.split(config.dataset, folder)
        require_columns(config.model.layers, splits.columns, splits.train.x.shape[1:])
        for taker in takers_of_inputs(config.model.layers):
            require_tokens(splits, taker)
        require_metrics(config, splits.table.task)
        require_linear(config, stack_of(config, splits) if config.model.is_stack else None)
    except ModelError as error:
        raise member.placed(error) from error


def require_code_allowed(runs: Iterable[Run]) -> None:
    """Check, before anything heavy is loaded, that the code of runs' models may be run.

    Raises:
        ConfigError: it may not; names its place in the config.
    """
    models: dict[int, Run] = {}
    for run in runs:
        models.setdefault(id(run.config.model), run)
    for run in models.values():
        if run.config.model.code is not None:
            try:
                require_allowed(run.config.model.code)
            except ModelError as error:
                raise run.placed(error) from error


def _check_training(member: Member, splits: Splits) -> None:
    """Check that the loss, class weights and what early stopping watches fit the target."""
    try:
        require_trainable(member.config, splits.table)
        require_monitored(member.config, splits)
    except ModelError as error:
        raise member.placed(error) from error
