"""Reading strengths by the names that other libraries give them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from regcli.config.counterpart import Counterpart
from regcli.config.problems import did_you_mean
from regcli.errors import UsageError

FORM = "NAME:PARAMETER=VALUE,…"


@dataclass(frozen=True)
class Translation:
    """Strengths read from another library's names.

    Attributes:
        values: by the other library's names.
        strengths: by regcli's.
    """

    counterpart: Counterpart
    values: Mapping[str, float]
    strengths: Mapping[str, float]


def read_named_strengths(text: str) -> tuple[str, dict[str, float]]:
    """The name and the numbers in `LogisticRegression:C=0.5`.

    Raises:
        UsageError: for another form, a parameter given twice, or a value that is not a number.
    """
    name, colon, given = text.partition(":")
    assignments = [item.partition("=") for item in given.split(",")]
    if not colon or not all(key.strip() and value.strip() for key, _, value in assignments):
        raise UsageError(f"must be {FORM}, like torch:weight_decay=1e-4, got '{text}'")
    values: dict[str, float] = {}
    for key, _, value in assignments:
        if key.strip() in values:
            raise UsageError(f"must not name a parameter twice, got {key.strip()} again")
        values[key.strip()] = _number(key.strip(), value)
    return name.strip(), values


def translate(name: str, values: Mapping[str, float], known: Sequence[Counterpart]) -> Translation:
    """Strengths in another library by regcli's names.

    Args:
        name: of a counterpart; `sklearn` means the scikit-learn one that has these parameters.
        values: its parameters; those with defaults may be left out.
        known: the counterparts of the config.

    Raises:
        UsageError: for an unknown name or parameter, or a value that is refused.
    """
    chosen = _choose(name, values, known)
    complete = {p.name: values.get(p.name, p.default or 0.0) for p in chosen.parameters}
    for parameter in chosen.parameters:
        if not parameter.accepts(complete[parameter.name]):
            got = f"{complete[parameter.name]:g}"
            raise UsageError(f"{parameter.name} must be {parameter.rule}, got {got}")
    found = chosen.invert(*complete.values())
    return Translation(chosen, complete, dict(zip(chosen.strengths, found, strict=True)))


def _number(key: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise UsageError(f"{key} must be a number, got '{text.strip()}'") from None


def _choose(name: str, values: Mapping[str, float], known: Sequence[Counterpart]) -> Counterpart:
    named = [c for c in known if name.lower() in {c.name.lower(), *c.aliases}]
    if not named:
        every = ", ".join(map(str, known))
        near = did_you_mean(name, [word for c in known for word in (c.name, *c.aliases)])
        raise UsageError(
            f"must begin with a name that has this config's strengths, got '{name}'{near} "
            f"(known: {every})"
        )
    fitting = [c for c in named if c.takes(values)]
    if len(fitting) > 1:
        names = " or ".join(c.name for c in fitting)
        raise UsageError(f"must be clear: write {names}, got '{name}'")
    if not fitting:
        theirs = "; ".join(map(str, named))
        raise UsageError(f"must have the parameters of {theirs}, got {', '.join(values)}")
    return fitting[0]
