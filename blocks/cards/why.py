"""The answer to "why?": what triggered it, what it knew, on whose authority it acted, and at what cost."""

from collections import Counter
from collections.abc import Sequence

from blocks.cards.decided import undo_sentence
from blocks.cards.notice import notice_card
from blocks.cards.run import started_by
from blocks.cards.view import CardView
from blocks.elements import Action, Card, Context, Element, Fact, Facts, Item, Items, LinkButton, Payload, Tone
from blocks.text import count, one_line, sentence
from blocks.words import APPROVAL_WORD, RUN_WORD, place
from store.kernel.canonical import canonical_bytes
from store.kernel.money import format_usd
from store.records import Approval, Layer, Run, Step, Undo, Why

_DIGEST_CHARS = 12


def why_card(why: Why, view: CardView) -> Card:
    """The answer as it stands now; told once, never redrawn."""
    subject = one_line(why.approval.summary) if why.approval else f"{view.agent(why.run.agent_id)}, {why.run.id}"
    card = notice_card(f"Why: {subject}", "", Tone.NEUTRAL, simulated=view.simulated)
    return card.model_copy(
        update={"elements": _elements(why, view), "actions": _actions(why, view), "summary": _summary(why, view)}
    )


def _summary(why: Why, view: CardView) -> str:
    run = why.run
    authority = count(len(why.approvals), "approval")
    return (
        f"{view.agent(run.agent_id)}: {RUN_WORD[run.state].lower()}, started by {started_by(run, view)}; "
        f"{authority}; {format_usd(run.spent_micros)} spent."
    )


def _elements(why: Why, view: CardView) -> tuple[Element, ...]:
    return (*why_parts(why, view), Context(parts=why_small_print(why)))


def why_parts(why: Why, view: CardView) -> tuple[Element, ...]:
    """What triggered it, what it was given and knew, on whose authority it acted, and at what cost."""
    trigger = why.run.trigger
    given = (Payload(text=_in_words(trigger.input), label="What it was given", folded=True),) if trigger.input else ()
    return (_trigger(why.run, view), *given, _known(why, view), _authority(why, view), _cost(why))


def _in_words(value: object) -> str:
    """JSON in its one form; what has none (a number with a point) as Python writes it."""
    try:
        return canonical_bytes(value).decode()
    except (TypeError, ValueError):
        return repr(value)


def _trigger(run: Run, view: CardView) -> Facts:
    rows = [
        Fact(label="Triggered by", value=started_by(run, view)),
        Fact(label="Asked for", value=view.when(run.created_at), at=run.created_at),
        Fact(label="Became", value=RUN_WORD[run.state] + (f": {sentence(run.reason)}" if run.reason else "")),
        Fact(
            label="Cost", value=format_usd(run.spent_micros), baseline=f"cap {format_usd(run.limits.max_cost_micros)}"
        ),
    ]
    return Facts(rows=tuple(rows))


def _known(why: Why, view: CardView) -> Items:
    layers = why.receipt.layers if why.receipt else ()
    rows = tuple(_layer(layer) for layer in layers)
    heading = f"What it knew at {view.when(why.receipt.booted_at)}" if why.receipt else "What it knew"
    return Items(heading=heading, rows=rows, total=len(rows), empty="It has not begun, so it knows nothing yet.")


def _layer(layer: Layer) -> Item:
    left_out = f"left out: {layer.dropped}" if layer.dropped else f"{layer.size_bytes} bytes"
    return Item(text=layer.name, detail=f"from {layer.owner}, version {layer.version[:40]}, {left_out}")


def _authority(why: Why, view: CardView) -> Items:
    undos = {undo.approval_id: undo for undo in why.undos}
    asked = (_approval(approval, undos.get(approval.id), view) for approval in why.approvals)
    rows = (*asked, *_rules(why.steps))
    return Items(heading="On whose authority", rows=rows, total=len(rows), empty="It has made no call.")


def _approval(approval: Approval, undo: Undo | None, view: CardView) -> Item:
    rule = f"rule {approval.rule_id}" + (f": {approval.rule_reason}" if approval.rule_reason else "")
    by = f" by {view.people(approval.decided_by)}" if approval.decided_by else ""
    where = f" {place(approval.decided_on)}" if approval.decided_on else ""
    when = f", {view.when(approval.decided_at)}" if approval.decided_at else ""
    text = f"{APPROVAL_WORD[approval.state]}{by}{where}{when}: {one_line(approval.summary)}"
    if undo is not None:
        rule = f"{undo_sentence(undo, view)} {rule}"
    return Item(text=text, detail=rule, url=view.link("approvals", approval.id))


def _rules(steps: Sequence[Step]) -> tuple[Item, ...]:
    """The rules that let calls through, or stopped them, without asking a person."""
    named = Counter((step.rule_id or "no rule on record", step.name) for step in steps if step.approval_id is None)
    rules = dict.fromkeys(rule for rule, _ in named)
    return tuple(
        Item(
            text=f"rule {rule}",
            detail=", ".join(f"{tool} ×{often}" for (by, tool), often in named.items() if by == rule),
        )
        for rule in rules
    )


def _cost(why: Why) -> Items:
    spent: Counter[str] = Counter()
    for step in why.steps:
        spent[step.name] += step.spent_micros
    rows = tuple(Item(text=f"{name}: {format_usd(micros)}") for name, micros in spent.most_common() if micros)
    return Items(heading="At what cost", rows=rows, total=len(rows), empty="Its calls cost nothing.")


def why_small_print(why: Why) -> tuple[str, ...]:
    """Ids for whoever looks further, and whether strangers' words were read."""
    parts = [why.run.id, f"workspace {why.run.workspace_digest[:_DIGEST_CHARS]}"]
    if why.receipt:
        parts.append(f"receipt {why.receipt.digest[:_DIGEST_CHARS]}")
    if why.run.tainted:
        parts.append("has read untrusted text")
    return tuple(parts)


def _actions(why: Why, view: CardView) -> tuple[Action, ...]:
    links = [("Open run", view.link("runs", why.run.id))]
    if why.approval:
        links.append(("Open approval", view.link("approvals", why.approval.id)))
    return tuple(LinkButton(label=label, url=url) for label, url in links if url)
