"""Where a team's figures come from: exports and logs in files, read as tables, asked in SQL."""
