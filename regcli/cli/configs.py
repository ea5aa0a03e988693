"""`regcli validate` and `schema`: configs themselves."""

import typer

from regcli.cli.options import JsonOption, OptionalConfigArgument, SetOption, config_or_default
from regcli.cli.overrides import make_overrides
from regcli.errors import ExitCode


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command(epilog="Example: `regcli validate quickstart`")(validate)
    app.command(epilog="Example: `regcli schema > regcli.schema.json`")(schema)


def validate(
    config: OptionalConfigArgument = None,
    assignments: SetOption = None,
    json: JsonOption = False,
) -> int:
    """Check a config and its data; show the config with all defaults, and the plan of its sweep.

    TensorFlow is not loaded: what only Keras can check is checked before training.
    """
    from dataclasses import replace

    from regcli.config.load import load_config
    from regcli.data.references import Datasets
    from regcli.planning.members import plan_sweep
    from regcli.planning.run import make_runs
    from regcli.report.config_view import config_document, config_text
    from regcli.report.sink import make_sink
    from regcli.report.writers.json_document import to_json
    from regcli.workflows.largest_strength import has_auto, with_placeholders

    sink = make_sink()
    overrides = make_overrides(assignments, {})
    loaded = load_config(config_or_default(config, sink), overrides)
    plan = plan_sweep(with_placeholders(loaded))
    data = Datasets()
    runs = make_runs(plan.members, data)
    if has_auto(loaded):
        sweep = loaded.config.sweep
        texts = [variant["l1"] for variant in sweep.variants or () if "l1" in variant] or [sweep.l1]
        plan = replace(plan, axes={**plan.axes, "regularization.l1": tuple(texts)})
    if json:
        sink.result(to_json(config_document(loaded.config, plan, runs, data)))
    else:
        sink.result(config_text(loaded.config, plan, runs, data))
    return ExitCode.OK


def schema() -> int:
    """Print the JSON Schema (draft 7) of a config, for editors."""
    from regcli.config.json_schema import config_schema
    from regcli.report.sink import make_sink
    from regcli.report.writers.json_document import to_json

    make_sink().result(to_json(config_schema()))
    return ExitCode.OK
