"""Where stored runs go: one file for each kind of file, folder or tracking store."""
