"""Checks with who asks for them: `--fail-if`, or a place in a config."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from regcli.cli.options import blaming
from regcli.config.check_grammar import Check, parse_check
from regcli.config.load import LoadedConfig
from regcli.config.problems import dotted
from regcli.errors import ConfigError, UsageError
from regcli.planning.events import Event, Planned, Tell
from regcli.results.gate.cases import refuse_unknown_setting


@dataclass(frozen=True)
class Demand:
    """A check, and who asks for it.

    Attributes:
        rule: what a message ends with where it fails.
        place: where it stands in a file; empty for one of an option.
        key: of the config, such as `checks.0`; empty for one of an option.
    """

    check: Check
    rule: str
    place: str = ""
    key: str = ""


def demands_of_options(texts: Sequence[str] | None) -> tuple[Demand, ...]:
    """The checks of `--fail-if`.

    Raises:
        UsageError: one is malformed.
    """
    with blaming("--fail-if"):
        checks = [parse_check(text) for text in texts or ()]
    rule = "--fail-if '{}' counts this as a failure"
    return tuple(Demand(check, rule.format(check.text)) for check in checks)


def demands_of_config(loaded: LoadedConfig) -> Iterator[Demand]:
    """The checks of a config, each with its place."""
    for position, text in enumerate(loaded.config.checks or ()):
        path = ("checks", position)
        place = loaded.document.place(path)
        rule = f"'{text.strip()}' ({place}) counts this as a failure"
        yield Demand(parse_check(text), rule, str(place), dotted(path))


class PlanCheck:
    """A listener that checks the first plan that it is told of."""

    def __init__(self, demands: Sequence[Demand], tell: Tell) -> None:
        self.demands, self.tell = tuple(demands), tell

    def __call__(self, event: Event) -> None:
        """Pass it on, once its settings are known to be those that the checks name."""
        if isinstance(event, Planned):
            demands, self.demands = self.demands, ()
            refuse_unknown_settings(demands, event.settings)
        self.tell(event)


def refuse_unknown_settings(
    demands: Sequence[Demand], settings: Sequence[Mapping[str, Any]]
) -> None:
    """Refuse checks that name no setting of a plan, or several.

    Args:
        settings: of every run that is planned.

    Raises:
        ConfigError: one of a config does.
        UsageError: one of an option does.
    """
    for demand in demands:
        try:
            refuse_unknown_setting(demand.check, settings)
        except UsageError as error:
            if demand.place:
                raise ConfigError([f"{demand.place}: {demand.key}: {error}"]) from None
            raise UsageError(f"--fail-if: {error}") from None
