"""A call as a mind asked for it, before anybody has judged it; and the exact bytes an approval of it binds. Pure."""

import json
from dataclasses import dataclass

from agents.storable import storable_text
from agents.tools.spec import ToolSpec
from store.kernel.canonical import JsonObject, call_hash
from store.kernel.ids import derive
from store.records import Access, StepKind
from store.records.intent import StepIntent

_RAW_SHOWN_CHARACTERS = 2_000
_NAME_SHOWN_CHARACTERS = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One call at one place of one run. `request` is what is recorded and, if people must decide, what they bind.

    `idempotency_key` follows from run and place alone, so every attempt gives the outside system the same one.
    """

    run_id: str
    key: str
    name: str
    arguments: JsonObject
    claim: str | None
    access: Access
    irreversible: bool
    request: JsonObject
    request_hash: str

    @property
    def idempotency_key(self) -> str:
        """What the outside system is given to recognise a repetition."""
        return derive("call", self.run_id, self.key)

    def intent(self, *, position: int, segment: int, rule_id: str | None = None) -> StepIntent:
        """The call as the store records it."""
        return StepIntent(
            run_id=self.run_id,
            key=self.key,
            position=position,
            segment=segment,
            kind=StepKind.TOOL,
            name=self.name,
            access=self.access,
            irreversible=self.irreversible,
            request=self.request,
            request_hash=self.request_hash,
            idempotency_key=self.idempotency_key,
            rule_id=rule_id,
        )


def bound_call(agent_id: str, spec: ToolSpec, arguments: JsonObject, env: str | None) -> JsonObject:
    """Everything an approval of a call binds: who calls which version of which tool with exactly what, and where.

    Equal for the same call in two runs, so that people are not asked the same thing twice at a time. Raises TypeError
    or ValueError for arguments without a canonical form.
    """
    request: JsonObject = {
        "agent": agent_id,
        "tool": spec.name,
        "tool_version": spec.version,
        "arguments": arguments,
        "environment": env,
    }
    call_hash(request)
    return request


def asked_for(
    run_id: str,
    key: str,
    *,
    agent_id: str,
    spec: ToolSpec,
    arguments: JsonObject,
    env: str | None,
    claim: str | None = None,
) -> Asked:
    """A call of a registered tool. Arguments without a canonical form are kept as text, to be refused by the gate."""
    try:
        request = bound_call(agent_id, spec, arguments, env)
    except (TypeError, ValueError):
        request = _unbound(agent_id, spec.name, json.dumps(arguments, default=repr))
    return Asked(
        run_id=run_id,
        key=key,
        name=spec.name,
        arguments=arguments,
        claim=claim,
        access=spec.access,
        irreversible=spec.irreversible,
        request=request,
        request_hash=call_hash(request),
    )


def asked_in_vain(run_id: str, key: str, agent_id: str, name: str, raw: str) -> Asked:
    """A call that can only be refused: of a tool nobody knows, or with arguments that are not JSON."""
    shown = name if name.isprintable() and len(name) <= _NAME_SHOWN_CHARACTERS else repr(name)[:_NAME_SHOWN_CHARACTERS]
    request = _unbound(agent_id, shown, raw)
    return Asked(
        run_id=run_id,
        key=key,
        name=shown,
        arguments={},
        claim=None,
        access=Access.EGRESS,  # what is not known is taken for the most dangerous
        irreversible=True,
        request=request,
        request_hash=call_hash(request),
    )


def _unbound(agent_id: str, name: str, raw: str) -> JsonObject:
    text = storable_text(raw)
    shown = text if len(text) <= _RAW_SHOWN_CHARACTERS else text[:_RAW_SHOWN_CHARACTERS] + "…"
    return {"agent": agent_id, "tool": name, "raw": shown}
