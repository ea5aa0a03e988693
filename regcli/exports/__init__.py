"""Stored runs as model files for other programs, each checked where it is loaded."""
