"""What we ask of a released graph. Knows no HTML."""
