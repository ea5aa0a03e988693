"""A program that reads files while every event that Python reports is written down.

It is run in a process of its own: an audit hook cannot be taken away again.

    python watched_reading.py refuse|build|unsafe FILE...

It prints one JSON list: for each file what came of it, and what happened meanwhile.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

from regcli.errors import KerasFileError
from regcli.keras_files.keras_file import read_keras_file

CODE = ("exec", "compile", "marshal.loads", "pickle.find_class", "import", "ctypes.dlopen")
OUTSIDE = (
    *(
        "os.system",
        "os.exec",
        "os.posix_spawn",
        "os.spawn",
        "os.fork",
        "subprocess.Popen",
        "pty.spawn",
    ),
    *("socket.", "urllib.", "ftplib.", "http.", "shutil.", "tempfile.", "os.mkdir", "os.rename"),
    *("os.remove", "os.rmdir", "os.link", "os.symlink", "os.chmod", "os.truncate", "os.putenv"),
)
happened: list[str] = []
watched: tuple[str, ...] = ()


def write_down(event: str, arguments: tuple[Any, ...]) -> None:
    if not watched:
        return
    if event == "open":
        path, _, flags = arguments
        if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND):
            happened.append(f"open {path} to write")
        elif not isinstance(path, str) or not path.endswith(".keras"):
            happened.append(f"open {path}" if CODE[0] in watched else "")
    elif event.startswith(watched):
        happened.append(f"{event} {arguments}")


def outcome(how: str, path: Path) -> str:
    if how == "unsafe":
        import keras

        keras.saving.load_model(path, safe_mode=False, compile=False)
        return "loaded"
    try:
        file = read_keras_file(path)
        if how == "build":
            from regcli.models.file_models import fresh_model

            fresh_model(file)
        return "read"
    except KerasFileError as error:
        return f"{type(error).__name__}: {error}"


def main(how: str, *paths: str) -> None:
    global watched
    if how != "refuse":
        import regcli.models.file_models  # noqa: F401 - what it loads is not what is watched
    "".encode("cp437")  # zipfile loads the codec of old names with the first archive
    sys.addaudithook(write_down)
    told = []
    for path in map(Path, paths):
        happened.clear()
        watched = OUTSIDE if how == "build" else (*CODE, *OUTSIDE)
        result = outcome(how, path)
        watched = ()
        told.append([result, [event for event in happened if event]])
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main(*sys.argv[1:])
