"""A press becomes one inbound event, safely on record before anything is answered; then its answer is shown."""

from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode, urlsplit

from aiohttp import web
from markupsafe import Markup

from blocks.render.html import render, render_form
from bot.surfaces.base import Answer, Inbound, InboundEvent, InboundKind
from bot.surfaces.console.drawing import draw_page, local_links, see_other
from bot.surfaces.console.notes import Note
from bot.surfaces.console.sessions import Ticket, read_ticket, write_ticket
from bot.surfaces.console.shield import wants_json
from bot.surfaces.console.site import Site, session_of, site_of
from store.kernel.canonical import call_hash
from store.kernel.ids import derive

SURFACE = "console"
TICKET_FIELD = "ticket"
MAX_COMMAND_CHARS = 2000

_FIELD_PREFIX = "field."
_BEING_DONE = Answer(text="This is already being done.")


async def act(request: web.Request) -> web.StreamResponse:
    """POST /act: a button or a form of a card."""
    form = await _text_fields(request)
    ticket = _checked(request, form)
    event = press_event(session_of(request).person, ticket.nonce, form)
    answer = await carry_out(site_of(request).inbound, event)
    return await _respond(request, ticket, answer)


async def command(request: web.Request) -> web.StreamResponse:
    """POST /command: one line of the command table."""
    form = await _text_fields(request)
    ticket = _checked(request, form)
    text = form.get("text", "").strip()[:MAX_COMMAND_CHARS]
    if not text:
        return await _respond(request, ticket, Answer(text="Type a command first; `help` lists them.", ok=False))
    event = command_event(session_of(request).person, ticket.nonce, text)
    answer = await carry_out(site_of(request).inbound, event)
    return await _respond(request, ticket, answer)


async def carry_out(inbound: Inbound, event: InboundEvent) -> Answer:
    """Puts the event on record, then acts on it; a repeat is told what the first was told and changes nothing."""
    accepted = await inbound.accept(event)
    if not accepted.repeat:
        return await inbound.act(accepted)
    return Answer(text=accepted.earlier_answer) if accepted.earlier_answer else _BEING_DONE


def press_event(person: str, nonce: str, form: Mapping[str, str]) -> InboundEvent:
    """The event of one press on one drawing of a page: equal for a double click, another one for other answers."""
    token = form.get("token", "")
    fields = {
        name.removeprefix(_FIELD_PREFIX): _unix(value) for name, value in form.items() if name.startswith(_FIELD_PREFIX)
    }
    return InboundEvent(
        surface=SURFACE,
        key=derive("press", person, nonce, token, call_hash(fields)),
        kind=InboundKind.SUBMIT if fields else InboundKind.PRESS,
        account=person,
        token=token,
        fields=fields,
    )


def command_event(person: str, nonce: str, text: str) -> InboundEvent:
    """The event of one command line sent from one drawing of a page."""
    key = derive("command", person, nonce, text)
    return InboundEvent(surface=SURFACE, key=key, kind=InboundKind.COMMAND, account=person, text=text)


def answer_html(site: Site, answer: Answer, ticket: str) -> str | None:
    """The answer's form or card as HTML; None when it is words or nothing."""
    if answer.form is not None:
        return render_form(answer.form, ticket, TICKET_FIELD)
    return local_links(site, render(answer.card, ticket, TICKET_FIELD)) if answer.card is not None else None


async def _respond(request: web.Request, ticket: Ticket, answer: Answer) -> web.StreamResponse:
    site, session = site_of(request), session_of(request)
    fresh = write_ticket(session, ticket.back)
    html = answer_html(site, answer, fresh)
    if wants_json(request):
        return web.json_response({"ok": answer.ok, "text": answer.text, "html": html, "ticket": fresh})
    if html is not None:
        return await draw_page(request, "answer.html.j2", lambda: {"answer": Markup(html), "back": ticket.back})  # noqa: S704 - drawn by blocks, which escapes
    note = site.notes.keep(Note(session.person, answer.text, answer.ok)) if answer.text else None
    return see_other(with_note(ticket.back, note))


def with_note(path: str, note: str | None) -> str:
    """The path with the note to show there, and without an older one."""
    parts = urlsplit(path)
    query = [(name, value) for name, value in parse_qsl(parts.query) if name not in ("note", "part")]
    query += [("note", note)] if note else []
    return f"{parts.path}?{urlencode(query)}" if query else parts.path


async def ticket_of(request: web.Request) -> Ticket:
    """The ticket that came with a form. Raises HTTPForbidden when it is not one of this login's."""
    return _checked(request, await _text_fields(request))


async def _text_fields(request: web.Request) -> dict[str, str]:
    return {name: value for name, value in (await request.post()).items() if isinstance(value, str)}


def _checked(request: web.Request, form: Mapping[str, str]) -> Ticket:
    ticket = read_ticket(session_of(request), form.get(TICKET_FIELD, ""))
    if ticket is None:
        raise web.HTTPForbidden(reason="This page is from an earlier login. Load it again, then press once more.")
    return ticket


def _unix(text: str) -> str:
    """A browser sends line breaks of a text area as CR LF, whatever was in it before."""
    return text.replace("\r\n", "\n")
