"""Hiring: candidates, auditions, and the change of the workspace that follows."""
