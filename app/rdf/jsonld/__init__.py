"""JSON-LD: its text with the place of everything, contexts from files, and what its spots mean."""
