"""From record to message: cards built, posted once on each surface, edited in place, and the channels they go to."""
