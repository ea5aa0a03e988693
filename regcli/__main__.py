"""Entry point. Importing it loads next to nothing, so that Ctrl-C is answered from the first on."""

import sys

if __name__ == "__main__" and not sys.flags.safe_path:
    # Otherwise `python -m regcli` would import, and so run, modules in the working folder that have
    # the name of one that is imported, such as keras_hub, which Keras imports on its own.
    del sys.path[0]

import os
import signal


def main() -> None:
    """Run the command line and leave with its exit code."""
    delivered = _hold_requests()
    import threading

    from regcli.signals import Interrupts

    interrupts = Interrupts()
    try:
        interrupts.listen()
        _deliver(delivered)
        _open_closed_streams()
        from regcli.cli.app import run

        code = run(sys.argv[1:], interrupts)
    except (KeyboardInterrupt, Exception) as error:  # before or after what `run` answers
        # Where a class is made, Python turns an interrupt into a RuntimeError.
        if not isinstance(error, KeyboardInterrupt) and not interrupts.seen:
            raise
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


def _hold_requests() -> set[int] | None:
    """Let requests to end wait until somebody can answer them; the signals that waited before."""
    if sys.platform == "win32":
        return None
    requests = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}
    return {int(number) for number in signal.pthread_sigmask(signal.SIG_BLOCK, requests)}


def _deliver(waiting: set[int] | None) -> None:
    """Let nothing wait but these signals."""
    if sys.platform != "win32" and waiting is not None:
        signal.pthread_sigmask(signal.SIG_SETMASK, waiting)


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
