"""Messages as people and other apps leave them in Slack, shaped like the real ones."""

from typing import Any

GITHUB: dict[str, Any] = {
    "type": "message",
    "subtype": "bot_message",
    "ts": "1795000001.000100",
    "bot_id": "B0GITHUB1",
    "app_id": "A01BP7R4KNY",
    "username": "GitHub",
    "text": "",
    "attachments": [
        {
            "id": 1,
            "color": "36a64f",
            "fallback": "[acme/site] Pull request opened by dana",
            "pretext": "Pull request opened by <https://github.com/dana|dana>",
            "title": "<https://github.com/acme/site/pull/42|#42 Fix &lt;title&gt; on the start page>",
            "title_link": "https://github.com/acme/site/pull/42",
            "text": "The title was cut off.",
            "fields": [
                {"title": "Reviewers", "value": "<https://github.com/ben|ben>", "short": True},
                {"title": "Labels", "value": "bug, seo", "short": True},
            ],
            "footer": "<https://github.com/acme/site|acme/site>",
            "mrkdwn_in": ["text", "pretext"],
        }
    ],
}

GRAFANA: dict[str, Any] = {
    "type": "message",
    "subtype": "bot_message",
    "ts": "1795000002.000200",
    "bot_id": "B0GRAFANA",
    "username": "Grafana",
    "text": "",
    "attachments": [
        {
            "color": "#D63232",
            "fallback": "[FIRING:1] DiskFull (web-1)",
            "title": "[FIRING:1] DiskFull (web-1)",
            "title_link": "https://grafana.example/alerting/list",
            "text": "**Firing**\n\nValue: B=93.2\nLabels:\n - alertname = DiskFull\n - host = web-1\n",
            "footer": "Grafana v12.2",
        }
    ],
}

PAGER: dict[str, Any] = {
    "type": "message",
    "ts": "1795000003.000300",
    "bot_id": "B0PAGER01",
    "user": "U0PAGERBOT",
    "bot_profile": {"id": "B0PAGER01", "name": "PagerDuty", "app_id": "A1FKYAUUX"},
    "text": "Triggered #4711: Checkout is slow",
    "blocks": [
        {
            "type": "section",
            "text": {
                "type": "mrkdwn",
                "text": ":red_circle: *<https://acme.pagerduty.com/i/4711|#4711>* Checkout is slow",
            },
        },
        {
            "type": "section",
            "fields": [
                {"type": "mrkdwn", "text": "*Service:*\nCheckout API"},
                {"type": "mrkdwn", "text": "*Urgency:* High"},
                {"type": "mrkdwn", "text": "*Assigned to*\n<@U0DANA>"},
            ],
        },
        {"type": "context", "elements": [{"type": "mrkdwn", "text": "Escalates in 15 min"}]},
        {
            "type": "actions",
            "elements": [
                {"type": "button", "text": {"type": "plain_text", "text": "Acknowledge"}, "value": "ack"},
                {
                    "type": "button",
                    "text": {"type": "plain_text", "text": "Open"},
                    "url": "https://acme.pagerduty.com/incidents/4711",
                },
            ],
        },
    ],
}

AUDIT_TOOL: dict[str, Any] = {
    "type": "message",
    "ts": "1795000004.000400",
    "bot_id": "B0AUDIT01",
    "bot_profile": {"name": "Site Audit"},
    "text": "Crawl finished",
    "blocks": [
        {"type": "header", "text": {"type": "plain_text", "text": "Crawl of acme.example finished"}},
        {
            "type": "table",
            "rows": [
                [{"type": "raw_text", "text": "Issue"}, {"type": "raw_text", "text": "Pages"}],
                [
                    {"type": "raw_text", "text": "Broken links"},
                    {
                        "type": "rich_text",
                        "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "17"}]}],
                    },
                ],
            ],
        },
        {"type": "some_block_of_next_year", "title": {"type": "plain_text", "text": "Health score 81"}},
        {
            "type": "image",
            "alt_text": "Health score over 30 days",
            "image_url": "https://audit.example/chart.png",
        },
    ],
}

PERSON: dict[str, Any] = {
    "type": "message",
    "ts": "1795000005.000500",
    "client_msg_id": "6f5a",
    "user": "U0DANA",
    "team": "T0DECKTEAM",
    "text": (
        "<@U0BEN|ben> please look at <https://acme.example/a?b=1&amp;c=2|the page>, "
        "<!subteam^S1|@ops>: 3 &lt; 4 <!here>"
    ),
    "blocks": [
        {
            "type": "rich_text",
            "block_id": "x",
            "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "something else"}]}],
        }
    ],
    "attachments": [{"from_url": "https://acme.example/a", "title": "A page", "text": "Its preview"}],
}

WITH_FILES: dict[str, Any] = {
    "type": "message",
    "subtype": "file_share",
    "ts": "1795000006.000600",
    "user": "U0DANA",
    "text": "",
    "files": [{"id": "F1", "name": "report.csv", "url_private": "https://files.slack.com/x"}, {"id": "F2"}],
}

REPLY: dict[str, Any] = {
    "type": "message",
    "ts": "1795000007.000700",
    "thread_ts": "1795000005.000500",
    "user": "U0BEN",
    "text": "I am on it.",
}

BROADCAST: dict[str, Any] = {**REPLY, "subtype": "thread_broadcast", "ts": "1795000008.000800", "text": "It is fixed."}

RICH_ONLY: dict[str, Any] = {
    "type": "message",
    "ts": "1795000009.000900",
    "user": "U0DANA",
    "text": "",
    "blocks": [
        {
            "type": "rich_text",
            "elements": [
                {
                    "type": "rich_text_section",
                    "elements": [
                        {"type": "text", "text": "See "},
                        {"type": "link", "url": "https://acme.example", "text": "our site"},
                        {"type": "text", "text": " "},
                        {"type": "user", "user_id": "U0BEN"},
                        {"type": "emoji", "name": "wave"},
                    ],
                },
                {
                    "type": "rich_text_list",
                    "style": "bullet",
                    "elements": [
                        {"type": "rich_text_section", "elements": [{"type": "text", "text": "one"}]},
                        {"type": "rich_text_section", "elements": [{"type": "text", "text": "two"}]},
                    ],
                },
                {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "x = 1\n"}]},
            ],
        }
    ],
}


def event(message: dict[str, Any], channel: str = "C0ALERTS1", event_id: str = "Ev1", **more: Any) -> dict[str, Any]:
    """The message as an event delivers it."""
    inner = {**message, "channel": channel, "event_ts": message["ts"], "channel_type": "channel", **more}
    return {"type": "event_callback", "team_id": "T0DECKTEAM", "event_id": event_id, "event": inner}


def changed(message: dict[str, Any], at: str, channel: str = "C0ALERTS1", **new: Any) -> dict[str, Any]:
    """The event that says a message was changed at a ts."""
    now = {**message, **new}
    outer = {"type": "message", "subtype": "message_changed", "hidden": True, "ts": at, "message": now}
    return event(outer, channel, f"Ev{at}", previous_message=message)


def deleted(message: dict[str, Any], at: str, channel: str = "C0ALERTS1") -> dict[str, Any]:
    """The event that says a message was deleted at a ts."""
    outer = {"type": "message", "subtype": "message_deleted", "hidden": True, "ts": at, "deleted_ts": message["ts"]}
    return event(outer, channel, f"Ev{at}", previous_message=message)
