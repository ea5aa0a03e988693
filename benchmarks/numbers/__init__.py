"""Proof that a rebuilding moved no number.

    make same-numbers BASE=<commit>            # or a folder that holds another checkout
    make same-numbers BASE=<commit> CASES=path # only cases that have this in their names

trains a fixed list of small configs (`cases.py`) twice, in a checkout of BASE and in this one, by
the same interpreter, and compares every number that both tell, bit for bit: states, epochs,
metrics, sparsity, optimality and history as `runs show --json` gives them, every array of the
stored weights, and for some cases what the exported Keras model predicts. Runs are told by their
position in the grid, because ids may change. A line a case says `same`, or the first key that
differs with both values; numbers that only one side has are listed as added or removed and are no
difference. The exit code is 1 where something differs.

Each side is one process that knows the command line alone (`measure.py`), so both are asked the
same way whatever the code between looks like. A difference in the last digit counts: the order of
a sum has changed then. Where that is wanted, say so in the commit, with the largest difference.

Both sides train at once, on one machine: digits of two processors do not compare.
"""
