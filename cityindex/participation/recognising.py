"""Knowing a person again without keeping who it is: a keyed hash of what the person was recognised by."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets

LONGEST = 254
"""Characters of an e-mail address."""
ADDRESS = re.compile(r"[^\s@,;<>\"()\[\]\\]{1,64}@[^\s@,;<>\"()\[\]\\]+\.[^\s@,;<>\"()\[\]\\.]{2,}")


def new_secret() -> str:
    """The key of one consultation."""
    return secrets.token_hex(32)


def voice_key(secret: str, door: str, said: str) -> str:
    """The keyed hash (HMAC-SHA-256) of what a person was recognised by; useless without the secret."""
    return hmac.new(bytes.fromhex(secret), f"{door}\n{said}".encode(), hashlib.sha256).hexdigest()


def mailbox(address: str) -> str | None:
    """The mailbox that an address means, the same however it is written; None where it is no address.

    Large and small letters are the same, and what follows a `+` before the `@` leads to the same mailbox.
    """
    written = address.strip().casefold()
    if len(written) > LONGEST or not written.isprintable() or ADDRESS.fullmatch(written) is None:
        return None
    local, _, domain = written.rpartition("@")
    name = local.partition("+")[0] or local
    return f"{name}@{domain}"


def same_person(issuer: str, subject: str) -> str:
    """What an OpenID provider names a person by."""
    return f"{len(issuer)}:{issuer}{subject}"
