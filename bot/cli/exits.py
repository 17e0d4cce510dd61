"""What the process's exit code says."""

DONE = 0
BUG = 1
"""Something failed that nobody expected; the log has it."""
MISTAKE = 2
"""Something a person can put right; the one line on standard error says what."""
BROKEN_AUDIT = 3
"""The audit trail does not hold."""
NOT_RUNNING = 4
"""The command needs a running team, and none answers."""
UNREACHABLE = 5
"""Something outside, like Slack, could not be reached or did not answer; trying again later may do."""
NOT_PASSED = 6
"""What was checked does not pass; what was printed says why."""
INTERRUPTED = 130
"""Stopped from the keyboard before it was done: 128 and the number of SIGINT, as shells count."""
