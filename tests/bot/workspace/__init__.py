"""Tests of the workspace loader."""
