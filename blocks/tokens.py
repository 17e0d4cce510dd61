"""What a button carries: a verb, a record's id and the revision the reader saw. Everything else is looked up."""

import re
from enum import StrEnum
from typing import NamedTuple

from store.kernel.errors import UserMistake

MAX_TOKEN_CHARS = 100
"""Discord allows a custom_id of 100 characters; Slack's action_id (255) and value (2000) are wider.
https://docs.discord.com/developers/components/reference, checked 2026-11-21."""

_PREFIX = "q1"
_RECORD_ID = r"[A-Za-z0-9][A-Za-z0-9_./-]{0,63}"


class Verb(StrEnum):
    """Everything a card can ask for."""

    APPROVE = "approve"
    REJECT = "reject"
    EDIT = "edit"
    STOP = "stop"
    RUN_NOW = "run_now"
    PAUSE = "pause"
    RESUME = "resume"
    ACKNOWLEDGE = "acknowledge"
    SNOOZE = "snooze"
    FALSE_ALARM = "false_alarm"
    INVESTIGATE = "investigate"
    CLOSE_INCIDENT = "close_incident"
    UNDO = "undo"
    RETRY = "retry"
    TASK_START = "task_start"
    TASK_BLOCK = "task_block"
    TASK_DONE = "task_done"
    TASK_DROP = "task_drop"
    TASK_REOPEN = "task_reopen"
    TASK_ASSIGN = "task_assign"
    TASK_TAKE = "task_take"
    DECISION_ACKNOWLEDGE = "decision_ack"
    DECISION_UPHOLD = "decision_uphold"
    DECISION_SUPERSEDE = "decision_supersede"
    MAKE_DECISION = "make_decision"
    PROPOSAL_ACCEPT = "proposal_accept"
    PROPOSAL_DECLINE = "proposal_decline"
    NOTE_ACKNOWLEDGE = "note_ack"
    SHOW_HOME = "show_home"
    PAUSE_ALL = "pause_all"
    RESUME_ALL = "resume_all"
    ASK = "ask"
    MAKE_TASK = "make_task"
    RERUN = "rerun"
    USEFUL = "useful"
    NOT_USEFUL = "not_useful"
    WHY = "why"
    WRONG = "wrong"
    WITHDRAW_WRONG = "withdraw_wrong"
    SHOW_ALL = "show_all"
    AUDITION = "audition"
    TRY = "try"
    HIRE = "hire"
    ALLOW_LIKE = "allow_like"
    ADD_RULE = "add_rule"


_TOKEN = re.compile(
    rf"{_PREFIX}:(?P<verb>{'|'.join(Verb)}):(?P<record_id>{_RECORD_ID}):(?P<revision>0|[1-9][0-9]{{0,9}})", re.ASCII
)

GRAMMAR = _TOKEN.pattern
"""How a token is written, as a regular expression with the groups `verb`, `record_id` and `revision`."""


class Press(NamedTuple):
    """What was pressed: `revision` is the record's as the reader saw it, so a stale press is told apart."""

    verb: Verb
    record_id: str
    revision: int


def encode(verb: Verb, record_id: str, revision: int) -> str:
    """The token of one action, at most 100 characters; `decode` gives back exactly what went in.

    Raises ValueError for an id that is not 1–64 letters, digits or `_./-`, or a negative revision: a bug in the caller.
    """
    token = f"{_PREFIX}:{verb.value}:{record_id}:{revision}"
    if _TOKEN.fullmatch(token) is None:
        raise ValueError(f"no token can be made for {verb} {record_id!r} revision {revision}")
    return token


def decode(token: str) -> Press:
    """What a token says. It authorises nothing: who may do it, and whether it still can be done, the record decides.

    Raises UserMistake for anything `encode` did not write.
    """
    match = _TOKEN.fullmatch(token)
    if match is None:
        raise UserMistake(
            "This button belongs to another version of Quarterdeck.", "Open the card again and press there."
        )
    return Press(Verb(match["verb"]), match["record_id"], int(match["revision"]))
