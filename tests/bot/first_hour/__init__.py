"""The first hour: init, audition, hire, and a workspace that is edited while it runs."""
