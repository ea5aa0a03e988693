"""Kinds of steps of a preparation: what becomes of one column, fitted on training rows."""
