"""Entry point. Importing it loads nothing, so that Ctrl-C is answered from the first moment on."""

import os
import signal
import sys


def main() -> None:
    """Run the command line and leave with its exit code."""
    try:
        _open_closed_streams()
        from regcli.cli.app import run

        code = run(sys.argv[1:])
    except KeyboardInterrupt:
        from regcli.cli.interrupts import interrupted_text

        sys.stderr.write(f"{interrupted_text(sys.argv[1:])}\n")
        code = 130
    # All is said, written and stored. Python's own shutdown would give Ctrl-C its default again,
    # which kills; it leaves alone what is ignored.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.exit(code)


def _open_closed_streams() -> None:
    """Give a process started with `>&-` the streams that it lacks.

    Else the next file that is opened would take their numbers, and what is written to stderr.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free: this one
            setattr(sys, name, os.fdopen(number, "w" if number else "r", closefd=False))


if __name__ == "__main__":
    main()
