"""Penalties: what is added to the data loss of one kernel, an object each.

A penalty knows its parameters, value, slope, proximal map, optimality residual, largest useful
strength, formula and words; it knows no config and no model. To add one is to add a file here and a
line in `regcli.penalties.registry`. Nothing is loaded until a formula is given numbers: the same
formulas serve NumPy's arrays and TensorFlow's tensors (see `regcli.penalties.arrays`).
"""
