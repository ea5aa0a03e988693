"""Which setting to use, and how sure the data lets us be."""
