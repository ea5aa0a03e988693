"""Data sets that have a name: those that come with regcli, and those that other packages keep."""
