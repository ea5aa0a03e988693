"""What holds for every test."""

import os

# Before anything imports Typer: on some build servers it would else force colours.
os.environ["_TYPER_FORCE_DISABLE_TERMINAL"] = "1"
