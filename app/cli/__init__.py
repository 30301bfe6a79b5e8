"""The command line: a module, a command."""

from app.cli.main import main

__all__ = ["main"]
