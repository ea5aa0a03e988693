"""What a data file holds, as far as its name says."""

from regcli.config.dialect_keys import TABLE_ENDINGS

ARRAYS_ENDING = ".npz"


def holds_columns(file: str) -> bool:
    """Whether a file, or a pattern of files, is a table whose columns have names."""
    return file.lower().endswith(TABLE_ENDINGS)


def holds_arrays(file: str) -> bool:
    """Whether a file has arrays, which name no columns."""
    return file.lower().endswith(ARRAYS_ENDING)


def may_be_folder(file: str) -> bool:
    """Whether a name is that of no file that is read, and so may be a folder of images."""
    return not holds_columns(file) and not holds_arrays(file)
