"""Dialogue: a knowledge graph in which every fact shows the words that say it.

The surface for use from Python; `app/README.md` is the map of what lies behind it.

>>> from datetime import date
>>> from pathlib import Path
>>> from app import build, check, read_record
>>> record = read_record(Path("tests/sample"))
>>> findings = check(record, as_of=date(2026, 11, 24))
>>> print(findings[0].places[0], findings[0].detail)
tests/sample/data/dataset.ttl:1:9 “dcterms:” is not declared by the dataset.
>>> built = build(record, Path("build/example"), as_of=date(2026, 11, 24))
>>> built.dataset
'https://w3id.org/dialogue/dataset'
>>> import asyncio
>>> from app import open_engine
>>> async def ask() -> None:
...     async with open_engine(Path("build/example")) as engine:
...         rows = await engine.select("SELECT ?c { ?c a dlg:Conference } ORDER BY ?c LIMIT 1")
...         print(rows[0]["c"])
>>> asyncio.run(ask())
<https://w3id.org/dialogue/id/conference/cimo-15>
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from app.engine.engine import Engine, open_engine
    from app.errors import Fault, ParseFault, Rejected
    from app.manifest import Release
    from app.record.record import Record, read_record
    from app.release.build import build
    from app.validation.check import check, validate
    from app.validation.findings import Finding, Severity

__version__ = "0.1.0"
__all__ = [
    "Engine",
    "Fault",
    "Finding",
    "ParseFault",
    "Record",
    "Rejected",
    "Release",
    "Severity",
    "__version__",
    "build",
    "check",
    "open_engine",
    "read_record",
    "validate",
]

# By need (PEP 562): whoever asks a release need not load what validates one.
_HOMES = {
    "Engine": "app.engine.engine",
    "Fault": "app.errors",
    "Finding": "app.validation.findings",
    "ParseFault": "app.errors",
    "Record": "app.record.record",
    "Rejected": "app.errors",
    "Release": "app.manifest",
    "Severity": "app.validation.findings",
    "build": "app.release.build",
    "check": "app.validation.check",
    "open_engine": "app.engine.engine",
    "read_record": "app.record.record",
    "validate": "app.validation.check",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
