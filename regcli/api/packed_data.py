"""Arrays and frames of a program as the bytes of a file that regcli reads."""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Arrays:
    """What an archive of arrays is to hold; no y where rows are to be predicted.

    Attributes:
        fold_parts: as `data.dataset.Origin.fold_parts`; None where folds are dealt.
    """

    x: NDArray[Any]
    y: NDArray[Any] | None
    fold_parts: NDArray[np.int8] | None = None

    @property
    def by_name(self) -> dict[str, NDArray[Any]]:
        """Those that there are."""
        arrays = {"x": self.x, "y": self.y, "fold_parts": self.fold_parts}
        return {name: array for name, array in arrays.items() if array is not None}


def ending_of(content: Any) -> str:
    """What the name of a file with arrays, or with a frame of polars, ends in."""
    return ".npz" if isinstance(content, Arrays) else ".parquet"


def packed(content: Any) -> bytes:
    """What that file holds."""
    buffer = io.BytesIO()
    if not isinstance(content, Arrays):
        content.write_parquet(buffer)
    else:
        arrays: Mapping[str, Any] = content.by_name
        np.savez(buffer, **arrays)
    return buffer.getvalue()


def is_frame(data: object) -> bool:
    """Whether it is a frame of polars or pandas, which are not imported to see it."""
    kind = type(data)
    package = kind.__module__.partition(".")[0]
    return package in {"polars", "pandas"} and kind.__name__ in {"DataFrame", "LazyFrame"}


def as_polars(frame: Any) -> Any:
    """A frame as one of polars.

    Raises:
        DataError: as `pandas_frames.from_pandas`.
    """
    if type(frame).__module__.startswith("pandas"):
        from regcli.api.pandas_frames import from_pandas

        return from_pandas(frame)
    return frame.collect() if type(frame).__name__ == "LazyFrame" else frame
