"""What a person types: one module a command group; each command parses, calls and renders."""
