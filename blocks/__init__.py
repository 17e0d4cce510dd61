"""How it looks: neutral cards built from records, their limits, and renderers to every surface; no I/O."""
