"""How results are shown: tables, documents, progress. Nothing here computes a result."""
