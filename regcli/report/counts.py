"""Counts of things in words, with the noun in singular or plural."""


def count_runs(count: int) -> str:
    """`1 run`, `2 runs`, `1,000 runs`."""
    return "1 run" if count == 1 else f"{count:,} runs"


def count_epochs(count: int) -> str:
    """`1 epoch`, `2 epochs`."""
    return "1 epoch" if count == 1 else f"{count:,} epochs"
