"""Which column a person may want to predict, where none is named."""

from collections.abc import Sequence

_WORDS = """
target label class y outcome response output result survived survival churn churned default
diagnosis species status approved fraud price salary wage income sales score grade rating quality
medv
"""
_USUAL = _WORDS.split()
_MOST = 3


def likely_targets(names: Sequence[str]) -> list[str]:
    """The columns that are most likely targets: those with a usual name, then the last one."""
    folded = {name: name.strip().casefold() for name in names}
    called = [name for usual in _USUAL for name in names if folded[name] == usual]
    ending = [name for name in names if folded[name].endswith((" class", "_class", "_label"))]
    return list(dict.fromkeys([*called, *ending, *names[-1:]]))[:_MOST]
