"""The first hour: from a few questions, or none, to a team that runs; and what happens when its file changes."""
