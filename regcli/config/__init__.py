"""What a config says: schema, YAML with line numbers, grid syntax, the plan of a sweep."""
