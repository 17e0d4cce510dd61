"""The workspace's own word on its topics, put on record when the team starts or its workspace is read again."""

from agents.roster import Team
from store.actions.topics import install_topic
from store.handle import Store


def install_topics(store: Store, team: Team) -> None:
    """Makes each topic say what its file says, unless it said so before; what agents wrote since then stays."""
    for topic in team.topics.values():
        if topic.text:
            install_topic(store, topic.name, topic.text)
