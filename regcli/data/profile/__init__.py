"""What a table holds, looked at before anything is read for training: kinds, gaps, leaks, traps.

Nothing here is fitted or stored. Importing its modules imports polars.
"""
