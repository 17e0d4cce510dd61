"""The tools that come with Quarterdeck. docs/tools.md describes each; a test fails when one is missing there."""

from agents.tools.builtin.alerts import CLEAR_ALERT, RAISE_ALERT
from agents.tools.builtin.changes import CHANGES
from agents.tools.builtin.channels import READ_CHANNEL
from agents.tools.builtin.claims import BLOCK_TASK, CLAIM_TASK, RELEASE_TASK, RENEW_TASK
from agents.tools.builtin.data import CHECK_DATA, QUERY_DATA
from agents.tools.builtin.decisions import ACKNOWLEDGE_DECISION, LIST_DECISIONS, RECORD_DECISION
from agents.tools.builtin.digests import PUBLISH_DIGEST
from agents.tools.builtin.files import LIST_OLD, MOVE_OLD, UNDO_MOVE
from agents.tools.builtin.given import READ_GIVEN
from agents.tools.builtin.handoffs import ACCEPT_HANDOFF, LIST_HANDOFFS, RETURN_HANDOFF, SEND_HANDOFF
from agents.tools.builtin.judging import JUDGE_METRICS
from agents.tools.builtin.machine import READ_GIT, READ_MACHINE
from agents.tools.builtin.metrics import READ_METRICS, RECORD_METRICS
from agents.tools.builtin.notes import ACKNOWLEDGE_NOTE, LIST_NOTES, SEND_NOTE
from agents.tools.builtin.outstanding import OUTSTANDING
from agents.tools.builtin.pages import READ_PAGE
from agents.tools.builtin.redirects import READ_REDIRECTS, UNDO_REDIRECTS, WRITE_REDIRECTS
from agents.tools.builtin.tasks import CLOSE_TASK, CREATE_TASK, LIST_TASKS, UPDATE_TASK
from agents.tools.builtin.topics import PROPOSE_TOPIC, READ_TOPIC, REVIEW_TOPIC, WRITE_TOPIC
from agents.tools.builtin.week import TEAM_WEEK
from agents.tools.spec import Tool


def builtin_tools() -> tuple[Tool, ...]:
    """Every builtin tool, by name."""
    return (
        READ_CHANNEL,
        CHECK_DATA,
        QUERY_DATA,
        CLEAR_ALERT,
        RAISE_ALERT,
        PUBLISH_DIGEST,
        LIST_OLD,
        MOVE_OLD,
        UNDO_MOVE,
        ACCEPT_HANDOFF,
        LIST_HANDOFFS,
        RETURN_HANDOFF,
        SEND_HANDOFF,
        READ_GIT,
        READ_MACHINE,
        JUDGE_METRICS,
        READ_METRICS,
        RECORD_METRICS,
        CHANGES,
        READ_GIVEN,
        READ_REDIRECTS,
        UNDO_REDIRECTS,
        WRITE_REDIRECTS,
        TEAM_WEEK,
        CREATE_TASK,
        UPDATE_TASK,
        CLAIM_TASK,
        RENEW_TASK,
        RELEASE_TASK,
        BLOCK_TASK,
        CLOSE_TASK,
        LIST_TASKS,
        READ_PAGE,
        SEND_NOTE,
        LIST_NOTES,
        ACKNOWLEDGE_NOTE,
        RECORD_DECISION,
        LIST_DECISIONS,
        ACKNOWLEDGE_DECISION,
        READ_TOPIC,
        WRITE_TOPIC,
        PROPOSE_TOPIC,
        REVIEW_TOPIC,
        OUTSTANDING,
    )
