"""The version of this regcli."""

__version__ = "0.1.0"
