"""Pages for people, and the same as JSON: one module, one page with its routes."""
