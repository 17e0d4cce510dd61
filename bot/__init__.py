"""The process: command line, settings, surfaces, and the only place where the rooms are wired together."""
