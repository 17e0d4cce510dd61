"""Routines that come with Quarterdeck. A workspace names one as `builtin:watch-csv` and needs no file for it.

Each is written as a workspace's own routine would be: it has `ctx` and nothing else.
"""
