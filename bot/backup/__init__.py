"""The record and its files in one archive, and back: nothing secret is in it."""
