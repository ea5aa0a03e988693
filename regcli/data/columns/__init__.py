"""What the columns of a file hold: kinds, gaps, roles, and what is refused."""
