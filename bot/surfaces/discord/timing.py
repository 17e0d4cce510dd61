"""How long this surface waits for what, in seconds; a test or a slow network may say otherwise."""

from store.records import Record


class Timing(Record):
    """`call` is one attempt of one REST call, `login` the whole first question of who we are.

    For `refused` nothing is asked after the token was refused: less than `ask_every`, which asks whether it holds.

    `again_first` and `again_most` bound the growing pause between two clients; `settled` is how long a client must
    have been connected for the next pause to be the first one again, `rebuild_after` how long it may be without a
    connection before a new one takes its place. `turn_check` is how often it is looked whether the gateway is ours, or
    may become ours, and `ask_every` how often whether the token holds. `member` is how long a call that people approved
    is held up by the question whether they still may, `sync_again` the pause after Discord would not have our commands.
    `answer_by` is how long after a press its first answer is put off, of the three seconds after which Discord forgets
    an interaction that has none: https://docs.discord.com/developers/interactions/receiving-and-responding, 2026-11-21.
    """

    call_seconds: float = 15.0
    connect_seconds: float = 5.0
    login_seconds: float = 15.0
    refused_seconds: float = 50.0
    first_ready_seconds: float = 10.0
    close_seconds: float = 5.0
    again_first_seconds: float = 1.0
    again_most_seconds: float = 300.0
    settled_seconds: float = 60.0
    rebuild_after_seconds: float = 60.0
    turn_check_seconds: float = 2.0
    ask_every_seconds: float = 60.0
    start_again_seconds: float = 10.0
    member_seconds: float = 5.0
    sync_again_seconds: float = 300.0
    answer_by_seconds: float = 1.8


LONGEST_WAIT_SECONDS = 30.0
"""A call that Discord would make wait longer for its rate limits fails visibly instead. discord.py takes no less."""

AWAY_DELAY_SECONDS = 30.0
"""Before a call is tried again that failed because the bot was not in its server."""
LIVE_EDIT_SECONDS = 2.0
"""Between two edits of one live card: a channel takes five edits in five seconds, and decisions come first."""

DEFAULT_TIMING = Timing()
