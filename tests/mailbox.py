"""A real SMTP server on this machine, which keeps what it is given."""

from __future__ import annotations

import email
import email.policy
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller


class Box:
    """What the server took, what it answers instead of taking a letter, and the setting that leads there."""

    def __init__(self) -> None:
        self.taken: list[EmailMessage] = []
        self.answers: list[str] = []
        self.url = f"smtp://127.0.0.1:{free_port()}?starttls=no&from=index@example.go.th"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        if self.answers:
            return self.answers.pop(0)
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        self.taken.append(message)
        return "250 OK"


@contextmanager
def post_office() -> Iterator[Box]:
    """A server that listens until the end of the block."""
    box = Box()
    port = int(box.url.split(":")[2].split("?")[0])
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    yield box
    controller.stop()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
