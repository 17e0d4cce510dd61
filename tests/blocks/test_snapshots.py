"""A few cards as they read, word for word: a change here is a change for every reader."""

from inline_snapshot import snapshot

from blocks.cards import approval_card, digest_card, fleet_card, notice_card, run_card
from blocks.elements import Tone
from blocks.render import discord, slack, text
from store.records import ApprovalState
from tests.blocks.samples import VIEW, approval, digest, fleet, run, steps

_SHORT = approval(
    ApprovalState.EXECUTED, summary="Moves 3 files.", undo="moves them back", arguments={"target": "/srv/archive"}
)


def test_a_running_run() -> None:
    assert text.render(run_card(run(), steps(), VIEW, revision=6)) == snapshot("""\
○ Running · Machine Watch

Started by  schedule daily, due 14:00
Started     Sat 21 Nov 2026, 14:01 CET
Cost        $0.21 (cap $1.00)

2 of 3 steps finished
✔ machine.disk – done, 3.1 s
✔ machine.memory – done, 3.1 s
▶ files.list – running

run_aaaaaaaaaaaaaaaa

[Stop] (asks first: Finished steps are kept. The step in progress is cancelled where its tool allows it.)
Open run: http://127.0.0.1:8420/runs/run_aaaaaaaaaaaaaaaa\
""")


def test_an_open_approval() -> None:
    record = approval(arguments={"older_than_days": 30, "target": "/srv/archive"})
    assert text.render(approval_card(record, (), VIEW)) == snapshot("""\
◆ Approval needed · Moves 3 files older than 30 days to /srv/archive

Asked by       Machine Watch
Needs          1 person with role ops
Decide by      Sat 21 Nov 2026, 18:30 CET
Can be undone  Yes. Moves them back to /srv/reports.

Exact call of files.move:
    {"arguments":{"older_than_days":30,"target":"/srv/archive"},"tool":"files.move"}
SHA-256 2c4dc5b616b03e72eb2e1a6cb1c09ea26c19662dba42b74ae4fa9477d23bf5a1

Claim by Machine Watch, not checked:
> These reports have not been opened since August.

Why you are asked
Every change of a file needs a person.

rule ask-for-writes · approval_bbbbbbbbbbbbbbbb

[Approve]
[Reject…] asks for: Why not?
[Edit…] asks for: older_than_days, target
[Allow like this…]
Open in console: http://127.0.0.1:8420/approvals/approval_bbbbbbbbbbbbbbbb\
""")


def test_a_digest() -> None:
    assert text.render(digest_card(digest(), VIEW), width=80) == snapshot("""\
▲ Digest · This machine, Sat 21 Nov

Needs you
• Disk used 92.4 % (+11.1, usually 81.3 %, above range)

Could not see
• swap: the reading was refused

Disk use grew by 11 points in a day; all else as usual.

Figure          Now  Expected  Against week before  Status
───────────  ──────  ────────  ───────────────────  ───────────
Disk used    92.4 %    81.3 %                +11.1  above range
Memory used  41.0 %    40.2 %                 +0.8  ok
Commits           7         6                   +1  ok
Load            0.8         –                    –  ok

Finished
• Listed 214 files
• Moved none

window Fri 20 Nov 2026, 14:30 CET to Sat 21 Nov 2026, 14:30 CET · written by
  Machine Watch (routine)

[Why?] Why Disk used 92.4 %? | Why Memory used 41.0 %? | Why Commits 7? | Why
  Load 0.8? | A figure is wrong…
Open run: http://127.0.0.1:8420/runs/run_aaaaaaaaaaaaaaaa
[Was this digest useful?] Useful | Not useful\
""")


def test_the_fleet() -> None:
    assert text.render(fleet_card(fleet(), VIEW, revision=9), width=100) == snapshot("""\
◆ 4 things need you · First Light

Needs you
• Approval: Moves 3 files older than 30 days to /srv/archive – Machine Watch asks · waiting 12 min ·
  expires in 4 h <http://127.0.0.1:8420/approvals/approval_bbbbbbbbbbbbbbbb>
• Needs attention: Machine Watch – Two tasks were not accounted for · owner Ana Duarte · 20 min ago
  <http://127.0.0.1:8420/runs/run_gggggggggggggggg>
• Incident: Machine Watch missed 335 due times – 335 times · last 30 min ago · Nothing to do: the
  latest due time was run. Close this card when you have seen it.
  <http://127.0.0.1:8420/cards/incident:incident_eeeeeeeeeeeeeeee>
• Alert: Disk use of /: 92.4 %, expected at most 85 % – for 45 min · no owner · Approve the move of
  old reports, or free 6 GB by hand. <http://127.0.0.1:8420/cards/alert:alert_dddddddddddddddd>

Agents
Agent          Now                     Next due           Last run           Spent today
─────────────  ──────────────────────  ─────────────────  ───────────  ─────────────────
Machine Watch  Waiting for a decision  Sun 08:00          Done, 14:10     $0.00 of $2.00
Note Taker     Paused                  nothing scheduled  none yet     $0.31, no day cap

Finished today
• Machine Watch – Done, 14:10 · took 9 min · $0.21 <http://127.0.0.1:8420/runs/run_hhhhhhhhhhhhhhhh>
• Machine Watch – Failed, 14:10 · took 9 min · $0.21
  <http://127.0.0.1:8420/runs/run_iiiiiiiiiiiiiiii>

as of Sat 21 Nov 2026, 14:30 CET

[Act on an agent…] Run Machine Watch now | Pause Machine Watch | Resume Note Taker
Open console: http://127.0.0.1:8420\
""")


def test_a_decided_approval_on_slack() -> None:
    assert slack.render(approval_card(_SHORT, (), VIEW)) == snapshot(
        {
            "blocks": [
                {
                    "type": "header",
                    "text": {"type": "plain_text", "text": "✅ Executed · Moves 3 files", "emoji": False},
                    "block_id": "e990577afeaf5686:2:0",
                },
                {
                    "type": "rich_text",
                    "elements": [
                        {
                            "type": "rich_text_section",
                            "elements": [{"type": "text", "text": "The call was made. Moved 3 files, 4.1 MB."}],
                        }
                    ],
                    "block_id": "e990577afeaf5686:2:1",
                },
                {
                    "type": "rich_text",
                    "elements": [
                        {
                            "type": "rich_text_section",
                            "elements": [
                                {"type": "text", "text": "Asked by  ", "style": {"bold": True}},
                                {"type": "text", "text": "Machine Watch"},
                                {"type": "text", "text": "\n"},
                                {"type": "text", "text": "Decided by  ", "style": {"bold": True}},
                                {"type": "text", "text": "Ana Duarte on Slack"},
                                {"type": "text", "text": "\n"},
                                {"type": "text", "text": "Decided at  ", "style": {"bold": True}},
                                {"type": "text", "text": "Sat 21 Nov 2026, 14:28 CET"},
                                {"type": "text", "text": "\n"},
                                {"type": "text", "text": "Executed at  ", "style": {"bold": True}},
                                {"type": "text", "text": "Sat 21 Nov 2026, 14:29 CET"},
                            ],
                        }
                    ],
                    "block_id": "e990577afeaf5686:2:2",
                },
                {
                    "type": "rich_text",
                    "elements": [
                        {
                            "type": "rich_text_section",
                            "elements": [{"type": "text", "text": "Exact call of files.move", "style": {"bold": True}}],
                        },
                        {
                            "type": "rich_text_preformatted",
                            "elements": [
                                {"type": "text", "text": '{"arguments":{"target":"/srv/archive"},"tool":"files.move"}'}
                            ],
                        },
                    ],
                    "block_id": "e990577afeaf5686:2:3",
                },
                {
                    "type": "context",
                    "elements": [
                        {
                            "type": "plain_text",
                            "text": "SHA-256 9d44ae1270eec8a8330399a8022ef499d3653ed3593f07bcba7dd29b03b04e84",
                            "emoji": False,
                        }
                    ],
                    "block_id": "e990577afeaf5686:2:4",
                },
                {
                    "type": "context",
                    "elements": [
                        {
                            "type": "plain_text",
                            "text": "rule ask-for-writes · approval_bbbbbbbbbbbbbbbb",
                            "emoji": False,
                        }
                    ],
                    "block_id": "e990577afeaf5686:2:5",
                },
                {
                    "type": "actions",
                    "elements": [
                        {
                            "type": "button",
                            "action_id": "press:0",
                            "text": {"type": "plain_text", "text": "Undo", "emoji": False},
                            "value": "q1:undo:approval_bbbbbbbbbbbbbbbb:2",
                            "accessibility_label": "Undo: Moves 3 files.",
                            "confirm": {
                                "title": {"type": "plain_text", "text": "Undo this?", "emoji": False},
                                "text": {"type": "plain_text", "text": "Moves them back.", "emoji": False},
                                "confirm": {"type": "plain_text", "text": "Undo", "emoji": False},
                                "deny": {"type": "plain_text", "text": "Go back", "emoji": False},
                            },
                        },
                        {
                            "type": "button",
                            "action_id": "link:1",
                            "text": {"type": "plain_text", "text": "Open in console", "emoji": False},
                            "url": "http://127.0.0.1:8420/approvals/approval_bbbbbbbbbbbbbbbb",
                        },
                    ],
                    "block_id": "e990577afeaf5686:2:6",
                },
            ],
            "text": "Executed by Ana Duarte: Moves 3 files. The call was made. Moved 3 files, 4.1 MB.",
            "metadata": {
                "event_type": "quarterdeck_card",
                "event_payload": {"key": "approval:approval_bbbbbbbbbbbbbbbb", "revision": 2, "kind": "approval"},
            },
        }
    )


def test_an_answer_on_discord() -> None:
    assert discord.render(notice_card("Paused *Machine Watch*", "Due times are skipped.", Tone.GOOD)) == snapshot(
        {
            "flags": 32768,
            "components": [
                {
                    "type": 17,
                    "accent_color": 3055195,
                    "components": [
                        {"type": 10, "content": "### ✅ Done · Paused \\*Machine Watch\\*"},
                        {"type": 10, "content": "Due times are skipped."},
                    ],
                }
            ],
            "allowed_mentions": {"parse": []},
        }
    )
