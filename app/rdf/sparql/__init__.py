"""SPARQL as text: its tokens, and the terms and paths that they make."""
