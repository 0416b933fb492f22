"""Reports of mistakes on both databases: what is sent twice at once is one report."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session, sessionmaker

from cityindex.models import Mistake
from cityindex.queries.participation.mistakes import Figure
from cityindex.services.accounts.attempts import Attempts
from cityindex.services.participation.mistakes import Mistakes, Report, link_for
from tests.integration.small import catalogue


def test_the_same_form_sent_many_times_at_once_is_one_report(engine: Engine) -> None:
    types = catalogue().codelist("place-types")
    mistakes = Mistakes(sessionmaker(engine), types, Attempts("secret"), (None, "http://localhost"))
    sent = Report(Figure(None, "roads"), "It counts the old road twice", "", "en", "127.0.0.1", link_for())
    with ThreadPoolExecutor(4) as pool:
        links = set(pool.map(mistakes.report, [sent] * 4))
    assert links == {sent.link}
    with Session(engine) as session:
        assert session.scalar(select(func.count()).select_from(Mistake)) == 1
