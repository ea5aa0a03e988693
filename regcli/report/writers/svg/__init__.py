"""Pictures as SVG: text stays text, and colors are classes that a style sheet gives."""
