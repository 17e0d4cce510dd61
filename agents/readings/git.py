"""Reading a git repository without trusting it: nothing it configures is executed, nothing written or fetched."""

import re
import shutil
import subprocess
from datetime import datetime, timedelta
from os import defpath, devnull
from pathlib import Path

from agents.readings.port import COMMITS_SHOWN, Commit, RepositoryReading

TIMEOUT_SECONDS = 10
_MAX_OUTPUT_BYTES = 1_000_000
_ENVIRONMENT = {
    "PATH": defpath,
    "LC_ALL": "C",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": devnull,
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_PAGER": "cat",
}
"""Nothing of this process's own environment, so no GIT_DIR and no credentials reach git."""
_NEVER_EXECUTE = ("core.fsmonitor=false", f"core.hooksPath={devnull}", "log.showSignature=false", "core.pager=cat")
"""Settings by which a repository could make git start a program (git-config manual, checked 2026-11-21)."""
_FIELD, _END = "\x1f", "\x1e"
_LOG_FORMAT = f"--format=%H{_FIELD}%an{_FIELD}%cI{_FIELD}%s{_END}"
_FILTER = re.compile(r"^filter\.(.+)\.(?:clean|smudge|process|required)$")


class _Unreadable(Exception):
    """git said no; the message says why, for a person."""


def read_repository(folder: Path, since: datetime, at: datetime) -> RepositoryReading:
    """The repository `folder` lies in; what cannot be read is said in `cannot_see`, never raised."""
    git = shutil.which("git")
    if git is None:
        return RepositoryReading(at=at, is_repository=False, cannot_see=("git is not installed on this machine.",))
    try:
        return _read(_Git(git, folder), since, at)
    except _Unreadable as error:
        return RepositoryReading(at=at, is_repository=False, cannot_see=(str(error),))


def read_past_repository(folder: Path, since: datetime, at: datetime) -> RepositoryReading:
    """The repository as its present branch has it in its history: what was committed after `since` and by `at`."""
    git = shutil.which("git")
    if git is None:
        return RepositoryReading(at=at, is_repository=False, cannot_see=("git is not installed on this machine.",))
    try:
        return _read_past(_Git(git, folder), since, at)
    except _Unreadable as error:
        return RepositoryReading(at=at, is_repository=False, cannot_see=(str(error),))


def _read_past(git: "_Git", since: datetime, at: datetime) -> RepositoryReading:
    git.run("rev-parse", "--is-inside-work-tree")
    head = git.run_or_none("rev-list", "--max-count=1", f"--before={at.isoformat()}", "--abbrev-commit", "HEAD")
    count, commits = _committed(git, since, f"--before={at.isoformat()}") if head else (0, ())
    return RepositoryReading(
        at=at,
        is_repository=True,
        branch=git.run_or_none("symbolic-ref", "--quiet", "--short", "HEAD"),
        head=head or None,
        commit_count=count,
        commits=commits,
        cannot_see=("What was not committed then is not known.",),
    )


def _read(git: "_Git", since: datetime, at: datetime) -> RepositoryReading:
    git.run("rev-parse", "--is-inside-work-tree")
    head = git.run_or_none("rev-parse", "--short=12", "--verify", "--quiet", "HEAD")
    branch = git.run_or_none("symbolic-ref", "--quiet", "--short", "HEAD")
    count, commits = _committed(git, since) if head else (0, ())
    dirty, cannot_see = _dirty_count(git)
    return RepositoryReading(
        at=at,
        is_repository=True,
        branch=branch,
        head=head,
        commit_count=count,
        commits=commits,
        dirty_count=dirty,
        cannot_see=cannot_see,
    )


def _committed(git: "_Git", since: datetime, *until: str) -> tuple[int, tuple[Commit, ...]]:
    """How many commits came after `since`, and the latest of them. git counts whole seconds and includes the bound."""
    after = f"--since={(since.replace(microsecond=0) + timedelta(seconds=1)).isoformat()}"
    count = int(git.run("rev-list", "--count", after, *until, "HEAD"))
    text = git.run("log", "--no-show-signature", f"--max-count={COMMITS_SHOWN}", after, *until, _LOG_FORMAT, "HEAD")
    return count, tuple(_commit(line.strip("\n")) for line in text.split(_END) if line.strip("\n"))


def _commit(line: str) -> Commit:
    commit_id, author, at, subject = line.split(_FIELD, 3)
    return Commit(id=commit_id[:12], author=author, at=datetime.fromisoformat(at), subject=subject)


def _dirty_count(git: "_Git") -> tuple[int | None, tuple[str, ...]]:
    try:
        text = git.run(
            *_without_filters(git), "status", "--porcelain=v1", "-z", "--no-renames", "--ignore-submodules=all"
        )
    except _Unreadable as error:
        return None, (f"What is not committed: {error}",)
    return sum(1 for entry in text.split("\0") if entry), ()


def _without_filters(git: "_Git") -> list[str]:
    """Switches off every filter the repository names: `status` would otherwise start its programs."""
    names = (git.run_or_none("config", "--local", "--includes", "--name-only", "--list") or "").splitlines()
    filters = sorted({match.group(1) for name in names if (match := _FILTER.match(name))})
    settings = [f"filter.{one}.{key}" for one in filters for key in ("clean=", "smudge=", "process=", "required=false")]
    return [part for setting in settings for part in ("-c", setting)]


class _Git:
    """One repository's git, kept from executing anything."""

    def __init__(self, program: str, folder: Path) -> None:
        settings = [part for setting in _NEVER_EXECUTE for part in ("-c", setting)]
        self._command = [program, "--no-pager", "-C", str(folder), *settings]

    def run(self, *arguments: str) -> str:
        """What git prints, without the last line end. Raises _Unreadable when it fails, hangs or prints too much."""
        done = self._completed(arguments)
        if done.returncode != 0:
            raise _Unreadable(_said(done.stderr.decode("utf-8", "replace")))
        if len(done.stdout) > _MAX_OUTPUT_BYTES:
            raise _Unreadable("git printed more than can be read.")
        return done.stdout.decode("utf-8", "replace").rstrip("\n")

    def run_or_none(self, *arguments: str) -> str | None:
        """What git prints, or None when it has no answer."""
        try:
            return self.run(*arguments)
        except _Unreadable:
            return None

    def _completed(self, arguments: tuple[str, ...]) -> subprocess.CompletedProcess[bytes]:
        try:
            return subprocess.run(
                [*self._command, *arguments],
                capture_output=True,
                check=False,
                env=_ENVIRONMENT,
                stdin=subprocess.DEVNULL,
                timeout=TIMEOUT_SECONDS,
            )
        except subprocess.TimeoutExpired:
            raise _Unreadable(f"git did not answer within {TIMEOUT_SECONDS} s.") from None


def _said(error: str) -> str:
    if "not a git repository" in error:
        return "The folder is not in a git repository."
    if "dubious ownership" in error:
        return "git refuses to read the repository, because it belongs to another user of this machine."
    first = next((line for line in error.splitlines() if line.strip()), "it gave no reason")
    return f"git failed: {first.removeprefix('fatal: ')[:200]}"
