"""Signatures of this site (JWS, ES256), its published keys (JWKS), and the check of what others signed."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey
from sqlalchemy import select

from cityindex.database import is_sqlite, writing
from cityindex.errors import Invalid
from cityindex.models import SigningKey, now

if TYPE_CHECKING:
    from sqlalchemy.orm import Session, sessionmaker

ALGORITHM = "ES256"
MANIFEST, RECEIPT = "cityindex-delivery+jws", "cityindex-receipt+jws"
"""What is signed (`typ`): one is never taken for the other."""


@dataclass(frozen=True, slots=True)
class Signed:
    """What a signature holds, and the key that made it."""

    kid: str
    content: Mapping[str, Any]


class Unsigned(Invalid):
    """A signature that is not right, or of a key that is not known. It may have been bent on its way."""


class Signing:
    """The keys of this site. The first is made when something is first signed."""

    def __init__(self, sessions: sessionmaker[Session], clock: Callable[[], datetime] = now) -> None:
        self.sessions = sessions
        self.clock = clock

    def published(self) -> dict[str, Any]:
        """All public keys, the one that signs first: `{"keys": […]}`."""
        with self.sessions() as session:
            rows = session.scalars(select(SigningKey).order_by(SigningKey.id.desc())).all()
            return {"keys": [_public(row.content) for row in rows]}

    def rotate(self) -> str:
        """Sign with a new key from now on; its id. The private part of the one before is thrown away."""
        with self.sessions() as session:
            lock_keys(writing(session))
            for row in session.scalars(select(SigningKey).where(SigningKey.retired_at.is_(None))):
                row.retired_at = self.clock()
                row.content = json.dumps({**_public(row.content)})
            kid = _made(session, self.clock()).kid
            session.commit()
            return kid

    def sign(self, session: Session, kind: str, content: Mapping[str, Any]) -> str:
        """`content` as a signed line (JWS compact), within the transaction of `session`."""
        lock_keys(session)
        row = session.scalar(select(SigningKey).where(SigningKey.retired_at.is_(None)).order_by(SigningKey.id.desc()))
        row = row or _made(session, self.clock())
        key = ECKey.import_key(json.loads(row.content))
        header = {"alg": ALGORITHM, "kid": row.kid, "typ": kind}
        body = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return jws.serialize_compact(header, body, key, algorithms=[ALGORITHM])


def lock_keys(session: Session) -> None:
    """No key is made or retired beside: two would sign at a time."""
    if not is_sqlite(session):
        session.connection().exec_driver_sql("LOCK TABLE signing_key IN SHARE ROW EXCLUSIVE MODE")


def kid_of(signed: str) -> str:
    """Which key is said to have signed. Raises `Unsigned`."""
    try:
        return str(jws.extract_compact(signed.encode()).headers()["kid"])
    except (JoseError, KeyError, ValueError, UnicodeEncodeError) as error:
        raise Unsigned("the signed line cannot be read") from error


def check(signed: str, kind: str, key: Mapping[str, Any]) -> Signed:
    """What a signed line says, where `key` (a public JWK) has signed it as `kind`. Raises `Unsigned`."""
    try:
        found = jws.deserialize_compact(signed, ECKey.import_key(dict(key)), algorithms=[ALGORITHM])
        content = json.loads(found.payload)
    except (JoseError, ValueError) as error:
        raise Unsigned("the signature is not right") from error
    if found.headers().get("typ") != kind or not isinstance(content, dict):
        raise Unsigned(f"this is not signed as {kind}")
    return Signed(str(found.headers().get("kid")), content)


def claimed(signed: str) -> Mapping[str, Any]:
    """What a line says that nobody has checked yet: enough to know whose key to ask for. Raises `Unsigned`."""
    kid_of(signed)
    try:
        content = json.loads(jws.extract_compact(signed.encode()).payload)
    except (JoseError, ValueError) as error:
        raise Unsigned("the signed line cannot be read") from error
    if not isinstance(content, dict):
        raise Unsigned("the signed line says nothing")
    return content


def read(signed: str) -> Mapping[str, Any]:
    """What a line that was checked before says."""
    content: Mapping[str, Any] = json.loads(jws.extract_compact(signed.encode()).payload)
    return content


def thumbprint(key: Mapping[str, Any]) -> str:
    """The id of a public key (RFC 7638). Raises `Unsigned` for one that is none."""
    try:
        return ECKey.import_key(dict(key)).thumbprint()
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise Unsigned("this is no key") from error


def _made(session: Session, at: datetime) -> SigningKey:
    key = ECKey.generate_key("P-256", auto_kid=True)
    row = SigningKey(kid=key.thumbprint(), content=json.dumps(key.as_dict(private=True)), made_at=at)
    session.add(row)
    session.flush()
    return row


def _public(content: str) -> dict[str, Any]:
    key = ECKey.import_key(json.loads(content))
    return {**key.as_dict(private=False), "use": "sig", "alg": ALGORITHM}
