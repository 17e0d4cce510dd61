"""Cards on surfaces: pure functions from a card to a dictionary or a string. Each fits the card to its surface itself."""
