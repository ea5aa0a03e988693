"""What a person's code changes in the process, put back once it has been called."""

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import keras


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """Keep stdout for results, and the working folder and Keras's settings as they were.

    What is printed goes to stderr, also by programs that the code starts.
    """
    settings = keras.config.dtype_policy(), keras.config.floatx(), keras.config.epsilon()
    layout, folder = keras.config.image_data_format(), Path.cwd()
    try:
        with contextlib.redirect_stdout(sys.stderr), _descriptors_swapped():
            yield
    finally:
        os.chdir(folder)
        policy, floatx, epsilon = settings
        keras.config.set_floatx(floatx)
        keras.config.set_dtype_policy(policy)
        keras.config.set_epsilon(epsilon)
        keras.config.set_image_data_format(layout)


@contextlib.contextmanager
def _descriptors_swapped() -> Iterator[None]:
    """Have what is written to the process's stdout, by whoever writes it, come out at stderr."""
    try:
        _flush()
        kept = os.dup(1)
        os.dup2(2, 1)
    except OSError:  # one of them is closed
        yield
        return
    try:
        yield
    finally:
        _flush()
        os.dup2(kept, 1)
        os.close(kept)


def _flush() -> None:
    """Write out what the process's stdout holds, where there is one that takes it."""
    if sys.__stdout__ is not None:
        with contextlib.suppress(OSError, ValueError):  # closed, or a reader that has left
            sys.__stdout__.flush()
