"""Tests of agents/models."""
