"""Property tests: money, lifecycles, fit, audit chain, tokens."""
