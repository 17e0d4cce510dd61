"""Knowing of Discord costs nothing: discord.py loads when the surface starts."""

import subprocess
import sys

HEAVY = ("discord", "vl_convert")


def test_importing_the_surface_loads_no_library() -> None:
    program = f"import sys, bot.surfaces.discord; print([name for name in {HEAVY!r} if name in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
