"""Plans and task cards as HTML: a sign for the state, the title, and below it what came of it."""

from markupsafe import Markup

from docs.pictures.block_kit.blocks import Plan, Source, TaskCard
from docs.pictures.html.markup import Page, tag
from docs.pictures.html.mrkdwn import link
from docs.pictures.html.rich_text import rich_text_html

_SIGN = {"pending": "", "in_progress": "", "complete": "✓", "error": "!"}


def plan_html(plan: Plan, page: Page) -> Markup:
    """The plan unfolded."""
    title = tag(
        "div", tag("span", plan.title, cls="words", dir="auto"), tag("span", "⌃", cls="caret"), cls="plan-title"
    )
    return tag("div", title, *(_task(task, page) for task in plan.tasks), cls="plan")


def task_html(task: TaskCard, page: Page) -> Markup:
    """One task by itself. ValueError for a pending one, which Slack takes only inside a plan."""
    if task.status == "pending":
        raise ValueError(f"the task {task.task_id} is pending outside a plan")
    return tag("div", _task(task, page), cls="plan alone")


def _task(task: TaskCard, page: Page) -> Markup:
    sign = tag("span", _SIGN[task.status], cls=f"sign {task.status}")
    said = [tag("div", task.title, cls="task-title", dir="auto")]
    said += [rich_text_html(part, page) for part in (task.details, task.output) if part is not None]
    if task.sources:
        said.append(tag("div", *(_source(source) for source in task.sources), cls="sources"))
    return tag("div", sign, tag("div", *said, cls="task-body"), cls="task")


def _source(source: Source) -> Markup:
    return tag("span", link(source.url, source.text), cls="source")
