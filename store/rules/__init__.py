"""Rules that must hold inside a transaction, as pure functions: actions apply them, nobody else may."""
