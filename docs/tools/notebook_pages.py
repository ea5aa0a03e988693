"""Notebooks run from top to bottom, and written as Markdown with what they show.

They are stored without outputs, so that a change of a sentence is a change of a line. What stands
on the site is what the code of today shows.
"""

import base64
import os
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

_SECONDS = 600
"""How long one cell may take; on a machine that has nothing else to do, all of them take less
than a minute."""
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_COMMENT = re.compile(r"# (.+)\n")
_ENVIRONMENT = {"COLUMNS": "80", "NO_COLOR": "1"}


def run(notebook: Path, folder: Path) -> Any:
    """A notebook with its outputs.

    Args:
        folder: where it runs, and where its runs are stored.

    Raises:
        nbclient.exceptions.CellExecutionError: a cell fails.
    """
    import nbclient
    import nbformat

    read = nbformat.read(notebook, as_version=4)
    resources = {"metadata": {"path": str(folder)}}
    client = nbclient.NotebookClient(
        read,
        timeout=_SECONDS,
        startup_timeout=_SECONDS,
        kernel_name="python3",
        resources=resources,
        extra_arguments=["--log-level=ERROR"],  # not what kernels say of themselves
    )
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    return client.execute(env={**os.environ, **_ENVIRONMENT, "PATH": path})


def as_markdown(notebook: Any, name: str) -> tuple[str, Mapping[str, bytes]]:
    """The page of a notebook that has been run, and its pictures by file name.

    Args:
        name: of the notebook, without suffix.

    Raises:
        ValueError: a cell draws and does not begin with a comment that says what.
    """
    pictures: dict[str, bytes] = {}
    parts = []
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            parts.append(f"{cell.source}\n")
            continue
        parts.append(_block(_language(cell.source), cell.source))
        parts += _printed(cell.outputs)
        for output in cell.outputs:
            if output.output_type != "stream":
                parts.append(_shown(output.data, cell.source, name, pictures))
    title, _, rest = "\n".join(parts).partition("\n")
    download = f"To run it yourself: {{download}}`{name}.ipynb`. The outputs are of this build.\n"
    return f"{title}\n\n{download}{rest}", pictures


def _language(source: str) -> str:
    return "bash" if source.startswith("%%bash") else "python"


def _printed(outputs: Sequence[Any]) -> Iterator[str]:
    """What a cell writes to stdout, then to stderr: a command's pieces may come in any order."""
    for stream in ("stdout", "stderr"):
        texts = [each.text for each in outputs if each.get("name") == stream]
        if text := _COLOURS.sub("", "".join(texts)).strip("\n"):
            yield _block("text", text)


def _shown(data: Mapping[str, str], source: str, name: str, pictures: dict[str, bytes]) -> str:
    """A value or a picture; a picture is added to those that there are."""
    if "image/png" in data:
        said = _COMMENT.match(source)
        if said is None:
            raise ValueError(f"{name}: a cell that draws must begin with a comment, got {source!r}")
        picture = f"{name}-{len(pictures) + 1}.png"
        pictures[picture] = base64.b64decode(data["image/png"])
        return f"![{said.group(1)}]({picture})\n"
    if "text/html" in data:
        return _block("{raw} html", data["text/html"])
    return _block("text", data["text/plain"])


def _block(language: str, text: str) -> str:
    longest = max(map(len, re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text.rstrip()}\n{fence}\n"
