"""Trouble from outside that comes and goes: a disk that is full or read-only, a database that another program holds."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

FILLER = "filler"
CHUNK = b"\0" * 4096


@contextmanager
def small_disk(folder: Path, size_mb: int) -> Iterator[Path]:
    """A disk of its own at `folder`; skips the test where this account may not mount one."""
    folder.mkdir()
    mount = shutil.which("mount")
    if mount is None or os.geteuid() != 0 or not _ran(mount, "-t", "tmpfs", "-o", f"size={size_mb}m", "tmpfs", folder):
        pytest.skip("a disk that can be filled needs the right to mount one")
    try:
        yield folder
    finally:
        assert _ran("umount", "--lazy", folder)


@contextmanager
def full(disk: Path) -> Iterator[None]:
    """Nothing more fits on the disk."""
    with (disk / FILLER).open("wb", buffering=0) as filler:
        try:
            while filler.write(CHUNK):
                pass
        except OSError:
            pass
    try:
        yield
    finally:
        (disk / FILLER).unlink()


@contextmanager
def read_only(disk: Path) -> Iterator[None]:
    """Nothing can be written on the disk."""
    assert _ran("mount", "-o", "remount,ro", disk)
    try:
        yield
    finally:
        assert _ran("mount", "-o", "remount,rw", disk)


@contextmanager
def held(database: Path) -> Iterator[None]:
    """Another program holds the database's write lock."""
    connection = sqlite3.connect(database, isolation_level=None)
    try:
        connection.execute("BEGIN IMMEDIATE")
        yield
    finally:
        connection.close()


def _ran(*command: object) -> bool:
    return subprocess.run([str(part) for part in command], capture_output=True, check=False).returncode == 0
