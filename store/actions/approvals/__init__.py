"""Approvals: asked once, decided once, executed once."""

from store.actions.approvals.asking import request_approval
from store.actions.approvals.deciding import Decision, Verdict, decide_approval, expire_approval
from store.actions.approvals.editing import edit_approval
from store.actions.approvals.executing import claim_approved, put_off_approved, refuse_approved, resume_approved

__all__ = [
    "Decision",
    "Verdict",
    "claim_approved",
    "decide_approval",
    "edit_approval",
    "expire_approval",
    "put_off_approved",
    "refuse_approved",
    "request_approval",
    "resume_approved",
]
