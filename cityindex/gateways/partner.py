"""The other side of an agreement: packages are pushed to it, and its keys are read, over HTTPS."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import requests

from cityindex.errors import Conflict, Unavailable

CONNECT, READ = 10.0, 600.0
"""Seconds to wait for a connection, and for the answer: a large delivery is applied before it is answered."""
MOST_OF_AN_ANSWER = 50_000_000
KEYS_ADDRESS = "/.well-known/jwks.json"
DELIVERIES_ADDRESS, RECEIPTS_ADDRESS = "/api/v1/deliveries", "/api/v1/receipts"
PACKAGE = "application/vnd.cityindex.delivery"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the partner said; `said` is its JSON, empty where there was none."""

    status: int
    said: dict[str, Any]


class PartnerGateway:
    """Asks nobody but the address of the agreement: no redirects are followed, no proxy of the environment is used.

    `most` is how many bytes of an answer are read.
    """

    def __init__(self, most: int = MOST_OF_AN_ANSWER) -> None:
        self.most = most

    def push(self, address: str, key: str, name: str, parts: Iterable[bytes]) -> Answer:
        """Send a package under an idempotency key. Raises `Unavailable` where no answer came."""
        headers = {
            "Authorization": f"Bearer {key}",
            "Idempotency-Key": name,
            "Content-Type": PACKAGE,
            "Accept": "application/json",
        }
        return self._asked("POST", f"{address}{DELIVERIES_ADDRESS}", headers, b"".join(parts))

    def next(self, address: str, key: str, code: str) -> bytes | None:
        """The package that waits for us under an agreement; None where none does. Raises `Unavailable`, `Conflict`."""
        headers = {"Authorization": f"Bearer {key}", "Accept": f"{PACKAGE}, application/json"}
        status, body = self._read("GET", f"{address}{DELIVERIES_ADDRESS}/next?agreement={code}", headers, None)
        if status == 200:
            return body
        if status == 204:
            return None
        detail = f"{address} answers {status} {_json(body).get('detail', '')}".strip()
        raise (Unavailable if status >= 500 or status in (401, 408, 429) else Conflict)(detail)

    def settle(self, address: str, key: str, receipt: Mapping[str, Any]) -> Answer:
        """Bring a receipt. Raises `Unavailable` where no answer came."""
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json", "Accept": "application/json"}
        return self._asked("POST", f"{address}{RECEIPTS_ADDRESS}", headers, json.dumps(receipt).encode())

    def keys(self, address: str) -> dict[str, Any]:
        """The published keys (JWKS). Raises `Unavailable`."""
        answer = self._asked("GET", f"{address}{KEYS_ADDRESS}", {"Accept": "application/json"}, None)
        if answer.status != 200 or not isinstance(answer.said.get("keys"), list):
            raise Unavailable(f"{address} publishes no keys (status {answer.status})")
        return answer.said

    def _asked(self, method: str, url: str, headers: dict[str, str], body: bytes | None) -> Answer:
        status, text = self._read(method, url, headers, body)
        return Answer(status, _json(text))

    def _read(self, method: str, url: str, headers: dict[str, str], body: bytes | None) -> tuple[int, bytes]:
        try:
            with requests.Session() as session:
                session.trust_env = False
                response = session.request(
                    method, url, headers=headers, data=body, timeout=(CONNECT, READ), allow_redirects=False, stream=True
                )
                text = response.raw.read(self.most, decode_content=True)
                response.close()
        except (requests.RequestException, OSError) as error:
            raise Unavailable(f"{url} does not answer: {type(error).__name__}") from error
        except Exception as error:  # what breaks within the answer is urllib3's own
            raise Unavailable(f"the answer of {url} broke off: {type(error).__name__}") from error
        return response.status_code, text


def _json(text: bytes) -> dict[str, Any]:
    import orjson

    try:
        said = orjson.loads(text)
    except orjson.JSONDecodeError:
        return {}
    return said if isinstance(said, dict) else {}
