"""How long this surface waits for what, in seconds; a test or a slow network may say otherwise."""

from store.records import Record


class Timing(Record):
    """`ping` is how often the SDK proves that the socket answers, `chart_patience` what a card waits for its chart.

    `catch_up_every` is how often the history of watched channels is read, `look_deep_every` how often their threads.
    """

    call_seconds: float = 15.0
    check_seconds: float = 2.0
    new_address_after_seconds: float = 10.0
    rebuild_after_seconds: float = 60.0
    first_connection_seconds: float = 15.0
    close_seconds: float = 5.0
    ping_seconds: float = 10.0
    auth_test_every_seconds: float = 60.0
    start_again_seconds: float = 10.0
    chart_patience_seconds: float = 2.0
    scan_poll_seconds: float = 1.0
    scan_seconds: float = 60.0
    session_pause_seconds: float = 5.0
    catch_up_every_seconds: float = 300.0
    look_deep_every_seconds: float = 3600.0


LIVE_EDIT_SECONDS = 3.0
"""Between two edits of one live card. Ten live runs then still want four times what chat.update allows a workspace
(50 a minute): the shared pace makes them slower, never the decisions beside them."""

DEFAULT_TIMING = Timing()
