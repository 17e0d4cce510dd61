"""Knowing of Slack costs nothing: its SDK loads when the surface starts."""

import subprocess
import sys

HEAVY = ("slack_bolt", "slack_sdk", "vl_convert")


def test_importing_the_surface_loads_no_sdk() -> None:
    program = f"import sys, bot.surfaces.slack; print([name for name in {HEAVY!r} if name in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
