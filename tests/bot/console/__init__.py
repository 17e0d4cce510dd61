"""The console: its pages, its guards and its behaviour in a real browser."""
