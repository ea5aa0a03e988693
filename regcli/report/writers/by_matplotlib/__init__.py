"""Plots by matplotlib: files for slides and papers, and axes that a program draws into.

`matplotlib_package` says whether matplotlib is there; the other modules import it.
"""
