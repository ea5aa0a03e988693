"""Which files pictures are written to."""

ENDINGS = (".png", ".svg", ".pdf")
