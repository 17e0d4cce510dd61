"""View models: what each page says, computed from records and nothing else. Templates only lay it out."""
