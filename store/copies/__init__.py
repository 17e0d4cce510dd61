"""The whole record copied out of a database, or into an empty one; nothing else reads or writes it whole."""
