"""Signatures of webhooks, against the published vectors and against tampering."""

import base64
from datetime import UTC, datetime, timedelta

import pytest

from bot.surfaces.webhooks import TOLERANCE_SECONDS, secret_bytes, sign, verify
from store.kernel.errors import Refused, UserMistake

# The vector of the reference libraries: https://github.com/standard-webhooks/standard-webhooks/tree/main/libraries.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ID = "msg_p5jXN8AQM9LWM0D4loKWxJek"
SECONDS = 1614265330
BODY = b'{"test": 2432232314}'
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="

NOW = datetime.fromtimestamp(SECONDS, UTC)
OTHER = "whsec_" + base64.b64encode(b"another secret, another secret").decode()
HEADERS = {"webhook-id": ID, "webhook-timestamp": str(SECONDS), "webhook-signature": SIGNATURE}


def test_the_published_vector_is_made_and_verified() -> None:
    assert sign(SECRET, ID, SECONDS, BODY) == SIGNATURE
    assert verify([SECRET], HEADERS, BODY, NOW) == ID


def test_the_prefix_of_a_secret_may_be_missing() -> None:
    assert verify([SECRET.removeprefix("whsec_")], HEADERS, BODY, NOW) == ID


def test_either_secret_counts_during_a_rotation() -> None:
    assert verify([OTHER, SECRET], HEADERS, BODY, NOW) == ID


def test_one_right_signature_among_several_is_enough() -> None:
    several = f"v1,{'A' * 43}= v2,ignored {SIGNATURE}"
    assert verify([SECRET], {**HEADERS, "webhook-signature": several}, BODY, NOW) == ID


@pytest.mark.parametrize("seconds", [-TOLERANCE_SECONDS, 0, TOLERANCE_SECONDS])
def test_five_minutes_either_way_are_allowed(seconds: int) -> None:
    assert verify([SECRET], HEADERS, BODY, NOW + timedelta(seconds=seconds)) == ID


@pytest.mark.parametrize("seconds", [-TOLERANCE_SECONDS - 1, TOLERANCE_SECONDS + 1])
def test_more_than_five_minutes_are_refused(seconds: int) -> None:
    with pytest.raises(Refused, match="five minutes"):
        verify([SECRET], HEADERS, BODY, NOW + timedelta(seconds=seconds))


@pytest.mark.parametrize(
    "changes",
    [
        {"webhook-id": "msg_other"},
        {"webhook-id": ""},
        {"webhook-id": "x" * 201},
        {"webhook-id": "msg\n1"},
        {"webhook-timestamp": str(SECONDS + 1)},
        {"webhook-timestamp": ""},
        {"webhook-timestamp": "-1"},
        {"webhook-timestamp": "1e9"},
        {"webhook-timestamp": "١٦١٤٢٦٥٣٣٠"},
        {"webhook-timestamp": "9" * 400},
        {"webhook-signature": ""},
        {"webhook-signature": SIGNATURE.replace("v1", "v2")},
        {"webhook-signature": SIGNATURE[:-5] + "AAAA="},
        {"webhook-signature": "v1,not base64"},
        {"webhook-signature": "v1,"},
    ],
)
def test_anything_else_in_the_headers_is_refused(changes: dict[str, str]) -> None:
    with pytest.raises(Refused):
        verify([SECRET], {**HEADERS, **changes}, BODY, NOW)


def test_a_changed_body_is_refused() -> None:
    with pytest.raises(Refused, match="does not match"):
        verify([SECRET], HEADERS, BODY + b" ", NOW)


def test_no_secret_and_a_foreign_secret_refuse() -> None:
    for secrets in ([], [OTHER]):
        with pytest.raises(Refused):
            verify(secrets, HEADERS, BODY, NOW)


@pytest.mark.parametrize("secret", ["whsec_!!!", "whsec_c2hvcnQ=", ""])
def test_an_unusable_secret_is_a_mistake_that_does_not_show_it(secret: str) -> None:
    with pytest.raises(UserMistake) as caught:
        secret_bytes(secret)
    assert secret == "" or secret not in str(caught.value)
