"""Whether the app is in a Slack channel that an agent watches, asked without a running team."""

from store.kernel.errors import UserMistake

TIMEOUT_SECONDS = 10.0


def ask_of_channel(api_url: str, token: str, channel_id: str) -> str:
    """What there is to say of a channel that can be read. Raises UserMistake, with what to do, for one that cannot."""
    import httpx

    from bot.surfaces.slack.catchup import PROBLEMS

    asked = {"channel": channel_id}
    headers = {"Authorization": f"Bearer {token}"}
    try:
        response = httpx.post(f"{api_url}conversations.info", data=asked, headers=headers, timeout=TIMEOUT_SECONDS)
        answer = response.json()
    except (httpx.HTTPError, ValueError) as error:
        raise UserMistake(f"Slack cannot be reached ({type(error).__name__}).", "Check the network.") from error
    channel = answer.get("channel") or {}
    code = answer.get("error") or (None if channel.get("is_member") else "not_in_channel")
    if code is not None:
        raise UserMistake(PROBLEMS.get(code, f"Slack refuses to show {channel_id}: {code}.").format(id=channel_id))
    return f"reads #{channel.get('name')}"
