"""The partners of agreements: which are in force here, and whose signatures count."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, Protocol

from cityindex.definitions.agreements import Agreement
from cityindex.errors import Conflict, Unavailable
from cityindex.services.exchange.signing import Signed, Unsigned, check, kid_of, thumbprint

KEPT = 3600.0
"""Seconds after which the keys of a partner are asked for again."""
NOT_SOONER = 5.0
"""Seconds between two questions, however many signatures come with a key that is not known."""


class KeyGateway(Protocol):
    """Reads what a partner publishes."""

    def keys(self, address: str) -> dict[str, Any]: ...


def in_force(agreement: Agreement, direction: str) -> Agreement:
    """The agreement, where it allows this at present. Raises `Conflict`."""
    if agreement.direction != direction:
        raise Conflict(f"{agreement.code} is an agreement to {agreement.direction}, not to {direction}")
    if not agreement.active:
        raise Conflict(f"{agreement.code} is not in force ({agreement.status})")
    return agreement


class PartnerKeys:
    """Public keys of partners, by the address in the agreement. What came over the wire names no address."""

    def __init__(self, gateway: KeyGateway) -> None:
        self.gateway = gateway
        self.known: dict[str, tuple[float, Mapping[str, Mapping[str, Any]]]] = {}

    def verified(self, agreement: Agreement, signed: str, kind: str, own: Mapping[str, Any] | None = None) -> Signed:
        """What the partner signed. `Unsigned` where it was not the partner, `Unavailable` where it cannot be asked.

        A partner whom nobody can ask brings its `own` public key along: it counts where the agreement names it.
        """
        kid = kid_of(signed)
        if agreement.partner.keys and kid not in agreement.partner.keys:
            raise Unsigned(f"the agreement does not name the key {kid}")
        if own is not None and agreement.partner.keys and thumbprint(own) == kid:
            return check(signed, kind, own)
        keys = self._keys(agreement.partner.address or "", kid)
        if kid not in keys:
            raise Unsigned(f"the partner does not publish the key {kid}")
        return check(signed, kind, keys[kid])

    def _keys(self, address: str, kid: str) -> Mapping[str, Mapping[str, Any]]:
        at, keys = self.known.get(address, (-KEPT, {}))
        age = time.monotonic() - at
        if age < NOT_SOONER or (age < KEPT and kid in keys):
            return keys
        try:
            found = {thumbprint(one): one for one in self.gateway.keys(address)["keys"]}
        except Unavailable:
            if kid in keys:  # a key that was published within reach of memory is still one of theirs
                return keys
            raise
        self.known[address] = (time.monotonic(), found)
        return found
