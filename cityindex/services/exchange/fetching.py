"""Deliveries that we come for: fetched from the partner, applied, and receipted, one after the other."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from cityindex.definitions.agreements import FETCH, RECEIVE
from cityindex.definitions.catalogue import Catalogue
from cityindex.errors import Conflict, Unavailable
from cityindex.services.exchange.partners import in_force
from cityindex.services.exchange.receiving import Receiving, Sender
from cityindex.services.exchange.signing import Signing, kid_of

MOST_AT_ONCE = 50
"""Deliveries of one run: the next one comes with the next run."""


class Answered(Protocol):
    """What the partner said to a receipt."""

    @property
    def status(self) -> int: ...
    @property
    def said(self) -> dict[str, Any]: ...


class Gateway(Protocol):
    """Reaches the partner."""

    def next(self, address: str, key: str, code: str) -> bytes | None: ...
    def settle(self, address: str, key: str, receipt: Mapping[str, Any]) -> Answered: ...


@dataclass(frozen=True, slots=True)
class Way:
    """The way to the partners, and the keys that they gave us."""

    gateway: Gateway
    keys: Mapping[str, str]


class Fetching:
    """The use case of a receiver that nobody can reach from outside."""

    def __init__(self, catalogue: Catalogue, receiving: Receiving, signing: Signing, way: Way) -> None:
        self.catalogue = catalogue
        self.receiving = receiving
        self.signing = signing
        self.way = way

    def fetch(self, code: str) -> int:
        """Fetch and apply what waits at the partner; how many deliveries were applied or receipted anew.

        Each is applied once, however often this breaks off: until the partner has the receipt, the same delivery and
        the same receipt are exchanged again. Raises `Conflict`, `Unavailable`, and what `Receiving.receive` raises.
        """
        agreement = in_force(self.catalogue.agreement(code), RECEIVE)
        key = self.way.keys.get(code)
        if agreement.transport != FETCH:
            raise Conflict(f"deliveries under {code} are brought to us, not fetched")
        if key is None:
            raise Unavailable(f"there is no key for {code}: name it in CITYINDEX_PARTNER_KEYS")
        address, sender = agreement.partner.address or "", Sender(agreement.partner.name.en, frozenset([code]))
        for done in range(MOST_AT_ONCE):
            package = self.way.gateway.next(address, key, code)
            if package is None:
                return done
            receipt = self.receiving.receive(io.BytesIO(package), sender).signed
            self._settle(address, key, receipt)
        return MOST_AT_ONCE

    def _settle(self, address: str, key: str, receipt: str) -> None:
        kid = kid_of(receipt)
        own = next((one for one in self.signing.published()["keys"] if one["kid"] == kid), None)
        answer = self.way.gateway.settle(address, key, {"receipt": receipt, "key": own})
        if answer.status not in (200, 201):
            raise Unavailable(f"the partner did not take the receipt: {answer.status} {answer.said.get('detail', '')}")
