"""Somebody to sign in as while trying the demo. Their passwords are public, so production refuses the demo."""

from __future__ import annotations

from dataclasses import dataclass

DOMAIN = "demo.example"


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """An account of a role; its text is what `seed --demo` prints."""

    role: str

    @property
    def email(self) -> str:
        return f"{self.role}@{DOMAIN}"

    @property
    def password(self) -> str:
        return f"try-the-demo-as-{self.role}"

    def __str__(self) -> str:
        return f"{self.role} {self.email} {self.password}"


DEMO_ACCOUNTS = (DemoAccount("administrator"), DemoAccount("methodologist"))
