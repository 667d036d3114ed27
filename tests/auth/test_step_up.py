"""Acts that need a fresh or a strong login."""

from dataclasses import replace
from datetime import timedelta

import pytest

from auth import step_up
from auth.challenge import LoginTooOld, challenge
from auth.tokens import Caller
from tests.auth.parties import Clock

NOW = Clock()()
PERSON = Caller(
    client_id="polri-desk",
    agency="POLRI",
    scopes=frozenset({"scope:approve"}),
    purpose="subject-request",
    jurisdiction=(),
    token_id="one",  # noqa: S106 - an id
    expires_at=NOW + timedelta(seconds=300),
    account_id="https://sso.example#budi",
    acr="substantial",
    authenticated_at=NOW - timedelta(seconds=100),
)


@pytest.mark.parametrize(
    ("needed", "caller", "is_enough"),
    [
        ({}, PERSON, True),
        ({"max_age": timedelta(seconds=100)}, PERSON, True),
        ({"max_age": timedelta(seconds=90)}, PERSON, False),
        ({"acr_values": ["high", "substantial"]}, PERSON, True),
        ({"acr_values": ["high"]}, PERSON, False),
        ({"acr_values": ["high"]}, replace(PERSON, acr=None), False),
        ({}, replace(PERSON, account_id=None, acr=None, authenticated_at=None), False),
    ],
)
def test_a_login_is_young_and_strong_enough_or_it_is_not(needed, caller, is_enough):
    if is_enough:
        step_up.require(caller, NOW, **needed)
    else:
        with pytest.raises(LoginTooOld):
            step_up.require(caller, NOW, **needed)


def test_the_challenge_says_what_is_needed():
    error = LoginTooOld(max_age_s=60, acr_values=["high", "higher"])

    assert challenge(error, token_sent=True, bearer=False) == (
        'DPoP realm="hub", error="insufficient_user_authentication", acr_values="high higher", max_age="60", '
        'algs="PS256 ES256 Ed25519 EdDSA"'
    )
