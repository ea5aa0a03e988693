"""Training many members at once: ordinary Keras models, stacked along a leading axis.

Weights are stored flat, (members, n): updates run over long rows, every scalar that may differ
between members is a column (members, 1), and one Keras optimizer over the stack is one optimizer a
member. An epoch is one compiled program; strengths, rates and seeds are its inputs, so that one
program serves a whole grid.
"""
