"""Reads. Each answers one question in one read transaction; none changes anything."""
