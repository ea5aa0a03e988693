"""Presets of architectures, one file each: a short name for layers that a config could list."""
