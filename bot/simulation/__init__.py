"""A team on simulated time: its clock, its people, its copy of the files."""
