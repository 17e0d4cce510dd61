"""Durable execution of segments behind one port: DBOS for the wall clock, an in-process one for simulated time."""
