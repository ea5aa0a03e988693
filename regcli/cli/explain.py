"""`regcli explain`: the objective of a config, and its strengths in other libraries."""

from typing import Annotated

import typer

from regcli.cli.options import (
    AllowCodeOption,
    JsonOption,
    L1Option,
    L2Option,
    OptionalConfigArgument,
    SetOption,
    blaming,
    config_or_default,
)
from regcli.cli.overrides import make_overrides
from regcli.errors import ExitCode, UsageError


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog="Example: `regcli explain logistic --l1 0.01`")(explain)


def explain(
    config: OptionalConfigArgument = None,
    l1: L1Option = None,
    l2: L2Option = None,
    given: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="NAME:PARAMETER=VALUE",
            help="Convert a strength of another library to l1 and l2: "
            "--from LogisticRegression:C=0.5, --from glmnet:lambda=0.01,alpha=1 or "
            "--from torch:weight_decay=1e-4.",
        ),
    ] = None,
    graph: Annotated[
        bool,
        typer.Option(
            "--graph",
            help="Show the model in place of the objective: each layer with what it takes and "
            "gives, its parameters, and what is regularized.",
        ),
    ] = False,
    assignments: SetOption = None,
    allow_code: AllowCodeOption = False,
    json: JsonOption = False,
) -> int:
    """Explain the objective of a config in formulas and words, and convert its strengths.

    Strengths are converted to those of scikit-learn (C, alpha, l1_ratio), glmnet (lambda, alpha)
    and PyTorch (weight_decay).
    """
    from regcli.config.counterparts import counterparts
    from regcli.config.load import load_config
    from regcli.config.named_strengths import read_named_strengths, translate
    from regcli.report.formats import Format
    from regcli.report.objective_view import objective_view, translation_view
    from regcli.report.outline_view import outline_view
    from regcli.report.sink import make_sink
    from regcli.workflows.explanation import explain as explain_config

    if given is not None and (l1 is not None or l2 is not None):
        raise UsageError("--from: must not be combined with --l1 or --l2")
    if given is not None and graph:
        raise UsageError("--graph: must not be combined with --from")
    with blaming("--from"):
        elsewhere = None if given is None else read_named_strengths(given)
    named = {"regularization.l1": ("--l1", l1), "regularization.l2": ("--l2", l2)}
    overrides, sink = make_overrides(assignments, named), make_sink()
    objective = explain_config(load_config(config_or_default(config, sink), overrides, allow_code))
    view = objective_view(objective)
    if graph and not json:  # the document has both
        view = outline_view(objective.outline, objective.config)
    if elsewhere is not None:
        if not objective.selects:
            raise UsageError(
                "--from: requires a kernel that regularization.l1 and l2 apply to, this config has "
                "none; name a layer in regularization.layers, or remove the layers' own l1 and l2"
            )
        with blaming("--from"):
            translation = translate(*elsewhere, counterparts(objective.basis))
        view = translation_view(translation, objective)
    sink.show(view, Format.JSON if json else Format.TABLE)
    return ExitCode.OK
