"""Queries in processes that can be killed. Knows no HTTP."""
