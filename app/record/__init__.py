"""The record in its folders, and what follows from what is written there."""
