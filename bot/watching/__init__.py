"""Watched channels: what others write there, recorded, and the runs it starts."""
