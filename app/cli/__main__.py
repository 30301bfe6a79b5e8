"""`python -m app.cli`: the command, where it is not installed."""

from app.cli.main import main

main()
