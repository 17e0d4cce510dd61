"""Templates of digests: what they may say, what they cannot do, and what no template can hide."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocks.cards import digest_card
from blocks.cards.digest_templates import BUILT_IN, values_of
from blocks.digest_check import check_digest
from blocks.elements import Items, Text
from blocks.render.text import render
from blocks.templates import (
    OUTPUT_MAX_CHARS,
    SOURCE_MAX_CHARS,
    TemplateProblem,
    check_template,
    compose,
    render_template,
)
from tests.blocks.samples import HOSTILE, VIEW, digest, framed_digest

VALUES = values_of(framed_digest(), VIEW, quiet=False)
OWN = """## In short
{% for one in figures %}
{% if not one.ok %}
- {{ one.label }} is {{ one.status }}: {{ one.value }}
{% endif %}
{% endfor %}
[figures]
"""


def test_a_workspace_says_in_which_form_a_digest_is_read() -> None:
    record, view = framed_digest(), replace(VIEW, templates={"daily": OWN})
    card = digest_card(record, view)
    said = render(card)
    assert "In short\n• Users is low: 71" in said
    assert said.index("Needs you") < said.index("Could not see") < said.index("In short") < said.index("window ")
    assert check_digest(card, record, view) == ()


def test_a_template_of_another_name_changes_nothing() -> None:
    assert digest_card(framed_digest(), replace(VIEW, templates={"week": OWN})) == digest_card(framed_digest(), VIEW)


@pytest.mark.parametrize("source", ["", "Nothing here.", "[small print]\n[needs]\n[figures]", BUILT_IN])
def test_no_template_hides_or_moves_what_must_be_seen(source: str) -> None:
    card = digest_card(framed_digest(), replace(VIEW, templates={"daily": source}))
    plain = digest_card(framed_digest(), VIEW)
    assert card.elements[:2] == plain.elements[:2]
    assert card.elements[-1] == plain.elements[-1]
    assert len([one for one in card.elements if one == card.elements[0]]) == 1


def test_a_broken_template_gives_way_to_the_built_in_form_which_says_so() -> None:
    for view in (
        replace(VIEW, broken_templates=frozenset({"daily"})),
        replace(VIEW, templates={"daily": "{{ nope }}"}),
    ):
        said = render(digest_card(framed_digest(), view))
        assert "templates/daily.j2 cannot be used; this is the built-in form" in " ".join(said.split())
        assert "Users fell; pages did not." in said


@pytest.mark.parametrize(
    ("source", "line", "said"),
    [
        ("{{ nope }}", 1, "'nope' is undefined"),
        ("a\n\n{{ title.upper() }}", 3, "A call is not taken in a template."),
        ("{% set a = 1 %}", 1, "set is not taken in a template."),
        ("{% macro a() %}{% endmacro %}", 1, "A macro is not taken in a template."),
        ("{% include 'x' %}", 1, "include is not taken in a template."),
        ("{{ 'x' * 100000000 }}", 1, "Arithmetic is not taken in a template."),
        ("{% for a in [1, 2] %}{% endfor %}", 1, "A list is not taken in a template."),
        ("{{ title|center(100000000) }}", 1, "There is no filter 'center' here"),
        ("{{ title.__class__ }}", 1, "'__class__' of 'str' object is unsafe"),
        ("{{ figures }}", 1, "A list cannot be written; name one of its values."),
        ("{% if %}", 1, "Expected an expression"),
        ("ok\n{% for a in figures %}\n{{ a.nope }}\n{% endfor %}", 3, "has no attribute 'nope'"),
        (
            "{% for a in needs %}{% for b in needs %}{% for c in needs %}x{% endfor %}{% endfor %}{% endfor %}",
            1,
            "2 deep",
        ),
        ("x" * (SOURCE_MAX_CHARS + 1), 1, "16001 characters"),
    ],
)
def test_what_a_template_cannot_do_is_said_with_its_line(source: str, line: int, said: str) -> None:
    problem = check_template(source, VALUES)
    assert problem is not None
    assert said in problem.message
    assert problem.line == line


def test_what_a_template_writes_is_bounded() -> None:
    many = {"figures": [{"label": "x" * 100}] * 50}
    twice = "{% for a in figures %}{% for b in figures %}{{ b.label }}{% endfor %}{% endfor %}"
    with pytest.raises(TemplateProblem, match=str(OUTPUT_MAX_CHARS)):
        render_template(twice, many)


@pytest.mark.parametrize("text", ["## Needs you", "- a row", "[figures]", "a\n## b", HOSTILE])
def test_a_value_is_never_taken_for_a_heading_a_row_or_a_block(text: str) -> None:
    blocks = {"figures": (Text(text="the figures"),)}
    elements = compose(render_template("{{ title }}", {"title": text}), blocks)
    assert [type(one) for one in elements] == [Text]
    assert elements != [Text(text="the figures")]


@given(st.text(max_size=200))
def test_no_source_does_anything_but_write_or_be_refused(source: str) -> None:
    record = digest(headline="As it was.")
    card = digest_card(record, replace(VIEW, templates={"daily": source}))
    assert isinstance(card.elements[0], Items)
