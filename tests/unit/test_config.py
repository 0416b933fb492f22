"""Settings that cannot be are named, with the cure."""

from __future__ import annotations

import pytest

from cityindex.config import read_settings
from cityindex.errors import Invalid


def test_limits_of_evidence_are_megabytes() -> None:
    default = read_settings({})
    assert (default.evidence_file_mb, default.evidence_mb) == (20, 200)
    assert read_settings({"CITYINDEX_EVIDENCE_FILE_MB": "5"}).evidence_file_mb == 5
    for text in ("0", "-1", "2.5", "20 MB", "๒๐", "100000"):
        with pytest.raises(Invalid, match="CITYINDEX_EVIDENCE_MB"):
            read_settings({"CITYINDEX_EVIDENCE_MB": text})
