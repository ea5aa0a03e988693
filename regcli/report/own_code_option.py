"""The option that a command needs for runs whose model is made by a person's code."""

from regcli.results.records import RunRecord


def allow_option(run: RunRecord) -> str:
    """` --allow-code` where a run's model is a function's, for the end of a command."""
    model = run.config.get("model")
    is_own = isinstance(model, dict) and model.get("python") is not None
    return " --allow-code" if is_own else ""
