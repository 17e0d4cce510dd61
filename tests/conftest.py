"""What every test gets: files in memory, the guards against sockets and left-over threads, databases of both kinds."""

from hypothesis import HealthCheck, settings

pytest_plugins = ["tests.memory", "tests.databases", "tests.guards"]

# How fast the machine is at the moment is no part of any property.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")
