"""Tests that what is written down, packaged and promised is true."""
