"""Pages: what a whole report of stored runs says, section by section."""
