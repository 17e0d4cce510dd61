"""What the answers mean, and what is said to those that mean nothing."""

from pathlib import Path

import pytest

from bot.first_hour.choices import Rhythm, Talk, Watched, id_of, people_of, policy_of, talk_of, watched_of, when_of
from store.kernel.errors import UserMistake


@pytest.mark.parametrize(
    ("answer", "cron"),
    [
        ("08:00", "0 8 * * *"),
        ("8am", "0 8 * * *"),
        ("12am", "0 0 * * *"),
        ("5:30 pm", "30 17 * * *"),
        ("at 7", "0 7 * * *"),
        ("every day at 07:15", "15 7 * * *"),
        ("weekdays 9:00", "0 9 * * 1-5"),
        ("*/5 6 * * mon", "*/5 6 * * mon"),
    ],
)
def test_a_time_of_day_is_when_the_digest_comes(answer: str, cron: str) -> None:
    assert when_of(answer, "csv") == Rhythm(None, cron)
    assert when_of(answer, "machine") == Rhythm("10m", cron)


@pytest.mark.parametrize(("answer", "every"), [("every 10m", "10m"), ("2 hours", "2h"), ("every 1 day", "1d")])
def test_an_interval_is_how_often_it_looks_beside_a_digest_at_eight(answer: str, every: str) -> None:
    assert when_of(answer, "git") == Rhythm(every, "0 8 * * *")


@pytest.mark.parametrize("answer", ["25:00", "8", "soon", "every 0m", "every 400d", "1 2 3", "61 8 * * *", "08:99"])
def test_what_is_no_time_is_said_to_be_none(answer: str) -> None:
    with pytest.raises(UserMistake):
        when_of(answer, "csv")


def test_what_is_watched_follows_from_how_it_is_written(tmp_path: Path) -> None:
    (tmp_path / "repo" / ".git").mkdir(parents=True)
    (tmp_path / "a.csv").write_text("x")
    assert watched_of("This Machine") == Watched("machine")
    assert watched_of("https://shop.example/x") == Watched("url", url="https://shop.example/x")
    assert watched_of("own http://10.0.0.1/") == Watched("url", url="http://10.0.0.1/", own_network=True)
    assert watched_of(str(tmp_path / "repo")) == Watched("git", path=tmp_path / "repo")
    assert watched_of(f"csv:{tmp_path}/repo") == Watched("csv", path=tmp_path / "repo")
    assert watched_of(str(tmp_path / "a.csv")) == Watched("csv", path=tmp_path / "a.csv")


@pytest.mark.parametrize("answer", ["/nowhere/at/all", "https://", "http://ann:pw@shop.example/", "x" * 5000])
def test_what_is_not_there_is_said_to_be_missing(answer: str) -> None:
    with pytest.raises(UserMistake):
        watched_of(answer)


def test_people_keep_their_order_and_how_they_are_written() -> None:
    assert people_of("Ann, Ben Smith and cy") == {"ann": "Ann", "ben-smith": "Ben Smith", "cy": "cy"}
    with pytest.raises(UserMistake):
        people_of(" , ")
    with pytest.raises(UserMistake, match="letter"):
        id_of("42")


@pytest.mark.parametrize("answer", ["discord", "discord my server", "discord 12345", "discord 123456789012345678 x"])
def test_a_discord_server_is_named_by_its_id(answer: str) -> None:
    with pytest.raises(UserMistake, match=r"Which server on Discord.*Copy Server ID"):
        talk_of(answer)


@pytest.mark.parametrize("answer", ["", "fax", "slack please"])
def test_any_other_place_is_a_mistake_that_names_all(answer: str) -> None:
    with pytest.raises(UserMistake, match="console, slack, or discord"):
        talk_of(answer)


def test_words_may_be_written_as_people_write_them() -> None:
    assert (talk_of("Console"), talk_of("slack")) == (Talk("console"), Talk("slack"))
    assert talk_of(" Discord  123456789012345678 ") == Talk("discord", "123456789012345678")
    assert policy_of("Ask for writes") == "ask-for-writes"
    with pytest.raises(UserMistake, match="watch-only"):
        policy_of("anarchy")
