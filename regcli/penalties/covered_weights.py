"""Which of a layer's weights a penalty covers."""

KERNELS = frozenset({"kernel", "depthwise_kernel", "pointwise_kernel"})
"""Weights that are chosen with their layer: matrices that multiply what the layer is given.

A recurrent kernel, which multiplies the layer's own state, has to be named.
"""
