"""Which rows train, validate and test: by chance, class, group, time, fold or file."""
