"""Cards as semantic HTML for the console. The classes a stylesheet may use are listed in templates/card.html.j2."""

import re
from functools import cache
from pathlib import Path
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from blocks.elements import Card, Form
from blocks.fit import fit, fit_form
from blocks.limits import READABLE
from blocks.render.words import earlier, hidden_in_words, simulation
from blocks.text import more, visible
from blocks.words import STEP_SIGN, TONE_SIGN

_TEMPLATES = Path(__file__).parent.parent / "templates"
CSRF_FIELD = "csrf"
"""The name under which a form posts the token given to `render`."""


def render(card: Card, csrf: str = "", csrf_field: str = CSRF_FIELD) -> str:
    """The card as one `<article>`, every string escaped and what is invisible written out.

    Nothing is fetched but the chart, from `/charts/KEY/REVISION.svg`.
    `csrf` is put into every form; empty leaves it out.
    """
    shown = fit(card, READABLE)
    return (
        _environment()
        .get_template("card.html.j2")
        .render(
            card=shown,
            sign=TONE_SIGN[shown.tone],
            dom_id=_dom_id(shown.key),
            chart_url=chart_url(shown),
            csrf=csrf,
            csrf_field=csrf_field,
        )
    )


def render_form(form: Form, csrf: str = "", csrf_field: str = CSRF_FIELD) -> str:
    """The form by itself, posting to /act."""
    shown = fit_form(form, READABLE)
    return (
        _environment()
        .get_template("form.html.j2")
        .render(form=shown, dom_id=_dom_id(form.token), csrf=csrf, csrf_field=csrf_field)
    )


def chart_url(card: Card) -> str:
    """Where the console serves the card's chart; add `?theme=dark` for a dark ground."""
    return f"/charts/{quote(card.key, safe='')}/{card.revision}.svg"


class _Exact(str):
    """A value that must come back as it is: escaped like all text, but with nothing written out."""

    __slots__ = ()


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finalize,
    )
    environment.globals.update(
        exact=_Exact,
        lines=_lines,
        more_in_words=more,
        earlier_in_words=earlier,
        hidden_in_words=hidden_in_words,
        simulation=simulation,
        step_sign=STEP_SIGN,
    )
    return environment


def _finalize(value: object) -> object:
    if isinstance(value, Markup | _Exact) or not isinstance(value, str):
        return value
    return visible(value)


def _lines(text: str) -> Markup:
    return Markup("<br>").join(escape(visible(line)) for line in text.split("\n"))


def _dom_id(key: str) -> str:
    return "card-" + re.sub(r"[^A-Za-z0-9_-]", "-", key)
