"""Settings: the command line wins over the environment, the environment over the defaults."""

from typing import Annotated

from pydantic import AfterValidator, ByteSize, Field, HttpUrl, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from app.errors import Fault
from app.namespaces import BASE

_HTTP = "http://", "https://"


def _base(value: str) -> str:
    if not value.startswith(_HTTP) or not value.endswith("/"):
        raise ValueError("must be an http or https address that ends with /")
    HttpUrl(value)
    return value


class Settings(BaseSettings):
    """Each field is read from `DIALOGUE_` and its name in capitals.

    Times are in seconds, sizes in bytes (written `1 GiB`, `256 KB` or as a number).
    """

    model_config = SettingsConfigDict(env_prefix="DIALOGUE_", extra="ignore", frozen=True)

    base: Annotated[str, AfterValidator(_base)] = BASE
    public_url: Annotated[str, AfterValidator(_base)] | None = None
    workers: Annotated[int, Field(ge=1, le=64)] = 2
    slow_workers: Annotated[int, Field(ge=1, le=64)] = 2
    query_seconds: Annotated[float, Field(gt=0, le=60)] = 10
    worker_memory: Annotated[ByteSize, Field(ge=64 * 2**20)] = ByteSize(2**30)
    cache_memory: Annotated[ByteSize, Field(ge=0)] = ByteSize(256 * 2**20)
    max_query: Annotated[ByteSize, Field(ge=1)] = ByteSize(256_000)
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
