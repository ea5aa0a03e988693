"""How a person's files are read: their dialects and formats, up to polars frames."""
