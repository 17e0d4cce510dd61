"""Quarterdeck measured beside bare alternatives: `python -m benchmarks` runs all, `python -m benchmarks NAME` one.

Each benchmark is one file with `FULL` and `TINY` sizes and `run(size) -> Report`. Contenders of one comparison run in
fresh processes with the same database settings and take turns round by round, so that what else the machine does falls
on all of them alike.
"""
