"""How it looks: neutral cards built from records, fitted to each surface's limits and drawn. No I/O, no chat SDK."""
