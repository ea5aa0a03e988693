"""The config reference, `docs/config.md`, made from the schema that checks configs."""

import textwrap
from collections.abc import Iterable, Iterator

from config_texts import EXAMPLES, GRIDS, OPENING, WHOLE_CONFIG
from schema_words import PARTS, Schema, default_words, forms, reference, value_words

from regcli.config import catalogue
from regcli.config.schema import Config
from regcli.config.shipped import shipped_names, shipped_path
from regcli.metrics.registry import METRICS

WIDTH = 80


def page() -> str:
    """The page's text."""
    schema = Config.model_json_schema()
    parts = [
        OPENING,
        "## A whole config\n",
        _yaml(WHOLE_CONFIG),
        "## Top level\n",
        *_keys(schema, ""),
        *_sections(schema, schema["properties"], "", "##"),
        "## Grids\n",
        GRIDS,
        "## Metrics\n",
        *_metrics(),
        "## Configs that come with regcli\n",
        _wrapped("`regcli sweep NAME` or `regcli train NAME` runs one, from any folder."),
        _bullets(f"`{name}`: {_about(name)}" for name in shipped_names()),
        "## Data sets that come with regcli\n",
        _bullets(f"`{name}`: {what}." for name, what in catalogue.DATASETS.items()),
        "## Data sets that other packages keep\n",
        _wrapped(
            "They are read from that package's cache on this machine; nothing is fetched. "
            "[data.md](data.md#data-sets-with-a-name) says where."
        ),
        _bullets(f"`{name}`: {what}." for name, what in catalogue.KEPT_DATASETS.items()),
        "## Parts of Keras\n",
        *_keras(),
    ]
    return "\n".join(parts)


def _sections(schema: Schema, properties: Schema, above: str, level: str) -> Iterator[str]:
    """Every section with its keys and an example, and the sections within it."""
    for key, found in properties.items():
        section = _section(schema, found)
        if section is None:
            continue
        dotted = f"{above}{key}"
        yield f"{level} `{dotted}`\n"
        yield _wrapped(_first_paragraph(section))
        own = {"properties": section["properties"], "required": section.get("required", ())}
        yield from _keys({**schema, **own}, f"{dotted}.")
        yield _yaml(EXAMPLES[dotted])
        yield from _sections(schema, section["properties"], f"{dotted}.", f"{level}#")


def _section(schema: Schema, found: Schema) -> Schema | None:
    """The definition of a section that a property holds; None for a property of another kind."""
    name = reference(found)
    if name is None or name in {*PARTS, "Layer"}:
        return None
    definition: Schema = schema["$defs"][name]
    return definition


def _may_be_text(found: Schema) -> bool:
    return any(form.get("type") == "string" for form in forms(found))


def _keys(schema: Schema, above: str) -> Iterator[str]:
    lines = []
    for key, found in schema["properties"].items():
        section = _section(schema, found)
        is_needed = key in schema.get("required", ())
        if section is None:
            default = "required" if is_needed else default_words(found)
            facts = f"{value_words(found)}; {default}. {found['description']}"
        else:
            needed = ", required" if is_needed else ""
            meaning = found.get("description") or _first_paragraph(section)
            kind = "text or a section" if _may_be_text(found) else "a section"
            facts = f"{kind}, [below](#{_anchor(above + key)}){needed}. {meaning}"
        lines.append(f"**`{key}`**: {facts}")
    yield _bullets(lines)


def _first_paragraph(section: Schema) -> str:
    text: str = section["description"]
    return " ".join(text.split("\n\n")[0].split())


def _anchor(dotted: str) -> str:
    return dotted.replace(".", "")


def _metrics() -> Iterator[str]:
    yield _wrapped(
        "Names for `metrics`. With `train.`, `validation.` or `test.` in front, such as "
        "`test.roc_auc`, they are results, for `--fail-if`, `--columns` and `--sort`; `select_by` "
        "takes those of validation rows."
    )
    for kind in ("classification", "regression"):
        yield f"Of {kind}:\n"
        yield _bullets(
            f"`{metric.key}`: {metric.meaning} "
            f"{'Higher' if metric.higher_is_better else 'Lower'} is better."
            f"{' It cannot rank settings.' if metric.is_diagnostic else ''}"
            for metric in METRICS.values()
            if metric.kind == kind
        )


def _keras() -> Iterator[str]:
    yield _wrapped(
        "Names and arguments are Keras's own. A part is written as its name, or as a mapping: "
        "`Dense: {units: 10}` for layers and schedules, `{name: adam, learning_rate: 0.01}` for "
        "optimizers and losses. An argument that Keras does not have is an error. A layer may also "
        "have `l1` and `l2`, which replace those of `regularization` for its kernel."
    )
    for kind in ("layers", "optimizers", "schedules", "losses", "constraints", "initializers"):
        own = [name for name in catalogue.names(kind) if catalogue.first_name(kind, name) == name]
        yield f"**{kind.capitalize()}:**"
        yield _wrapped(", ".join(own) + ".")


def _about(name: str) -> str:
    """What a shipped config is for: its first line, a comment."""
    return shipped_path(name).read_text(encoding="utf-8").partition("\n")[0].removeprefix("# ")


def _yaml(text: str) -> str:
    return f"```yaml\n{text}```\n"


def _wrapped(text: str, first: str = "", rest: str = "") -> str:
    wrapper = textwrap.TextWrapper(WIDTH, break_long_words=False, break_on_hyphens=False)
    wrapper.initial_indent, wrapper.subsequent_indent = first, rest
    return wrapper.fill(text) + "\n"


def _bullets(texts: Iterable[str]) -> str:
    return "".join(_wrapped(text, "- ", "  ") for text in texts)
