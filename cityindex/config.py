"""Settings: read from the environment here and nowhere else."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from cityindex.errors import Invalid

Environment = Literal["development", "production"]
DEVELOPMENT_KEY = os.urandom(32).hex()
"""Where none is set outside production: another at each start, for whoever knows the key could sign in as anybody."""


@dataclass(frozen=True, slots=True)
class Settings:
    """See `OPERATING.md` for what each one means to an operator."""

    database_url: str
    secret_key: str
    base_url: str | None
    mail_url: str | None
    cache_url: str | None
    evidence_url: str | None
    basemap_url: str | None
    environment: Environment
    operator: str | None = None
    contact: str | None = None

    @property
    def production(self) -> bool:
        return self.environment == "production"


def default_database_url() -> str:
    """A SpatiaLite file under `instance/` of the folder where the command runs."""
    return f"sqlite:///{Path('instance').absolute() / 'cityindex.sqlite'}"


def read_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """The settings of `environ` (default: the process's own). Raises `Invalid` naming the variable and the cure."""
    source = os.environ if environ is None else environ

    def get(name: str) -> str | None:
        return source.get(f"CITYINDEX_{name}") or None

    environment = get("ENV") or "development"
    if environment not in ("development", "production"):
        raise Invalid(f"CITYINDEX_ENV is «{environment}»: write development or production")
    secret_key = get("SECRET_KEY") or ("" if environment == "production" else DEVELOPMENT_KEY)
    base_url = get("BASE_URL")
    if base_url and not base_url.startswith(("http://", "https://")):
        raise Invalid(f"CITYINDEX_BASE_URL is «{base_url}»: it starts with http:// or https://")
    return Settings(
        database_url=get("DATABASE_URL") or default_database_url(),
        secret_key=secret_key,
        base_url=base_url.rstrip("/") if base_url else None,
        mail_url=get("MAIL_URL"),
        cache_url=get("CACHE_URL"),
        evidence_url=get("EVIDENCE_URL"),
        basemap_url=get("BASEMAP_URL"),
        environment=environment,  # type: ignore[arg-type]
        operator=get("OPERATOR"),
        contact=get("CONTACT"),
    )
