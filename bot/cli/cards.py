"""`quarterdeck cards`: the stored cards as any surface would show them, as one JSON list."""

import json
from typing import Annotated, Literal, TypeAlias

from cyclopts import Parameter

from blocks.elements import Card
from bot.cli.opening import DEFAULT_WORKSPACE, Simulated, Workspace, open_record
from bot.delivery.present import Presenter
from store.handle import Store
from store.kernel.errors import UserMistake
from store.queries import cards as card_queries
from store.queries.approvals import approvals_of_run
from store.records import CardKind, CardRow

Form: TypeAlias = Literal["slack", "discord", "html", "text", "json"]


def cards(
    *,
    workspace: Workspace = DEFAULT_WORKSPACE,
    run: Annotated[str | None, Parameter(help="Only cards of this run.")] = None,
    kind: Annotated[CardKind | None, Parameter(help="Only cards of this kind.")] = None,
    form: Annotated[Form, Parameter(name="--as", help="How each card is drawn.")] = "json",
    simulated: Simulated = False,
) -> None:
    """Print the stored cards as a JSON list, oldest first."""
    with open_record(workspace, simulated=simulated) as (store, presenter):
        rows = card_queries.all_cards(store, kind)
        if run is not None:
            rows = _of_run(store, rows, run)
        drawn = [drawn_as(_stored(presenter, row), form) for row in rows]
    print(json.dumps(drawn, indent=2, ensure_ascii=False))


def drawn_as(card: Card, form: Form) -> object:
    """The card as a surface would be given it."""
    if form == "slack":
        from blocks.render.slack import render as render_slack

        return render_slack(card)
    if form == "discord":
        from blocks.render.discord import files_of
        from blocks.render.discord import render as render_discord

        return render_discord(card, files=[file.name for file in files_of(card)])
    if form == "html":
        from blocks.render.html import render as render_html

        return render_html(card)
    if form == "text":
        from blocks.render.text import render as render_text

        return render_text(card)
    return card.model_dump(mode="json")


def _stored(presenter: Presenter, row: CardRow) -> Card:
    """The card as last built when it is up to date, else drawn from its record now."""
    if row.snapshot is not None and row.snapshot_revision == row.revision:
        return Card.model_validate(row.snapshot)
    return presenter.draw(row)


def _of_run(store: Store, rows: list[CardRow], run_id: str) -> list[CardRow]:
    approvals = {approval.id for approval in approvals_of_run(store, run_id)}
    found = [row for row in rows if row.record_id in ({run_id} | approvals) or _made_by(store, row, run_id)]
    if not found:
        raise UserMistake(f"No card shows run {run_id} now.", "`quarterdeck runs` lists the runs.")
    return found


def _made_by(store: Store, row: CardRow, run_id: str) -> bool:
    from store.queries import findings, incidents

    if row.kind is CardKind.DIGEST:
        return findings.digest(store, row.record_id).run_id == run_id
    if row.kind is CardKind.ALERT:
        return findings.alert(store, row.record_id).run_id == run_id
    return row.kind is CardKind.INCIDENT and incidents.incident(store, row.record_id).run_id == run_id
