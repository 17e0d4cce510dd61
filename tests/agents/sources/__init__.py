"""What is read of exports and logs, and what is not."""
