"""One-time passwords against the vectors of the RFCs."""

from __future__ import annotations

import base64

import pytest

from cityindex.services.accounts.totp import AROUND, STEP, address, code_at, new_secret, step_at, step_of

SECRET = base64.b32encode(b"12345678901234567890").decode()


@pytest.mark.parametrize(
    ("moment", "code"),
    [
        (59, "94287082"),
        (1111111109, "07081804"),
        (1111111111, "14050471"),
        (1234567890, "89005924"),
        (2000000000, "69279037"),
        (20000000000, "65353130"),
    ],
)
def test_the_vectors_of_rfc_6238(moment: int, code: str) -> None:
    assert code_at(SECRET, step_at(moment), digits=8) == code


@pytest.mark.parametrize(
    ("step", "code"),
    list(
        enumerate(["755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"])
    ),
)
def test_the_vectors_of_rfc_4226(step: int, code: str) -> None:
    assert code_at(SECRET, step) == code


def test_clocks_may_differ_by_a_step_and_no_more() -> None:
    now = 1_700_000_000.0
    for steps in range(-3, 4):
        code = code_at(SECRET, step_at(now) + steps)
        assert (step_of(SECRET, code, now) is not None) == (abs(steps) <= AROUND)


def test_a_step_that_is_over_does_not_come_back() -> None:
    now = 1_700_000_000.0
    step = step_of(SECRET, code_at(SECRET, step_at(now)), now)
    assert step == step_at(now)
    assert step_of(SECRET, code_at(SECRET, step), now + 1, after=step) is None
    assert step_of(SECRET, code_at(SECRET, step + 1), now + STEP, after=step) == step + 1


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "๑๒๓๔๕๖"])
def test_what_is_no_code(code: str) -> None:
    assert step_of(SECRET, code, 59) is None


def test_what_the_authenticator_is_told() -> None:
    secret = new_secret()
    assert len(base64.b32decode(secret)) == 20
    assert secret != new_secret()
    told = address("ABC", "a@example.go.th", "ดัชนีเมือง")
    assert told.startswith("otpauth://totp/%E0%B8%94")
    assert told.endswith(
        "?secret=ABC&issuer=%E0%B8%94%E0%B8%B1%E0%B8%8A%E0%B8%99%E0%B8%B5%E0%B9%80%E0%B8%A1%E0%B8%B7%E0%B8%AD%E0%B8%87"
    )
