"""The truth: frozen records, pure rules, the only writes (actions) and the reads (queries) of every room."""
