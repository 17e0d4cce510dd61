"""Taking up an edited workspace while the team runs, without losing a run that waits."""
