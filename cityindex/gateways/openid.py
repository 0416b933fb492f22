"""OpenID Connect: lets a provider (ThaID, an agency's own) say who somebody is. Authorization code with PKCE."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from cityindex.config import OpenId
from cityindex.errors import Forbidden, Unavailable

PATIENCE = 10.0
"""Seconds to wait for the provider."""
LEEWAY = 60
"""Seconds that its clock may differ."""
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "ES256", "ES384")
"""Only such that the provider alone can sign with."""
SCOPE, BARE = "openid profile email", "openid"
"""What is asked of the provider: name and address as well, or only that it is the same person."""


@dataclass(frozen=True, slots=True)
class Begun:
    """Where to send the browser, and what to keep until it is back."""

    url: str
    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True)
class Person:
    """Who came back. `email` is None where the provider does not vouch for it."""

    issuer: str
    subject: str
    email: str | None
    name: str


class Provider:
    """One OpenID provider. `Unavailable` where it does not answer, `Forbidden` where what comes back does not hold."""

    def __init__(self, settings: OpenId) -> None:
        self.settings = settings

    def begin(self, back: str, scope: str = SCOPE) -> Begun:
        """`back`: the absolute address of this site that the provider returns to."""
        state, nonce, verifier = (secrets.token_urlsafe(size) for size in (24, 24, 48))
        with self._session(back, scope) as session:
            url, _ = session.create_authorization_url(
                self._metadata["authorization_endpoint"], state=state, nonce=nonce, code_verifier=verifier
            )
        return Begun(url, state, nonce, verifier)

    def finish(self, begun: Begun, back: str, answered: str, scope: str = SCOPE) -> Person:
        """`answered`: the whole address that the browser came back with. With `BARE`, name and address stay unknown."""
        try:
            with self._session(back, scope) as session:
                token = session.fetch_token(
                    self._metadata["token_endpoint"],
                    authorization_response=answered,
                    state=begun.state,
                    code_verifier=begun.verifier,
                    timeout=PATIENCE,
                )
                claims = self._claims(token.get("id_token", ""), begun.nonce)
                if scope == BARE:
                    return Person(self.settings.issuer, str(claims["sub"]), None, "")
                return self._person(claims, session)
        except requests.RequestException as error:
            raise Unavailable(f"{self.settings.issuer} does not answer: {error}") from error
        except (AuthlibBaseError, JoseError, ValueError) as error:
            raise Forbidden(f"{self.settings.issuer} did not say who it is: {error}") from error

    def _session(self, back: str, scope: str) -> Any:
        return OAuth2Session(
            self.settings.client_id,
            self.settings.client_secret,
            scope=scope,
            redirect_uri=back,
            code_challenge_method="S256",
        )

    @cached_property
    def _metadata(self) -> Mapping[str, Any]:
        found = self._read(f"{self.settings.issuer.rstrip('/')}/.well-known/openid-configuration")
        if found.get("issuer") != self.settings.issuer:
            own = found.get("issuer")
            raise Unavailable(f"{self.settings.issuer} calls itself {own}: set CITYINDEX_OPENID_ISSUER to that")
        return found

    def _claims(self, token: str, nonce: str) -> Mapping[str, Any]:
        keys = KeySet.import_key_set(self._read(self._metadata["jwks_uri"]))  # type: ignore[arg-type]
        claims = jwt.decode(token, keys, algorithms=list(ALGORITHMS)).claims
        rules = jwt.JWTClaimsRegistry(
            leeway=LEEWAY,
            iss={"essential": True, "value": self.settings.issuer},
            aud={"essential": True, "value": self.settings.client_id},
            nonce={"essential": True, "value": nonce},
            sub={"essential": True},
            exp={"essential": True},
        )
        rules.validate(claims)
        if claims.get("azp", self.settings.client_id) != self.settings.client_id:
            raise Forbidden("the token was made for somebody else")
        return claims

    def _person(self, claims: Mapping[str, Any], session: Any) -> Person:
        """With the address from the place where this provider tells it."""
        told = dict(claims)
        if "email" not in told and "userinfo_endpoint" in self._metadata:
            more = session.get(self._metadata["userinfo_endpoint"], timeout=PATIENCE).json()
            if more.get("sub") != claims["sub"]:
                raise Forbidden("the provider spoke of two people")
            told = {**more, **told}
        email = told.get("email") if told.get("email_verified") is True else None
        return Person(self.settings.issuer, str(claims["sub"]), email, str(told.get("name", "")))

    @staticmethod
    def _read(url: str) -> dict[str, Any]:
        try:
            answer = requests.get(url, timeout=PATIENCE)
            answer.raise_for_status()
            found: dict[str, Any] = answer.json()
        except (requests.RequestException, ValueError) as error:
            raise Unavailable(f"{url} does not answer: {error}") from error
        return found
