"""Topics in a workspace: one writer each, their words in a file or in context/, inherited along the nodes."""

from pathlib import Path

import pytest

from agents.roster import Team
from bot.knowledge import install_topics
from bot.workspace import check_workspace, load_workspace
from store.actions import Store
from store.database import Database
from store.kernel.clock import ManualClock
from store.migrate import migrate
from store.queries.topics import topic, versions
from tests.bot.workspace.world import TEAM, TOOLS, make_workspace
from tests.store.conftest import START, Queue

TOPICS = """
topics:
  company: {writer: notes, node: company, about: What holds for all of us.}
  site: {writer: watch, readers: [notes], file: words/site.txt}
  plain: {writer: notes}
"""


def workspace(folder: Path, topics: str = TOPICS) -> Path:
    team = TEAM.replace(
        "    purpose: Watches the machine.\n", "    purpose: Watches the machine.\n    node: company/web\n"
    )
    root = make_workspace(folder, team + topics)
    (root / "context").mkdir()
    (root / "context" / "company.md").write_text("We sell lamps.\n")
    (root / "words").mkdir()
    (root / "words" / "site.txt").write_text("One server.")
    return root


def loaded(folder: Path) -> Team:
    return load_workspace(workspace(folder), known_tools=TOOLS)


def said(folder: Path, topics: str) -> list[str]:
    return [str(problem) for problem in check_workspace(workspace(folder, topics), known_tools=TOOLS)]


def test_topics_know_their_words_and_who_reads_them(tmp_path: Path) -> None:
    team = loaded(tmp_path)
    assert {name: one.text for name, one in team.topics.items()} == {
        "company": "We sell lamps.",
        "site": "One server.",
        "plain": None,
    }
    assert [one.name for one in team.topics_inherited_by("watch")] == ["company"]
    assert [one.name for one in team.topics_read_by("watch")] == ["company", "site"]
    assert [one.name for one in team.topics_read_by("notes")] == ["company", "plain", "site"]
    assert team.topics_read_by("nobody") == ()


@pytest.mark.parametrize(
    ("node", "inherits"),
    [("company", True), ("company/web/shop", True), ("companyx", False), ("other", False), (None, False)],
)
def test_a_node_inherits_from_itself_and_from_above(tmp_path: Path, node: str | None, inherits: bool) -> None:
    assert loaded(tmp_path).topics["company"].is_inherited_at(node) is inherits


@pytest.mark.parametrize(
    ("topics", "problem"),
    [
        ("topics:\n  site: {writer: wach}\n", 'unknown agent "wach"; allowed: watch, notes; did you mean "watch"?'),
        ("topics:\n  site: {readers: [watch]}\n", 'missing key "writer"'),
        ("topics:\n  site: {writer: watch, readers: [watch, watch]}\n", "listed twice"),
        ("topics:\n  site: {writer: watch, node: Company}\n", "a place in the organisation"),
        ("topics:\n  site: {writer: watch, file: words/sight.txt}\n", 'did you mean "words/site.txt"'),
        (
            "topics:\n  compani: {writer: watch}\n",
            "warning: no topic reads this file; allowed: a topic of its name; did",
        ),
    ],
)
def test_what_cannot_be_is_said_with_its_place(tmp_path: Path, topics: str, problem: str) -> None:
    assert any(problem in line for line in said(tmp_path, topics)), said(tmp_path / "again", topics)


def test_words_too_long_for_a_topic_are_refused_where_they_stand(tmp_path: Path) -> None:
    root = workspace(tmp_path)
    (root / "context" / "company.md").write_bytes(b"x" * 12_001)
    [problem] = check_workspace(root, known_tools=TOOLS)
    assert str(problem) == "context/company.md:1:1: the file has 12001 bytes; allowed: 1 to 12000 bytes of text"


def test_the_words_of_the_workspace_are_put_on_record_when_they_changed(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'record.db'}")
    migrate(database)
    store = Store(database, ManualClock(START), Queue())
    team = loaded(tmp_path / "team")
    install_topics(store, team)
    install_topics(store, team)
    assert [len(versions(store, name)) for name in team.topics] == [1, 1, 0]
    kept = topic(store, "company")
    assert kept is not None
    assert (kept.text, kept.written_by.id) == ("We sell lamps.", "quarterdeck")
    database.close()
