"""Readings of the machine and its repository behind one port: taken live, or replayed from a recording."""
