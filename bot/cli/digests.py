"""`quarterdeck digests`: the published digests, each held against the checklist of what a digest must be."""

import json
from typing import Annotated

from cyclopts import Parameter, validators

from blocks.cards import digest_card
from blocks.digest_check import Objection, check_digest
from bot.cli import exits
from bot.cli.opening import DEFAULT_WORKSPACE, AsJson, Simulated, Workspace, open_record
from bot.delivery.present import Presenter
from store.queries.findings import recent_digests
from store.records import Digest

LATEST = 50


def digests(
    agent: Annotated[str | None, Parameter(help="Only digests of this agent.")] = None,
    /,
    *,
    workspace: Workspace = DEFAULT_WORKSPACE,
    as_json: AsJson = False,
    simulated: Simulated = False,
    check: Annotated[bool, Parameter(negative="", help="Say what each misses of the checklist.")] = False,
    limit: Annotated[int, Parameter(validator=validators.Number(gte=1), help="How many at most.")] = LATEST,
) -> int:
    """The latest digests, newest first; `--check` holds them against the checklist."""
    with open_record(workspace, simulated=simulated) as (store, presenter):
        found = recent_digests(store, agent, limit)
        missed = {digest.id: _missed(digest, presenter) if check else () for digest in found}
        if as_json:
            print(json.dumps([_told(one, missed[one.id]) for one in found], indent=2, ensure_ascii=False))
        else:
            _print(found, missed, presenter, check=check)
    return exits.NOT_PASSED if any(missed.values()) else exits.DONE


def _missed(digest: Digest, presenter: Presenter) -> tuple[Objection, ...]:
    return check_digest(digest_card(digest, presenter.view), digest, presenter.view)


def _told(digest: Digest, missed: tuple[Objection, ...]) -> object:
    return {**digest.model_dump(mode="json"), "missed": [one._asdict() for one in missed]}


def _print(found: list[Digest], missed: dict[str, tuple[Objection, ...]], presenter: Presenter, *, check: bool) -> None:
    for digest in found:
        verdict = "" if not check else "  passes" if not missed[digest.id] else f"  misses {len(missed[digest.id])}"
        print(f"{digest.id}  {presenter.view.when(digest.published_at)}  {digest.agent_id}  {digest.title}{verdict}")
        for one in missed[digest.id]:
            print(f"  {one.point}. {one.why}")
    if not found:
        print("No digests yet.")
