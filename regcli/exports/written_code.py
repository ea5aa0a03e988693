"""A person's code beside a model's file, for models with layers that are not Keras's own."""

from pathlib import Path

from regcli.config.own_code import CodeFile, OwnCode


def code_folder(output: Path) -> Path:
    """The folder next to `model.keras` with the code that it needs: `model.code`."""
    return output.with_suffix(".code")


def write_code(code: OwnCode, folder: Path) -> None:
    """Write the files so that each is imported there by its own name."""
    for file in code.files:
        path = folder / _place(code, file)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(file.text, encoding="utf-8")


def _place(code: OwnCode, file: CodeFile) -> Path:
    base = Path(*file.name.split("."))
    is_package = any(other.name.startswith(f"{file.name}.") for other in code.files)
    return base / "__init__.py" if is_package else base.with_suffix(".py")
