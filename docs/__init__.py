"""What is written for people, and what keeps it true."""
