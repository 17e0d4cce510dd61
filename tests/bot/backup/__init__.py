"""Backups, made and put in place by the real program."""
