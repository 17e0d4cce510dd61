"""The dead-man ping, against a real monitor."""
