"""What is installed is what is locked, what is shipped is what is here, and every room comes from one place."""

import importlib.util
import itertools
import os
import re
import shutil
import site
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest

from bot.process import STOP_SECONDS

PROJECT = Path(__file__).parents[2]
ROOMS = ("agents", "blocks", "bot", "scheduler", "store")
LOCKS = ("requirements.lock", "requirements-dev.lock", "requirements-bench.lock")
NOT_ROOMS = {"benchmarks", "docs", "examples", "tests"}
HEAVY = ("discord", "duckdb", "litellm", "mcp", "slack_bolt", "slack_sdk", "vl_convert")
KNOWN_PTH = {
    "_quarterdeck.pth",  # the editable install of this project
    "_virtualenv.pth",  # an environment made by uv or virtualenv
    "distutils-precedence.pth",  # setuptools, in environments of Python 3.11
}


def project() -> dict[str, Any]:
    """The parsed pyproject.toml."""
    return tomllib.loads((PROJECT / "pyproject.toml").read_text())


def canonical(requirement: str) -> str:
    """The normalised name at the start of a requirement."""
    return re.sub(r"[-_.]+", "-", re.split(r"[<>=\[ ;]", requirement)[0]).lower()


def pins(lock: str) -> dict[str, str]:
    """Name to exact version of everything a lock pins."""
    text = (PROJECT / lock).read_text()
    return dict(re.findall(r"^([a-z0-9-]+)(?:\[[^]]+\])?==([^ ;\\]+)", text, flags=re.MULTILINE))


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_is_exact_and_hashed(lock: str) -> None:
    text = re.sub(r"^\s*#.*\n", "", (PROJECT / lock).read_text(), flags=re.MULTILINE)
    entries = text.replace("\\\n", " ").splitlines()
    loose = [
        line for line in entries if not re.fullmatch(r"\S+==\S+( ; [^#]+?)?(\s+--hash=sha256:[0-9a-f]{64})+", line)
    ]
    assert entries
    assert loose == []


@pytest.mark.parametrize("path", [*LOCKS, "pyproject.toml", "Makefile", "Dockerfile", ".ci/run"])
def test_no_file_says_where_packages_come_from(path: str) -> None:
    text = (PROJECT / path).read_text().replace("--no-index", "").replace("--no-emit-index-url", "")
    text = text.replace("--no-emit-find-links", "")
    assert re.findall(r"https?://|file://|index-url|--index|--find-links|trusted-host", text) == []


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_says_how_it_is_made(lock: str) -> None:
    assert "#    make lock\n" in (PROJECT / lock).read_text()


def test_each_lock_contains_the_smaller_one_unchanged() -> None:
    for smaller, larger in itertools.pairwise(LOCKS):
        assert pins(smaller).items() <= pins(larger).items()


def test_everything_pyproject_asks_for_is_locked() -> None:
    groups = project()["dependency-groups"]
    runtime = project()["project"]["dependencies"] + groups["build"]
    assert {canonical(line) for line in runtime} <= pins(LOCKS[0]).keys()
    assert {canonical(line) for line in groups["dev"]} <= pins(LOCKS[1]).keys()
    assert {canonical(line) for line in groups["bench"]} <= pins(LOCKS[2]).keys()


def test_the_package_list_is_the_folders() -> None:
    folders = {path.parent.name for path in PROJECT.glob("*/__init__.py")} - NOT_ROOMS
    assert folders == set(ROOMS)
    assert project()["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"] == sorted(ROOMS)
    assert project()["tool"]["importlinter"]["root_packages"] == sorted(ROOMS)


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_is_typed_and_says_what_it_is(room: str) -> None:
    assert (PROJECT / room / "py.typed").is_file()
    assert (PROJECT / room / "__init__.py").read_text().startswith('"""')


def test_all_rooms_come_from_one_folder() -> None:
    found = {room: importlib.util.find_spec(room) for room in ROOMS}
    roots = {Path(spec.origin).parents[1] for spec in found.values() if spec and spec.origin}
    assert roots == {PROJECT}


def test_no_folder_inside_a_room_is_named_like_a_room() -> None:
    inside = [path for room in ROOMS for path in (PROJECT / room).rglob("*") if path.is_dir() and path.name in ROOMS]
    assert inside == []


def test_every_folder_of_tests_is_a_package() -> None:
    folders = {path.parent for path in (PROJECT / "tests").rglob("*.py")}
    assert [folder for folder in folders if not (folder / "__init__.py").exists()] == []


def test_nothing_unknown_runs_at_interpreter_start() -> None:
    folders = {Path(folder) for folder in site.getsitepackages()}
    found = {path.name for folder in folders for path in folder.glob("*.pth")}
    assert found <= KNOWN_PTH
    assert {
        name for folder in folders for name in ("sitecustomize.py", "usercustomize.py") if (folder / name).exists()
    } == set()


def test_the_wheel_holds_the_rooms_whole_and_nothing_else(tmp_path: Path) -> None:
    for name in (*ROOMS, "pyproject.toml", "LICENSE"):
        _copy(PROJECT / name, tmp_path / name)
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path / "dist")]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    (wheel,) = (tmp_path / "dist").iterdir()
    shipped = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    expected = {
        str(path.relative_to(tmp_path)) for room in ROOMS for path in (tmp_path / room).rglob("*") if path.is_file()
    }
    assert shipped == expected


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copy(source, target)


def test_a_resolution_with_another_package_named_agents_is_refused_by_the_constraints() -> None:
    constrained = {canonical(line) for line in project()["tool"]["uv"]["constraint-dependencies"]}
    assert constrained == {"agents", "openai-agents", "scheduler", "store"}
    assert not constrained & pins("requirements-bench.lock").keys()


def test_the_command_line_starts_without_the_heavy_modules() -> None:
    script = f"import bot.cli.app, sys; print(*[name for name in {HEAVY!r} if name in sys.modules])"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, cwd=PROJECT)
    assert (run.stdout.split(), run.stderr, run.returncode) == ([], "", 0)


def test_the_image_is_not_root_is_hashed_and_is_watched() -> None:
    text = (PROJECT / "Dockerfile").read_text()
    assert re.search(r"^USER [1-9]\d*$", text, flags=re.MULTILINE)
    assert "--require-hashes" in text
    assert '\nENTRYPOINT ["tini", "--", "quarterdeck"]\n' in text
    assert re.search(r'^HEALTHCHECK .*CMD \["quarterdeck", "doctor", "--health"\]$', text, flags=re.MULTILINE)


def test_the_page_about_the_image_is_true() -> None:
    image, page = (PROJECT / "Dockerfile").read_text(), (PROJECT / "docs/container.md").read_text()
    for instruction, said in (
        ("USER 10001", "| user | 10001"),
        ("VOLUME /data", "| `/data` |"),
        ("EXPOSE 8765", "8765"),
    ):
        assert f"\n{instruction}\n" in image
        assert said in page
    given = {int(seconds) for seconds in re.findall(r"--stop-timeout (\d+)", page)}
    assert given
    assert min(given) >= STOP_SECONDS + 10
    assert f"{STOP_SECONDS:.0f} seconds to finish" in page


def test_make_help_lists_every_target() -> None:
    make = shutil.which("make")
    if make is None:
        pytest.skip("make is not installed")
    output = subprocess.run(
        [make, "help"], cwd=PROJECT, capture_output=True, text=True, check=True, env=_clean()
    ).stdout
    assert set(re.findall(r"make ([a-z-]+)", output)) == targets()


def test_the_readme_names_every_target() -> None:
    readme = PROJECT / "README.md"
    assert readme.exists()
    assert {target for target in targets() if f"make {target}" not in readme.read_text()} == set()


def targets() -> set[str]:
    """The targets that the Makefile declares as phony."""
    (line,) = re.findall(r"^\.PHONY: (.*)$", (PROJECT / "Makefile").read_text(), flags=re.MULTILINE)
    return set(line.split())


def _clean() -> dict[str, str]:
    """Without what a surrounding make passes down."""
    return {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
