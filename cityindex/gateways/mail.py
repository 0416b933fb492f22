"""Mail: hands letters to an SMTP server, over an encrypted connection unless the setting says otherwise."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from urllib.parse import parse_qs, unquote, urlsplit

from cityindex.errors import Invalid, Unavailable

PATIENCE = 20.0
"""Seconds to wait for the server."""
PORTS = {"smtp": 587, "smtps": 465}
EXAMPLE = "smtp://name:password@mail.example.go.th:587?from=cityindex@example.go.th"


class Refused(Invalid):
    """The server will never take this letter: trying again does not help."""


@dataclass(frozen=True, slots=True)
class Message:
    """A letter as text. `key` names it among all letters of the site: the same one is never taken for two."""

    to: str
    subject: str
    text: str
    key: str


class Mail:
    """What `CITYINDEX_MAIL_URL` says: `smtp://` with STARTTLS (`starttls=no` for none), `smtps://` for TLS at once."""

    def __init__(self, url: str) -> None:
        """Raises `Invalid` where the setting cannot be read."""
        parts = urlsplit(url)
        options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        try:
            self.port = parts.port or PORTS.get(parts.scheme, 0)
        except ValueError:
            self.port = 0
        self.host, self.encrypted = parts.hostname or "", parts.scheme == "smtps"
        self.user, self.password = unquote(parts.username or ""), unquote(parts.password or "")
        self.starttls = not self.encrypted and options.get("starttls") != "no"
        self.sender = options.get("from") or self.user
        if not (self.host and self.port) or "@" not in self.sender:
            raise Invalid(f"CITYINDEX_MAIL_URL cannot be read: write one such as {EXAMPLE}")

    @contextmanager
    def connected(self) -> Iterator[Callable[[Message], None]]:
        """A connection for some letters: the value sends one. `Unavailable` to try later, `Refused` for one letter."""
        try:
            server = self._connection()
        except (OSError, smtplib.SMTPException) as error:
            raise Unavailable(f"the mail server does not answer: {error}") from error
        try:
            yield lambda message: self._send(server, message)
        finally:
            try:
                server.quit()
            except (OSError, smtplib.SMTPException):
                server.close()

    def _connection(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        if self.encrypted:
            server: smtplib.SMTP = smtplib.SMTP_SSL(self.host, self.port, timeout=PATIENCE, context=context)
        else:
            server = smtplib.SMTP(self.host, self.port, timeout=PATIENCE)
        try:
            if self.starttls:
                server.starttls(context=context)
            if self.user:
                server.login(self.user, self.password)
        except BaseException:
            server.close()
            raise
        return server

    def _send(self, server: smtplib.SMTP, message: Message) -> None:
        try:
            server.send_message(self._letter(message))
        except (smtplib.SMTPRecipientsRefused, smtplib.SMTPResponseException) as error:
            raise _told(error) from error
        except smtplib.SMTPNotSupportedError as error:
            raise Refused(f"the mail server cannot write to this address: {error}") from error
        except (OSError, smtplib.SMTPException) as error:
            raise Unavailable(f"the mail server broke off: {error}") from error

    def _letter(self, message: Message) -> EmailMessage:
        letter = EmailMessage(policy=SMTP)
        letter["From"] = Address(addr_spec=self.sender)
        letter["To"] = Address(addr_spec=message.to)
        letter["Subject"] = message.subject
        letter["Message-ID"] = f"<{message.key}@{self.sender.rpartition('@')[2]}>"
        letter["Auto-Submitted"] = "auto-generated"
        letter.set_content(message.text)
        return letter


def _told(error: smtplib.SMTPRecipientsRefused | smtplib.SMTPResponseException) -> Unavailable | Refused:
    """What the server said; codes from 500 on are for good."""
    code, text = _answer(error)
    said = f"{code} {text.decode(errors='replace') if isinstance(text, bytes) else text}"
    return Refused(said) if code >= 500 else Unavailable(said)


def _answer(error: smtplib.SMTPRecipientsRefused | smtplib.SMTPResponseException) -> tuple[int, bytes | str]:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return next(iter(error.recipients.values()))
    return error.smtp_code, error.smtp_error
