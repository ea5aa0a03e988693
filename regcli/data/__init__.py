"""Arrays to train on: where rows come from, how they are split, how columns are scaled.

Two doors, in the order they are used:

- `regcli.data.sources.load_table(config.dataset, base)` reads every row into a `Table`;
- `regcli.data.splits.split(table, config.dataset)` adds noise columns, splits and scales.

On the way a file is read (`files`), its columns are told apart (`columns`, `target`), rows are
dealt to parts (`parts`), and columns become inputs (`preparing`). `profile` looks at a table for a
person.

This file imports nothing, so that naming the room costs nothing; scikit-learn and polars are loaded
only by the data sets that need them.
"""
