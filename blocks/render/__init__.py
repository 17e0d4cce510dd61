"""Cards on surfaces: pure functions from a card to a dictionary or a string, each within its surface's limits."""
