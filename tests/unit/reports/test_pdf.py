"""PDF by the real browser: the Thai words in it are the words of the page."""

from __future__ import annotations

import fcntl
import os
import subprocess
import tempfile
from pathlib import Path

import pytest

from cityindex.errors import Unavailable
from cityindex.reports import browser, pdf

WORDS = "เทศบาลตำบลน้ำปู่ ส่งแบบประเมินแล้ว อำนาจ ทั้งหมด กำลัง ฎีกา ญี่ปุ่น"
pytestmark = pytest.mark.browser


def test_words_can_be_copied(tmp_path: Path) -> None:
    target = tmp_path / "page.pdf"
    target.write_bytes(pdf.html_to_pdf(f'<!doctype html><html lang="th"><meta charset="utf-8"><p>{WORDS}</p>'))
    text = subprocess.run(["pdftotext", str(target), "-"], check=True, capture_output=True, text=True).stdout
    assert text.split() == WORDS.split()


def test_one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browser, "WAITS", 0)
    lock = Path(tempfile.gettempdir(), f"cityindex-pdf.{os.geteuid()}.lock")
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with pytest.raises(Unavailable, match="another file"):
            pdf.html_to_pdf("<p>x</p>")


def test_without_any_engine_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "browser", lambda: None)
    monkeypatch.setitem(__import__("sys").modules, "weasyprint", None)
    with pytest.raises(Unavailable, match="cityindex doctor"):
        pdf.html_to_pdf("<p>x</p>")
