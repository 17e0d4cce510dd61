"""Recorded input in; cards, rows and audit out."""
