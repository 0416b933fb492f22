"""Time-based one-time passwords (RFC 6238 over RFC 4226), as authenticator applications make them."""

from __future__ import annotations

import base64
import hmac
import secrets
from urllib.parse import quote, urlencode

STEP, DIGITS = 30, 6
AROUND = 1
"""Steps before and after the present one that count, for clocks that differ."""


def new_secret() -> str:
    """160 bits in Base32, as RFC 4226 recommends."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


def step_at(moment: float) -> int:
    return int(moment) // STEP


def code_at(secret: str, step: int, digits: int = DIGITS) -> str:
    """The code of a time step."""
    mac = hmac.digest(base64.b32decode(secret), step.to_bytes(8, "big"), "sha1")
    offset = mac[-1] & 0x0F
    number = int.from_bytes(mac[offset : offset + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**digits:0{digits}d}"


def step_of(secret: str, code: str, moment: float, after: int = 0) -> int | None:
    """The time step around `moment`, later than `after`, whose code this is; None where there is none."""
    present = step_at(moment)
    steps = range(max(present - AROUND, after + 1), present + AROUND + 1)
    return next((step for step in steps if hmac.compare_digest(code_at(secret, step).encode(), code.encode())), None)


def address(secret: str, account: str, issuer: str) -> str:
    """What the picture for the authenticator says (`otpauth://…`)."""
    query = urlencode({"secret": secret, "issuer": issuer}, quote_via=quote)
    return f"otpauth://totp/{quote(issuer)}:{quote(account)}?{query}"
