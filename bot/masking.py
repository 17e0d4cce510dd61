"""What looks like a secret of Slack's or Discord's is masked, wherever text leaves the program."""

import re

MASK = "[secret]"

_SECRETS = re.compile(
    r"""xox[a-z]-[\w-]+ | xapp-[\w-]+ | xoxe\.[\w.-]+  # bot, user, app, refresh and configuration tokens
    | (?<=ticket=)[^&\s"']+                            # single-use admission to a socket
    | (?<=hooks\.slack\.com/)[^\s"'<>]+                # whoever has a reply address can write there
    | v0=[0-9a-f]{64}                                  # a request's signature
    | \b[MNO][\w-]{22,27}\.[\w-]{6}\.[\w-]{27,}       # Discord: a bot's token
    | \baW50ZXJhY3Rpb246[\w=-]{16,}                     # an interaction's, with which anybody may answer in our name
    """,
    re.VERBOSE,
)


def redact(text: str) -> str:
    """`text` with every secret in it replaced by a mask; applying it again changes nothing."""
    return _SECRETS.sub(MASK, text)
