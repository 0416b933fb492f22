"""`cityindex doctor`: what is missing, and the command that cures it."""

from __future__ import annotations

from dataclasses import asdict, fields

import click

from cityindex.cli.output import application, emit, json_option
from cityindex.config import Settings
from cityindex.errors import Unavailable

SECRETS = ("secret_key", "openid_client_secret", "partner_keys", "metrics_key")
URLS = ("database_url", "mail_url", "cache_url", "evidence_url", "scanner_url")


@click.command()
@click.option("--settings", "show_settings", is_flag=True, help="Show the settings in force; secrets are hidden.")
@json_option
def doctor(show_settings: bool, as_json: bool) -> None:  # noqa: ARG001 (emit reads it)
    """Say what is installed, what is missing, and the exact command that cures it."""
    from cityindex.services.doctor import examine

    settings = application().settings
    findings = examine(settings)
    lines = [f"{_mark(f.state)} {f.what}: {f.detail}" + (f"\n    {f.cure}" if f.cure else "") for f in findings]
    shown = _shown(settings) if show_settings else {}
    lines += [f"  CITYINDEX_{name.upper()} = {value}" for name, value in shown.items()]
    emit({"findings": [asdict(finding) for finding in findings], "settings": shown}, "\n".join(lines))
    if any(finding.state == "missing" for finding in findings):
        raise Unavailable("something is missing: run the commands above")


def _mark(state: str) -> str:
    return {"ok": "ok      ", "missing": "MISSING ", "optional": "optional"}[state]


def _shown(settings: Settings) -> dict[str, str]:
    from sqlalchemy.engine import make_url

    shown = {}
    for field in fields(settings):
        value = getattr(settings, field.name)
        if value and field.name in SECRETS:
            value = "(set, hidden)"
        elif value and field.name in URLS and "://" in value:
            value = make_url(value).render_as_string(hide_password=True)
        shown["env" if field.name == "environment" else field.name] = str(value or "(not set)")
    return shown
