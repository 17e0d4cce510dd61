"""Which pictures there are: every kind of card as it usually looks and at its worst, and what opens from it."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from blocks.cards import approval_card, run_card
from blocks.elements import Button, Card, Choice, FieldKind, Form, FormButton, FormField
from blocks.tokens import Verb, encode
from docs.pictures.discord.frames import App, Screen
from docs.pictures.discord.sheet import Part, card_part, form_part, public, question_part
from docs.pictures.gallery import ORDINARY, OTHER, WORST, samples
from docs.pictures.html.frames import Theme
from docs.pictures.sheet import Sheet
from docs.pictures.weekly import weekly_card
from tests.blocks.samples import VIEW, approval, run, steps

APP = App(name="First Light", icon="⚓", time="Today at 14:30")
CONSOLE = "https://deck.example.com"
"""Where the console of the pictured team can be opened by everybody."""

_ASK = Form(
    title="Ask an agent",
    submit="Ask",
    token=encode(Verb.ASK, "machine-watch", 0),
    intro="It becomes a run that everybody sees.",
    fields=(
        FormField(name="text", label="What should it do?", kind=FieldKind.MULTILINE),
        FormField(
            name="urgency",
            label="How urgent is it?",
            kind=FieldKind.CHOICE,
            initial="today",
            options=(Choice(label="Today", value="today"), Choice(label="This week", value="week")),
        ),
        FormField(name="files", label="Files", kind=FieldKind.FILE, required=False, max_files=5, hint="At most 5 MB."),
    ),
)
"""One field of every look."""


class Look(NamedTuple):
    """How a picture is taken: Discord's own theme is dark."""

    theme: Theme = Theme.DARK
    screen: Screen = Screen.WIDE


def _of_card(
    sample: str, *, attached: bool = True, below: str | None = None, calls: bool = False
) -> Callable[[], Part]:
    def part() -> Part:
        thread = [_public(below)] if below else []
        return card_part(_public(sample), APP, attached=attached, below=thread, calls=calls)

    return part


def _public(sample: str) -> Card:
    return public(samples()[sample], str(VIEW.console_url), CONSOLE)


def _local() -> Part:
    return card_part(run_card(run(), steps(), VIEW, revision=6), APP)


def _form(label: str) -> Part:
    actions = approval_card(approval(), (), VIEW).actions
    button = next(action for action in actions if isinstance(action, FormButton) and action.label == label)
    return form_part(button.form, APP)


def _question() -> Part:
    actions = approval_card(approval(irreversible=True), (), VIEW).actions
    return question_part(next(one for one in actions if isinstance(one, Button) and one.confirm), APP)


PARTS: Mapping[str, Callable[[], Part]] = MappingProxyType(
    {
        **{kind: _of_card(sample, calls=kind == "approval") for kind, sample in ORDINARY.items()},
        **{f"{kind}-worst": _of_card(sample) for kind, sample in WORST.items()},
        **{name: _of_card(sample) for name, sample in OTHER.items()},
        "digest-weekly": lambda: card_part(public(weekly_card(), str(VIEW.console_url), CONSOLE), APP),
        "run-thread": _of_card("run/waiting", below="log"),
        "run-console-on-one-machine": _local,
        "alert-without-its-chart": _of_card("alert/open", attached=False),
        "approval-edit": lambda: _form("Edit…"),
        "approval-reject": lambda: _form("Reject…"),
        "approval-question": _question,
        "form": lambda: form_part(_ASK, APP),
    }
)
"""Every picture in dark and on a wide screen, by name."""

IN_LIGHT = ("approval", "alert")
ON_A_PHONE = ("approval", "alert", "digest", "fleet")

_LOOKS = {
    **{name: (name, Look()) for name in PARTS},
    **{f"{name}-light": (name, Look(theme=Theme.LIGHT)) for name in IN_LIGHT},
    **{f"{name}-phone": (name, Look(screen=Screen.PHONE)) for name in ON_A_PHONE},
}
NAMES = tuple(_LOOKS)
"""Every picture there is."""


def sheet(name: str) -> Sheet:
    """The document of one picture. Raises KeyError for a name that is none."""
    part, look = _LOOKS[name]
    return PARTS[part]().sheet(name, look.theme, look.screen)
