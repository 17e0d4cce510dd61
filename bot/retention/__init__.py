"""Forgetting what is old enough: every night, in small steps, never anything that is open."""
