"""The part of Block Kit that we understand, as strict shapes: an unknown type, key or value is an error.

https://docs.slack.dev/reference/block-kit and https://docs.slack.dev/reference/views, checked 2026-11-21.
"""
