"""The protocols at /sparql."""
