"""Settings: the command line wins over the environment, the environment over the defaults."""

import os
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, ByteSize, Field, HttpUrl, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from app.errors import Fault
from app.namespaces import BASE

Network = IPv4Network | IPv6Network
_HTTP = "http://", "https://"


def networks(text: str) -> tuple[Network, ...]:
    """Return the networks that a list names, separated by commas; an address is one of its own.

    Raises ValueError.
    """
    return tuple(ip_network(part.strip()) for part in text.split(",") if part.strip())


def _networks(value: object) -> object:
    return networks(value) if isinstance(value, str) else value


# A list of addresses and networks, as text or taken apart.
Networks = Annotated[tuple[Network, ...], NoDecode, BeforeValidator(_networks)]


def _base(value: str) -> str:
    if not value.startswith(_HTTP) or not value.endswith("/"):
        raise ValueError("must be an http or https address that ends with /")
    HttpUrl(value)
    return value


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Settings(BaseSettings):
    """Each field is read from `DIALOGUE_` and its name in capitals.

    Times are in seconds, sizes in bytes (written `1 GiB`, `256 KB` or as a number).
    """

    model_config = SettingsConfigDict(env_prefix="DIALOGUE_", extra="ignore", frozen=True)

    base: Annotated[str, AfterValidator(_base)] = BASE
    public_url: Annotated[str, AfterValidator(_base)] | None = None
    # One more than there are cores, so that one may wait for its reader.
    workers: Annotated[int, Field(ge=1, le=64, default_factory=lambda: min(_cores() + 1, 64))]
    slow_workers: Annotated[int, Field(ge=1, le=64)] = 1
    # Older releases that may be open at once, and how long one stays so that nobody asks.
    open_versions: Annotated[int, Field(ge=0, le=64)] = 2
    version_seconds: Annotated[float, Field(gt=0)] = 300
    query_seconds: Annotated[float, Field(gt=0, le=60)] = 10
    store: Literal["auto", "memory", "disk"] = "auto"
    worker_memory: Annotated[ByteSize, Field(ge=64 * 2**20)] = ByteSize(2**30)
    cache_dir: Path | None = None
    cache_disk: Annotated[ByteSize, Field(ge=0)] = ByteSize(4 * 2**30)
    cache_memory: Annotated[ByteSize, Field(ge=0)] = ByteSize(256 * 2**20)
    min_rate: Annotated[ByteSize, Field(ge=1)] = ByteSize(4 * 1024)
    spool: Annotated[ByteSize, Field(ge=0)] = ByteSize(2**30)
    client_connections: Annotated[int, Field(ge=1)] = 64
    trusted_proxies: Networks = ()
    max_query: Annotated[ByteSize, Field(ge=1)] = ByteSize(256_000)
    log: Literal["text", "json"] | None = None
    log_requests: Literal["none", "ran", "all"] = "ran"
    metrics_from: Networks = networks("127.0.0.0/8, ::1")
    max_rows: Annotated[int, Field(ge=1)] | None = None


def load(**chosen: object) -> Settings:
    """Return the settings, those in `chosen` first (a value of None counts as absent).

    Raises Fault, in one line, for a setting that is wrong.
    """
    try:
        return Settings(**{k: v for k, v in chosen.items() if v is not None})  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors()[0]
        name = "_".join(str(part) for part in first["loc"]).upper()
        raise Fault(f"DIALOGUE_{name}: {first['msg']} (got {first['input']!r})") from None
