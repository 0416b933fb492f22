"""Letters with the link of a voice: sent at once and kept nowhere, so that no address is ever stored."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from cityindex.errors import Unavailable
from cityindex.gateways.mail import Message
from cityindex.services.letters import worded

if TYPE_CHECKING:
    from cityindex.gateways.mail import Mail


@dataclass(frozen=True, slots=True)
class Invited:
    """What a letter tells: the consultation with its place in both languages, and the paths of the link."""

    title: str
    place_th: str
    place_en: str
    link_th: str
    link_en: str
    until: datetime
    demo: bool = False


class VoiceLetters:
    """Sends links; `mail` is None where none is set up."""

    def __init__(self, mail: Mail | None, site: str) -> None:
        self.mail = mail
        self.site = site

    @property
    def there(self) -> bool:
        return self.mail is not None

    def send(self, address: str, invited: Invited) -> None:
        """`Unavailable` where the server does not answer, `mail.Refused` where it will not take the address."""
        if self.mail is None:
            raise Unavailable("no mail is set up here")
        facts = {name: getattr(invited, name) for name in Invited.__slots__}
        subject, text = worded("voice", {"site": self.site, **facts})
        with self.mail.connected() as send:
            send(Message(address, subject, text, f"voice-{secrets.token_hex(16)}"))
