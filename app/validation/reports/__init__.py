"""Findings as text for people, and as the formats that tools read."""
