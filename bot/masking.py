"""What looks like one of Slack's secrets is masked, wherever text leaves the program."""

import re

MASK = "[secret]"

_SECRETS = re.compile(
    r"""xox[a-z]-[\w-]+ | xapp-[\w-]+ | xoxe\.[\w.-]+  # bot, user, app, refresh and configuration tokens
    | (?<=ticket=)[^&\s"']+                            # single-use admission to a socket
    | (?<=hooks\.slack\.com/)[^\s"'<>]+                # whoever has a reply address can write there
    | v0=[0-9a-f]{64}                                  # a request's signature
    """,
    re.VERBOSE,
)


def redact(text: str) -> str:
    """`text` with every Slack secret in it replaced by a mask; applying it again changes nothing."""
    return _SECRETS.sub(MASK, text)
