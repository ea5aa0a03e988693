"""Entry point. Importing it loads next to nothing, so that Ctrl-C is answered from the first on."""

import os
import sys
import threading

from regcli.interrupts import Interrupts


def main() -> None:
    """Run the command line and leave with its exit code."""
    interrupts = Interrupts()
    try:
        interrupts.listen()
        _open_closed_streams()
        from regcli.cli.app import run

        code = run(sys.argv[1:], interrupts)
    except KeyboardInterrupt:  # before or after what `run` answers
        interrupts.answer()
        from regcli.cli.interrupts import say_interrupted

        say_interrupted(sys.argv[1:])
        code = 130
    finally:
        interrupts.ignore()
    if code == 130 and threading.active_count() > 1:
        # All is said and stored. A thread that is still training can crash Python's shutdown.
        os._exit(code)
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
