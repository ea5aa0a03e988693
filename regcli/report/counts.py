"""Counts of things in words, with the noun in singular or plural."""


def counted(count: int, noun: str) -> str:
    """`1 seed`, `2 seeds`, `1,000 seeds`."""
    return f"1 {noun}" if count == 1 else f"{count:,} {noun}s"


def count_runs(count: int) -> str:
    """`1 run`, `2 runs`, `1,000 runs`."""
    return counted(count, "run")


def count_epochs(count: int) -> str:
    """`1 epoch`, `2 epochs`."""
    return counted(count, "epoch")
