"""The command `dialogue`, which knows its commands by name and loads the one that is called."""

import importlib

import click

from app import __version__
from app.cli.command import Command

COMMANDS = ("build", "check", "diff", "format", "init", "new", "query", "serve")


class Commands(Command):
    """The commands, each in the module of its name: none is loaded before it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands."""
        return [*COMMANDS]

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """Return a command by its name, None for another name."""
        if name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"app.cli.{name}").command
        return command


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="dialogue")
def main() -> None:
    """Publish how states cooperate: a graph in which every fact shows the words that say it.

    Example: dialogue serve
    """
