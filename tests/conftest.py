"""What every test gets: the guards against sockets and left-over threads, and databases of both kinds."""

pytest_plugins = ["tests.databases", "tests.guards"]
