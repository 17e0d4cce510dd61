"""Counterparts of Slack for tests: its emulator with what it lacks added in front, and a fake that fails on purpose."""
