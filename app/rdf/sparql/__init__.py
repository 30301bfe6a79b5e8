"""SPARQL as text: its tokens."""
