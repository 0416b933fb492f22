"""Settings: read from the environment here and nowhere else."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, cast, get_args

from cityindex.errors import Invalid

Environment = Literal["development", "production"]
SecondStep = Literal["optional", "staff", "everybody"]
"""Who has to have a second step at sign-in."""
DEVELOPMENT_KEY = os.urandom(32).hex()
"""Where none is set outside production: another at each start, for whoever knows the key could sign in as anybody."""

MOST_MEGABYTES, MOST_DAYS = 10_000, 36_500
SECURE = ("https://", "http://127.0.0.1:", "http://localhost:")


@dataclass(frozen=True, slots=True)
class OpenId:
    """A provider that people may sign in with; `name` stands on the button."""

    issuer: str
    client_id: str
    client_secret: str
    name: str


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
    scanner_url: str | None = None
    evidence_file_mb: int = 20
    evidence_mb: int = 200
    """Of all files of one assessment."""
    openid_issuer: str | None = None
    openid_client_id: str | None = None
    openid_client_secret: str | None = None
    openid_name: str = "OpenID Connect"
    second_step: SecondStep = "optional"
    keep_accounts_days: int = 730
    keep_letters_days: int = 90
    agreements: str | None = None
    """A folder with agreements of this installation, beside those of `indicators/agreements/`."""
    partner_keys: Mapping[str, str] = field(default_factory=dict, repr=False)
    """The key that a partner has given us, by the code of the agreement."""
    delivery_mb: int = 200
    sandbox_url: str | None = None
    """The database of the sandbox key; default: a SpatiaLite file beside the main one."""
    metrics_key: str | None = field(default=None, repr=False)
    """Asked of whoever reads `/metrics`; without it, only this machine itself may."""

    @property
    def production(self) -> bool:
        return self.environment == "production"

    @property
    def openid(self) -> OpenId | None:
        """The provider to sign in with; None where none is set."""
        issuer, client, secret = self.openid_issuer, self.openid_client_id, self.openid_client_secret
        return OpenId(issuer, client, secret, self.openid_name) if issuer and client and secret else None


def default_database_url() -> str:
    """A SpatiaLite file under `instance/` of the folder where the command runs."""
    return f"sqlite:///{Path('instance').absolute() / 'cityindex.sqlite'}"


def default_sandbox_url() -> str:
    """Where `cityindex client sandbox` puts its invented data, unless it is told otherwise."""
    return f"sqlite:///{Path('instance').absolute() / 'sandbox.sqlite'}"


def read_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """The settings of `environ` (default: the process's own). Raises `Invalid` naming the variable and the cure."""
    source = os.environ if environ is None else environ

    def get(name: str) -> str | None:
        return source.get(f"CITYINDEX_{name}") or None

    def whole(name: str, default: int, most: int, unit: str) -> int:
        text = get(name) or str(default)
        if not text.isascii() or not text.isdecimal() or not 1 <= int(text) <= most:
            raise Invalid(f"CITYINDEX_{name} is «{text}»: write a whole number of {unit}, 1 to {most}")
        return int(text)

    environment = get("ENV") or "development"
    if environment not in ("development", "production"):
        raise Invalid(f"CITYINDEX_ENV is «{environment}»: write development or production")
    secret_key = get("SECRET_KEY") or ("" if environment == "production" else DEVELOPMENT_KEY)
    base_url = get("BASE_URL")
    if base_url and not base_url.startswith(("http://", "https://")):
        raise Invalid(f"CITYINDEX_BASE_URL is «{base_url}»: it starts with http:// or https://")
    openid = [get(f"OPENID_{name}") for name in ("ISSUER", "CLIENT_ID", "CLIENT_SECRET")]
    if any(openid) and not all(openid):
        raise Invalid("set all of CITYINDEX_OPENID_ISSUER, CITYINDEX_OPENID_CLIENT_ID, CITYINDEX_OPENID_CLIENT_SECRET")
    if openid[0] and not openid[0].startswith(SECURE):
        raise Invalid(f"CITYINDEX_OPENID_ISSUER is «{openid[0]}»: it starts with https://")
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
        scanner_url=get("SCANNER_URL"),
        evidence_file_mb=whole("EVIDENCE_FILE_MB", 20, MOST_MEGABYTES, "megabytes"),
        evidence_mb=whole("EVIDENCE_MB", 200, MOST_MEGABYTES, "megabytes"),
        openid_issuer=openid[0],
        openid_client_id=openid[1],
        openid_client_secret=openid[2],
        openid_name=get("OPENID_NAME") or "OpenID Connect",
        second_step=_second_step(get("SECOND_STEP")),
        keep_accounts_days=whole("KEEP_ACCOUNTS_DAYS", 730, MOST_DAYS, "days"),
        keep_letters_days=whole("KEEP_LETTERS_DAYS", 90, MOST_DAYS, "days"),
        agreements=get("AGREEMENTS"),
        partner_keys=_partner_keys(get("PARTNER_KEYS") or ""),
        delivery_mb=whole("DELIVERY_MB", 200, MOST_MEGABYTES, "megabytes"),
        sandbox_url=get("SANDBOX_URL"),
        metrics_key=get("METRICS_KEY"),
    )


def _second_step(said: str | None) -> SecondStep:
    if (said or "optional") not in get_args(SecondStep):
        raise Invalid(f"CITYINDEX_SECOND_STEP is «{said}»: write optional, staff or everybody")
    return cast("SecondStep", said or "optional")


def _partner_keys(text: str) -> Mapping[str, str]:
    """`AGREEMENT=KEY AGREEMENT=KEY …`; what is wrong is said without the keys."""
    pairs = [word.partition("=") for word in text.split()]
    if not all(code and key for code, _, key in pairs):
        raise Invalid("CITYINDEX_PARTNER_KEYS cannot be read: write AGREEMENT=KEY, several separated by blanks")
    return {code: key for code, _, key in pairs}
