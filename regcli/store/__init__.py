"""Where runs are kept: one SQLite database, and a folder of files for each run that has any."""
