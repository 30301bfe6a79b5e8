"""The front: connections, the heads and bodies of requests, and the server that takes them."""
