"""When work is due and that it was done: the clock, the due plan and the durable engine; never what the work is."""
