"""Whether results are good enough: checks, and an earlier sweep beside this one."""
