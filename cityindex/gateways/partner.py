"""The other side of an agreement: packages are pushed to it, and its keys are read, over HTTPS."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import requests

from cityindex.errors import Unavailable

CONNECT, READ = 10.0, 600.0
"""Seconds to wait for a connection, and for the answer: a large delivery is applied before it is answered."""
MOST_OF_AN_ANSWER = 50_000_000
KEYS_ADDRESS = "/.well-known/jwks.json"
DELIVERIES_ADDRESS = "/api/v1/deliveries"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the partner said; `said` is its JSON, empty where there was none."""

    status: int
    said: dict[str, Any]


class PartnerGateway:
    """Asks nobody but the address of the agreement: no redirects are followed, no proxy of the environment is used."""

    def push(self, address: str, key: str, name: str, parts: Iterable[bytes]) -> Answer:
        """Send a package under an idempotency key. Raises `Unavailable` where no answer came."""
        headers = {
            "Authorization": f"Bearer {key}",
            "Idempotency-Key": name,
            "Content-Type": "application/vnd.cityindex.delivery",
            "Accept": "application/json",
        }
        return self._asked("POST", f"{address}{DELIVERIES_ADDRESS}", headers, b"".join(parts))

    def keys(self, address: str) -> dict[str, Any]:
        """The published keys (JWKS). Raises `Unavailable`."""
        answer = self._asked("GET", f"{address}{KEYS_ADDRESS}", {"Accept": "application/json"}, None)
        if answer.status != 200 or not isinstance(answer.said.get("keys"), list):
            raise Unavailable(f"{address} publishes no keys (status {answer.status})")
        return answer.said

    @staticmethod
    def _asked(method: str, url: str, headers: dict[str, str], body: bytes | None) -> Answer:
        try:
            with requests.Session() as session:
                session.trust_env = False
                response = session.request(
                    method, url, headers=headers, data=body, timeout=(CONNECT, READ), allow_redirects=False, stream=True
                )
                text = response.raw.read(MOST_OF_AN_ANSWER, decode_content=True)
                response.close()
        except (requests.RequestException, OSError) as error:
            raise Unavailable(f"{url} does not answer: {type(error).__name__}") from error
        except Exception as error:  # what breaks within the answer is urllib3's own
            raise Unavailable(f"the answer of {url} broke off: {type(error).__name__}") from error
        return Answer(response.status_code, _json(text))


def _json(text: bytes) -> dict[str, Any]:
    import orjson

    try:
        said = orjson.loads(text)
    except orjson.JSONDecodeError:
        return {}
    return said if isinstance(said, dict) else {}
