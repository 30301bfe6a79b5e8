"""Who asks: the queries of one client share its places in the engine, and its strikes.

The server says it for each request, before anything is asked on its behalf; what the program asks
for itself has no client.
"""

from contextvars import ContextVar

CLIENT: ContextVar[str] = ContextVar("client", default="")
