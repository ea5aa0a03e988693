"""A first config for a person's own table: what its profile says decides what the config says."""
