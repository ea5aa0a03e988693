"""What a notebook calls: parse, call, give back."""
