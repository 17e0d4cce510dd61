"""Telling somebody else that the team is alive, so that its silence is noticed."""
