"""Tables that are larger than memory: read a column at a time into files of a cache."""
