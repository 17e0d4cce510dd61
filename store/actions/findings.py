"""Findings: readings kept, digests published; each once."""

from store import rows, schema
from store.actions.action import action
from store.actions.insert import insert_once
from store.actions.marks import note_uses
from store.records.actor import Actor, ActorKind
from store.records.card import CardKind
from store.records.digest import Digest
from store.records.finding import Reading
from store.records.mark import OutputKind
from store.transaction import Tx


@action("findings.readings")
def record_readings(tx: Tx, readings: list[Reading]) -> int:
    """Keeps readings, once per (metric, agent, moment); returns how many were new."""
    return sum(insert_once(tx, schema.readings, rows.values(reading)) for reading in readings)


@action("findings.digest")
def publish_digest(tx: Tx, digest: Digest) -> bool:
    """Puts a digest on record and on its card; False when this digest (by id) was published before."""
    row = {
        "id": digest.id,
        "agent_id": digest.agent_id,
        "name": digest.name,
        "published_at": digest.published_at,
        "body": digest.model_dump(mode="json"),
    }
    if not insert_once(tx, schema.digests, row):
        return False
    note_uses(tx, OutputKind.DIGEST, digest.id, digest.origins)
    tx.audit("digest.published", _agent(digest.agent_id), ("digest", digest.id), run=digest.run_id, name=digest.name)
    tx.show(CardKind.DIGEST, digest.id, digest.agent_id)
    return True


def _agent(agent_id: str) -> Actor:
    return Actor(kind=ActorKind.AGENT, id=agent_id)
