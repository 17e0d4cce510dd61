"""What SQL of an agent may say: one SELECT over the tables it was given, with nothing that differs from call to call.

It is judged on the database's own parse of it and executed as printed from that parse, so that nothing is read in two
ways. This is the second lock: the first is that the database can reach no file, network or setting at all.
"""

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from store.kernel.errors import UserMistake

HINT = "Write one SELECT over the agent's sources."
TABLE_KINDS = frozenset({"BASE_TABLE", "SUBQUERY", "JOIN", "EMPTY", "EXPRESSION_LIST", "TABLE_FUNCTION", "PIVOT"})
TABLE_FUNCTIONS = frozenset({"range", "generate_series", "unnest"})
SQL_MAX_CHARACTERS = 10_000
MOMENT_WORDS = frozenset({"current_date", "current_time", "current_timestamp", "localtime", "localtimestamp"})
"""Words that read as columns and mean the present moment of the machine."""
TELLTALES = ("pg_", "inet_", "has_", "current_", "localt", "ago", "user", "session_user")
"""How macros begin that tell of the machine or of the moment; the database does not say of macros that they change."""


class NotAllowed(UserMistake):
    """The SQL says something that no agent may say. Nothing was executed."""

    def __init__(self, what: str) -> None:
        super().__init__(f"This SQL cannot be used: {what}.", HINT)


@dataclass(frozen=True, slots=True)
class Judged:
    """SQL that may be executed. `tables` are those it reads, in lower case; `ordered`: it says the order of its rows.

    `parsed` is it as the database parsed it.
    """

    parsed: str
    tables: frozenset[str]
    ordered: bool
    parameters: frozenset[str]


def judged(parsed: str, tables: Collection[str], changing: Collection[str]) -> Judged:
    """The SQL behind a parse, when it may be executed. Raises NotAllowed.

    `tables` are those it may read; `changing` are functions that answer differently from call to call.
    """
    tree = json.loads(parsed)
    if tree.get("error"):
        raise NotAllowed(_complaint(tree))
    statements = tree.get("statements", [])
    if len(statements) != 1:
        raise NotAllowed(f"it holds {len(statements)} statements")
    node = statements[0]["node"]
    allowed = {name.lower() for name in tables}
    made = {str(name).lower() for name in _made_names(node)}
    own = next((name for name in sorted(made) if name.startswith("_") or name in allowed), None)
    if own is not None:
        raise NotAllowed(f"it gives the name {own!r} to a table of its own")
    read = frozenset(name for each in _mappings(node) for name in _read_by(each, allowed, made, changing))
    orders = any(one.get("type") == "ORDER_MODIFIER" and one.get("orders") for one in node.get("modifiers", ()))
    used = frozenset(str(one) for one in _parameters(node))
    return Judged(json.dumps(tree), read - made, orders, used)


def _complaint(tree: dict[str, object]) -> str:
    message = str(tree.get("error_message", "it cannot be parsed")).splitlines()[0]
    return "it is no SELECT" if message.startswith("Only SELECT") else message.rstrip(".").replace("\n", " ")


def _mappings(node: object) -> Iterator[dict[str, object]]:
    """Every mapping of the parse, from the top."""
    if isinstance(node, dict):
        yield node
        for value in node.values():
            yield from _mappings(value)
    elif isinstance(node, list):
        for value in node:
            yield from _mappings(value)


def _made_names(node: object) -> Iterator[object]:
    """Names that WITH gives."""
    for each in _mappings(node):
        made = each.get("cte_map")
        entries = made.get("map", ()) if isinstance(made, dict) else ()
        for entry in entries if isinstance(entries, list) else ():
            yield entry["key"]


def _parameters(node: object) -> Iterator[object]:
    return (each["identifier"] for each in _mappings(node) if each.get("class") == "PARAMETER" and "identifier" in each)


def _read_by(
    each: dict[str, object], allowed: Collection[str], made: Collection[str], changing: Collection[str]
) -> Iterator[str]:
    """The table that one part of the parse reads, if it reads one. Raises NotAllowed."""
    if each.get("sample") is not None:
        raise NotAllowed("it takes a random sample")
    function, words = each.get("function_name"), each.get("column_names")
    if isinstance(function, str):
        _require_steady(function, changing)
    if isinstance(words, list) and len(words) == 1 and str(words[0]).lower() in MOMENT_WORDS:
        raise NotAllowed(f"{words[0]} is the machine's moment and not the team's; give moments as parameters")
    if "sample" not in each or "alias" not in each:
        return
    if each.get("type") not in TABLE_KINDS:
        raise NotAllowed("it asks for something else than rows")
    if each.get("type") == "TABLE_FUNCTION":
        _require_harmless(each.get("function"))
    if each.get("type") == "BASE_TABLE":
        yield _table(each, allowed, made)


def _require_steady(function: str, changing: Collection[str]) -> None:
    if function.lower() in changing or function.lower().startswith(TELLTALES):
        raise NotAllowed(f"{function}() answers differently from call to call; give moments as parameters")


def _require_harmless(function: object) -> None:
    name = str(function.get("function_name", "")) if isinstance(function, dict) else ""
    if name.lower() not in TABLE_FUNCTIONS:
        raise NotAllowed(f"{name}() reads something else than the agent's sources")


def _table(each: dict[str, object], allowed: Collection[str], made: Collection[str]) -> str:
    name = str(each.get("table_name", ""))
    if each.get("schema_name") or each.get("catalog_name") or each.get("at_clause"):
        raise NotAllowed(f"{name!r} is named with a schema, a catalog or a version")
    if name.lower() not in allowed and name.lower() not in made:
        known = ", ".join(sorted(allowed)) or "none"
        raise NotAllowed(f"there is no table {name!r}; there are: {known}")
    return name.lower()
