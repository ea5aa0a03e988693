"""The four words for a comparison of two settings."""

from enum import StrEnum


class Finding(StrEnum):
    """What an interval says of a setting beside the reference."""

    BETTER = "better"
    WORSE = "worse"
    SAME = "practically the same"
    UNKNOWN = "cannot tell"


def finding(
    interval: tuple[float, float],
    margin: float,
    higher_is_better: bool,
    is_significant: bool = True,
) -> Finding:
    """What the interval of a difference, setting − reference, says.

    Args:
        margin: differences up to it make no difference to the user, in the unit of the score.
        is_significant: whether a difference holds among all comparisons that were made. A setting
            is called better or worse only then.
    """
    low, high = interval if higher_is_better else (-interval[1], -interval[0])
    if -margin <= low and high <= margin:
        return Finding.SAME
    if low > 0 and is_significant:
        return Finding.BETTER
    if high < 0 and is_significant:
        return Finding.WORSE
    return Finding.UNKNOWN
