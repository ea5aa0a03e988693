"""A record is read back as it was stored; a NaN that would be lost is found wherever it is."""

from typing import Any

import numpy as np
import pytest
from stored_examples import a_run

from regcli.results.live_parts import in_a_row
from regcli.results.records import Optimality, RunRecord
from regcli.results.sparsity import summarize
from regcli.store.finite_records import all_finite

KERNEL = np.array([[0.5, 0.0]], np.float32)
SPARSITY = summarize({"output": KERNEL}, in_a_row([("output", KERNEL)]))
NAN_LAYERS = (SPARSITY.layers[0].model_copy(update={"exact": float("nan")}),)
OPTIMALITY = Optimality(residual=0.0, pull=0.0, relative=0.0, settled=True, polish_steps=0)


def with_nan(record: Any, name: str) -> Any:
    return record.model_copy(update={name: float("nan")})


def a_whole_run(**changes: Any) -> RunRecord:
    return a_run("aaaa", sparsity=SPARSITY, optimality=OPTIMALITY).model_copy(update=changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"seconds": float("nan")},
        {"sparsity": with_nan(SPARSITY, "near")},
        {
            "sparsity": SPARSITY.model_copy(
                update={"layers": (with_nan(SPARSITY.layers[0], "exact"),)}
            )
        },
        {"optimality": with_nan(OPTIMALITY, "residual")},
    ],
)
def test_a_number_that_json_would_lose_is_found(changes: dict[str, Any]) -> None:
    assert all_finite(a_whole_run())
    assert not all_finite(a_whole_run(**changes))


def test_what_may_be_null_may_be_nan() -> None:
    record = a_whole_run(sparsity=with_nan(SPARSITY, "norm"), optimality=None)
    assert all_finite(record)
    read_back = RunRecord.model_validate_json(record.model_dump_json())
    assert read_back.sparsity is not None
    assert read_back.sparsity.norm is None
