"""Ways to write a view: one module each, with a function `write` that gives the text."""
