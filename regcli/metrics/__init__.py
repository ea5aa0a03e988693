"""What a metric is: one file for each, and the registry that everything else asks.

The room is read before TensorFlow and NumPy are loaded, to check a config or to list runs. So its
modules import them inside the forms of a metric, or stand apart (`predictions`, `ranks`,
`stacked_rows`) and are imported there.
"""
