"""From a file's bytes to typed rows, with every row that could not be read counted and every trouble said in words."""
