"""Hiring: from a candidate, through an audition on past data, to one more agent in the workspace."""
