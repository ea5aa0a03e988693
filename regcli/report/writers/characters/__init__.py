"""Pictures in characters: small plots, sparklines and bars for screens."""
