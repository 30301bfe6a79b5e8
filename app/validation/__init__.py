"""From a graph and shapes to findings with places."""
