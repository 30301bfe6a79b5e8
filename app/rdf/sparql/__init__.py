"""SPARQL as text: its tokens, and the terms and property paths that they make."""
