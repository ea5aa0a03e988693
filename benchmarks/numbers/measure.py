"""One side: train every case through the command line, and write down what comes out.

Run as a script, with the checkout to measure first on `PYTHONPATH`; it imports nothing of this one.
"""

import io
import json
import sys
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import numpy as np

TOLD = ("state", "settings", "epochs", "engine", "message", "metrics", "sparsity", "optimality")
"""Keys of a run that are compared, beside its history; ids and times are not."""


def main(cases_file: str, out: str, checkout: str) -> None:
    """Measure the cases of a file in the current folder."""
    import regcli

    found = Path(regcli.__file__).resolve().parent.parent
    if found != Path(checkout).resolve():
        sys.exit(f"regcli was found in {found}, not in {checkout}")
    for number, case in enumerate(json.loads(Path(cases_file).read_text())):
        told, arrays = measure(number, case)
        (Path(out) / f"{number}.json").write_text(json.dumps(told))
        np.savez(Path(out) / f"{number}.npz", **arrays)


def measure(number: int, case: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What a case's runs tell, in the order of its grid, and their arrays by `run/name`."""
    config, runs = Path(f"case-{number}.yaml"), f"runs-{number}"
    config.write_text(f"name: case\n{case['config']}")
    command, *options = case["command"]
    at = ("--runs", runs)
    code, text, said = call(command, str(config), *options, "--json", "--device", "cpu", *at)
    if code not in (0, 1) or not text:
        return {"failed": said.strip().splitlines()[-1:] or [f"exit code {code}"]}, {}
    told: list[dict[str, Any]] = []
    arrays: dict[str, Any] = {}
    for place, run in enumerate(json.loads(text)["runs"]):
        shown = json.loads(call("runs", "show", run["id"], "--json", *at)[1])
        told.append({key: shown.get(key) for key in (*TOLD, "history")})
        for name, values in stored_weights(Path(runs), run["id"]).items():
            arrays[f"{place}/weights {name}"] = values
        if case["export"] and place == 0:
            file = f"model-{number}.keras"
            code, _, said = call("runs", "export", run["id"], "-o", file, *at)
            arrays[f"{place}/predictions"] = predictions(file) if code == 0 else np.array(said)
    return {"exit code": code, "runs": told}, arrays


def call(*arguments: str) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of a command line, which runs in this process."""
    from regcli.cli.app import run

    out, err = io.BytesIO(), io.BytesIO()
    with (
        io.TextIOWrapper(out, encoding="utf-8", write_through=True) as stdout,
        io.TextIOWrapper(err, encoding="utf-8", write_through=True) as stderr,
        redirect_stdout(stdout),
        redirect_stderr(stderr),
    ):
        code = run(arguments)
        return code, out.getvalue().decode("utf-8"), err.getvalue().decode("utf-8")


def stored_weights(runs: Path, identity: str) -> Mapping[str, Any]:
    """A run's arrays; none of a run without weights.

    Where they lie is asked of the version that stored them.
    """
    from regcli.errors import StoreError
    from regcli.store.store import open_store
    from regcli.store.store_weights import read_weights

    with open_store(runs, create=False) as store:
        try:
            return read_weights(store, identity)
        except StoreError:
            return {}


def predictions(file: str) -> Any:
    """What an exported model makes of some rows."""
    import keras

    model = keras.saving.load_model(file)
    rows = np.random.default_rng(1).standard_normal((16, *model.input_shape[1:]))
    return np.asarray(model(rows.astype(np.float32)))


if __name__ == "__main__":
    main(*sys.argv[1:])
