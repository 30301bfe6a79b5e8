"""The address at which this server is reached."""

from starlette.types import Scope

from app.settings import Settings

SAFE = "/:@!$&'()*+,;=-._~"
"""What stands in the path of an address as it is (RFC 3986, 3.3)."""


def public_url(settings: Settings, scope: Scope) -> str:
    """Return where this server is reached: as it was told, else the address it listens on.

    Never the Host header: a client must not choose what others read.
    """
    if settings.public_url:
        return settings.public_url
    host, port = scope.get("server") or ("localhost", None)
    name = f"[{host}]" if ":" in host else host
    return f"{scope.get('scheme', 'http')}://{name}{f':{port}' if port else ''}/"
