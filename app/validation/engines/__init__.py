"""What runs shapes over a graph."""
