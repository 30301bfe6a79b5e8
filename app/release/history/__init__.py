"""A release among others: its version, what changed since the one before, the way from it."""
