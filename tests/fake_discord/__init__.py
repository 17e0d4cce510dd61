"""A small Discord of our own: REST, gateway and files over loopback, for the unmodified client; it fails on purpose."""
