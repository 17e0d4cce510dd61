"""`quarterdeck search`: records by their words."""

import json
from typing import Annotated

from cyclopts import Parameter

from blocks.text import one_line
from bot.cli.opening import DEFAULT_WORKSPACE, AsJson, Simulated, Workspace, open_record
from store.queries.sought import find
from store.records import CardKind


def search(
    *words: Annotated[str, Parameter(help="Every one must occur; a part of a word or id will do.")],
    kind: Annotated[CardKind | None, Parameter(help="Only this kind of record.")] = None,
    limit: Annotated[int, Parameter(help="How many at most.")] = 20,
    workspace: Workspace = DEFAULT_WORKSPACE,
    as_json: AsJson = False,
    simulated: Simulated = False,
) -> None:
    """Find runs, approvals, tasks, alerts and digests by words, newest first."""
    with open_record(workspace, simulated=simulated) as (store, presenter):
        found = find(store, " ".join(words), kind, limit)
        view = presenter.view
        if as_json:
            shown = [{**one.model_dump(mode="json"), "url": view.link(*one.page)} for one in found]
            return print(json.dumps(shown, indent=2, ensure_ascii=False))
        for one in found:
            print(f"{view.when(one.at)}  {one.kind.value}  {one.state}  {one_line(one.title)}  {one.record_id}")
        return None if found else print("Nothing found.")
