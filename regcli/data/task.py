"""Kinds of target."""

from regcli.config.output_layer import Task

__all__ = ["Task"]
