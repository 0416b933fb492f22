"""Somebody to sign in as while trying the demo. Their passwords are public, so production refuses the demo."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cityindex.services.accounts.roles import NAMES

DOMAIN = "demo.example"
NAMED: Mapping[str, str] = {"returned": "D400001", "open": "D500001", "published": "D900001"}
"""Places that somebody can sign in for, by what became of their assessment in the open round."""
PROVINCE = "40"


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """An account of a role, held for a place or province where it says so; its text is what `seed --demo` prints."""

    role: str
    name: str = ""
    place: str | None = None

    @property
    def email(self) -> str:
        return f"{self.name or self.role}@{DOMAIN}"

    @property
    def password(self) -> str:
        return f"try-the-demo-as-{self.name or self.role}"

    @property
    def called(self) -> str:
        return f"{NAMES[self.role]['th']} (ข้อมูลตัวอย่าง)"

    def __str__(self) -> str:
        return f"{self.role} {self.email} {self.password}"


DEMO_ACCOUNTS = (
    *(DemoAccount(role, f"{role}-{state}", code) for state, code in NAMED.items() for role in ("editor", "approver")),
    DemoAccount("advisor", place=PROVINCE),
    DemoAccount("reviewer"),
    DemoAccount("reviewer", "second-reviewer"),
    DemoAccount("programme-officer"),
    DemoAccount("province-administrator", place=PROVINCE),
    DemoAccount("methodologist"),
    DemoAccount("administrator"),
)
