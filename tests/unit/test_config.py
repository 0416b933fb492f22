"""Settings that cannot be are named, with the cure."""

from __future__ import annotations

import pytest

from cityindex.cli.doctor import _shown
from cityindex.config import read_settings
from cityindex.errors import Invalid


def test_limits_of_evidence_are_megabytes() -> None:
    default = read_settings({})
    assert (default.evidence_file_mb, default.evidence_mb) == (20, 200)
    assert read_settings({"CITYINDEX_EVIDENCE_FILE_MB": "5"}).evidence_file_mb == 5
    for text in ("0", "-1", "2.5", "20 MB", "๒๐", "100000"):
        with pytest.raises(Invalid, match="CITYINDEX_EVIDENCE_MB"):
            read_settings({"CITYINDEX_EVIDENCE_MB": text})


def test_no_secret_is_shown_with_the_settings() -> None:
    secrets = {
        "SECRET_KEY": "sesame",
        "METRICS_KEY": "sesame",
        "PARTNER_KEYS": "nesdc=sesame",
        "OPENID_ISSUER": "https://x",
    }
    secrets |= {"OPENID_CLIENT_ID": "x", "OPENID_CLIENT_SECRET": "sesame", "MAIL_URL": "smtp://who:sesame@host"}
    shown = _shown(read_settings({f"CITYINDEX_{name}": value for name, value in secrets.items()}))
    assert "sesame" not in str(shown)
    assert shown["metrics_key"] == "(set, hidden)"
