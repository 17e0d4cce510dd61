"""What looks like a secret is refused wherever it stands, and no output ever shows it."""

from pathlib import Path

import pytest

from bot.workspace import check_workspace
from bot.workspace.secret_scan import secret_kind
from tests.bot.workspace.world import TEAM, TOOLS, make_workspace

SECRETS = [
    "xoxb-1234567890-abcdefghij",
    "xapp-1-A012-345-abcdef",
    "sk-proj-abcdefghij0123456789",
    "sk-ant-api03-abcdefghij",
    "sk_live_abcdefghij012345",
    "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    "ghp_abcdefghijklmnopqrst",
    "github_pat_abcdefghij0123456789",
    "glpat-abcdefghij0123",
    "AKIAABCDEFGHIJKLMNOP",
    "AIzaSyabcdefghij0123456789klmn",
    "hf_abcdefghij0123456789",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abc",
    "-----BEGIN RSA PRIVATE KEY-----",
    "postgresql://user:hunter2@db.example/team",
    "https://hooks.slack.com/services/T000/B000/abcdef",
]
PLACES = [
    ("purpose: Watches the machine.", 'purpose: "{}"'),
    ("older_than_days: 30", 'token: "{}"'),
    ("older_than_days: 30", '"{}": 30'),
    ("key_env: OPENAI_API_KEY", 'key_env: "{}"'),
    ("id: openai/gpt-5-mini", 'id: "{}"'),
    ("args.count: {gt: 100}", 'args.folder: {{in: ["{}"]}}'),
    ("  ann:\n", '  "{}":\n'),
    ("starter: ask-for-writes", 'starter: "{}"'),
    ("every: 10m", 'every: 10m, input: {{key: "{}"}}'),
]


@pytest.mark.parametrize(("old", "new"), PLACES)
@pytest.mark.parametrize("secret", SECRETS)
def test_a_secret_is_refused_and_never_printed(tmp_path: Path, secret: str, old: str, new: str) -> None:
    text = TEAM.replace(old, new.format(secret), 1)
    assert secret in text
    problems = check_workspace(make_workspace(tmp_path, text), known_tools=TOOLS)
    assert any("this looks like" in str(problem) for problem in problems)
    assert not [problem for problem in problems if secret[-8:] in repr(problem) or secret in str(problem)]


def test_a_secret_is_the_only_problem_of_its_place(tmp_path: Path) -> None:
    text = TEAM.replace("OPENAI_API_KEY", "sk-abcdefghij0123456789")
    problems = check_workspace(make_workspace(tmp_path, text), known_tools=TOOLS)
    assert [str(problem) for problem in problems] == [
        (
            "team.yaml:42:14 models.small.key_env: this looks like a provider key; "
            "allowed: the NAME of an environment variable that holds it"
        )
    ]


@pytest.mark.parametrize(
    "text", ["task-force", "risk-assessment-2026", "desk-12345678", "http://host:8000/path", "ask-for-writes"]
)
def test_ordinary_words_are_not_taken_for_secrets(text: str) -> None:
    assert secret_kind(text) is None
