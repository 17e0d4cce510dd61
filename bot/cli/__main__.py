"""`python -m bot.cli`: the command line without the console script."""

from bot.cli.app import main

main()
