"""Plots as plain data: what is drawn, and nothing of how it looks."""
