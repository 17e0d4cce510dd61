"""One typed answer from a real model, at the OpenAI-compatible address QUARTERDECK_TEST_MODEL_URL; skipped without one.

It asserts that the answer has the asked type, never what it says: a small model gets numbers wrong.
"""

import os
from collections.abc import Iterator

import pytest

from agents.models.gateway_client import GatewayModel
from tests.agents.models.asking import DIGEST, ask, model

ADDRESS = os.environ.get("QUARTERDECK_TEST_MODEL_URL")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(300),
    pytest.mark.skipif(ADDRESS is None, reason="QUARTERDECK_TEST_MODEL_URL is not set"),
]

NOTES = """Summarise as JSON what changed today.
- Dana fixed a typo on the pricing page.
- Lee updated the deployment guide.
"""


@pytest.fixture
def gateway() -> Iterator[GatewayModel]:
    free = {"input_micros_per_million": 0, "output_micros_per_million": 0}
    port = GatewayModel({"main": model("main", "openai/local", api_base=ADDRESS, **free)}, {}, rungs={"main": "native"})
    yield port
    port.close()


async def test_a_real_model_gives_a_typed_answer(gateway: GatewayModel) -> None:
    reply = await gateway.complete(ask(NOTES, answer_schema=DIGEST, timeout_seconds=240))
    print(reply.model_dump_json(indent=2))
    assert reply.violation is None
    assert reply.answer is not None
    assert isinstance(reply.answer["headline"], str)
    assert reply.usage is not None
    assert reply.cost_micros == 0
