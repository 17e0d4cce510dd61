"""Close-out: the runtime, not the mind, says that a session is done, and only on evidence it has looked at itself."""

from collections.abc import Sequence

from agents.accounting import unaccounted
from agents.numerals import digest_figures, digest_prose, invented, record_of
from agents.outcomes import Halt
from agents.parts import Session
from agents.roster import ModelMind
from agents.tools.fitness import objection_to_size
from store.kernel.canonical import JsonObject
from store.kernel.errors import NotFound
from store.queries import findings
from store.records import Digest, RunState, Step, StepKind, StepState
from store.rules.messages import LISTEN

DIGEST_TOOL = "digest.publish"


def objections(session: Session, result: JsonObject) -> tuple[str, ...]:
    """Everything that keeps the session from being done, one sentence each; empty when it may end.

    The result can be kept; what the session published is on record; what it took up and was told is accounted for; and
    for a model: every tool that failed worked
    later or is named in `cannot_see`, and every number it wrote stands in the record. A routine's numbers are computed
    by code and its errors are handled by code, so those two are asked of models alone.
    """
    steps = [step for step in session.memo.steps if step.kind is StepKind.TOOL]
    found = [*_unfit(result), *_missing_evidence(session, steps), *unaccounted(session, steps)]
    if isinstance(session.agent.mind, ModelMind):
        seen = [step for step in steps if step.name != LISTEN]  # what people write proves no number
        found += [*_unaddressed(steps, result), *_invented(session, seen, result)]
    return tuple(found)


def not_accepted(found: Sequence[str]) -> Halt:
    """The halt for a session that could not account for its work."""
    return Halt(RunState.NEEDS_ATTENTION, f"The session could not be closed: {' '.join(found)}")


def _unfit(result: JsonObject) -> list[str]:
    objection = objection_to_size(result)
    return [objection] if objection else []


def _missing_evidence(session: Session, steps: Sequence[Step]) -> list[str]:
    return [
        f"The digest of step {step.key} is not on record."
        for step in _published(steps)
        if _digest(session, step) is None
    ]


def _published(steps: Sequence[Step]) -> list[Step]:
    return [step for step in steps if step.name == DIGEST_TOOL and step.state is StepState.DONE]


def _digest(session: Session, step: Step) -> Digest | None:
    digest_id = step.result.get("digest") if isinstance(step.result, dict) else None
    try:
        return findings.digest(session.store, str(digest_id))
    except NotFound:
        return None


def _unaddressed(steps: Sequence[Step], result: JsonObject) -> list[str]:
    """Tools whose last call failed and which the report does not own up to."""
    last = {step.name: step for step in steps if step.state is not StepState.REFUSED}
    failed = [name for name, step in last.items() if step.state in (StepState.FAILED, StepState.UNKNOWN)]
    admitted = str(result.get("cannot_see"))
    return [f"{name} failed, and cannot_see does not say so." for name in failed if name not in admitted]


def _invented(session: Session, steps: Sequence[Step], result: JsonObject) -> list[str]:
    record = record_of(steps, session.receipt.context)
    written = [str(result.get("summary", ""))]
    for step in _published(steps):
        digest = _digest(session, step)
        body = digest.model_dump(mode="json") if digest else {}
        written += [*digest_prose(body), *digest_figures(body)]
    return [f"The number {number} stands in no result of this session." for number in invented(written, record)]
