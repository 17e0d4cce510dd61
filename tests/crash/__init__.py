"""Stop at each named point, restart, and assert every effect happened once."""
