"""Minds: what thinks in a session. A routine is code, a model is a loop; both act only through tools."""
