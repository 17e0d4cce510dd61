"""Home pages: one person's view of the fleet, kept true while they look at it."""
