"""What operators look at, on both databases."""

from __future__ import annotations

from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from cityindex.models import AuditEvent, Place, Recording, Score
from cityindex.queries.accounts import administration as queries
from tests.integration.small import PERIOD, add_places, fill, publishing, scoring


def ranked(session: Session, run: int, ranks: dict[str, int | None]) -> None:
    ids = {code: number for number, code in session.execute(select(Place.id, Place.code))}
    session.add_all(
        Score(run_id=run, position=position, place_id=ids[code], rank=rank if position == 0 else 1)
        for code, rank in ranks.items()
        for position in (0, 1)
    )


def test_what_would_change(engine: Engine) -> None:
    with Session(engine) as session:
        add_places(session, 6)
        ranked(session, 1, {"M0": 1, "M1": 2, "M2": 3, "M3": 4, "M4": None})
        ranked(session, 2, {"M0": 1, "M1": 4, "M2": 2, "M3": None, "M4": 3, "M5": 5})
        session.commit()
        found = queries.rank_changes(session, 1, 2)
        assert (found.before, found.after, found.entered, found.left) == (4, 5, 2, 1)
        assert (found.up, found.down, found.same) == (1, 1, 1)
        assert [(move.code, move.before, move.after) for move in found.largest] == [("M1", 2, 4), ("M2", 3, 2)]
        back = queries.rank_changes(session, 2, 1)
        assert (back.up, back.down, back.entered, back.left) == (found.down, found.up, found.left, found.entered)
        first = queries.rank_changes(session, None, 2)
        assert (first.before, first.after, first.entered, first.largest) == (0, 5, 5, ())
        assert queries.rank_changes(session, 2, None).after == 0


def test_runs_say_where_they_stand(engine: Engine) -> None:
    fill(engine)
    one, two, three = (scoring(engine).run("small", PERIOD, "test") for _ in range(3))
    service = publishing(engine)
    service.publish(one, "x")
    service.publish(two, "x")
    with Session(engine) as session:
        page = queries.run_rows(session, 2)
        assert page.total == 3
        assert [(run.id, run.in_force, run.was_public) for run in page.items] == [
            (three, False, False),
            (two, True, True),
        ]
        (last,) = queries.run_rows(session, 2, 2).items
        assert (last.id, last.in_force, last.was_public) == (one, False, True)
        assert last.summary["places"] == 8
        assert queries.run_rows(session, 1, run=99).items == ()
    assert service.standing("small", PERIOD) == (one, two)
    service.rollback("small", PERIOD, "x")
    service.rollback("small", PERIOD, "x")
    assert service.standing("small", PERIOD) == ()
    with Session(engine) as session:
        assert not any(run.in_force for run in queries.run_rows(session, 3).items)


def test_recordings_the_newest_first(engine: Engine) -> None:
    with Session(engine) as session:
        for number in range(3):
            session.add(Recording(recorded_by="a", door="file", source=f"s{number}", file_name="f.csv", rows=number))
            session.flush()
        session.commit()
        page = queries.recordings(session, 2, 1)
        assert page.total == 3
        assert [(one.source, one.rows, one.file) for one in page.items] == [("s1", 1, "f.csv"), ("s0", 0, "f.csv")]


def test_the_trail_by_kind_and_by_words(engine: Engine) -> None:
    deeds = [
        ("somsri", "run made", "small 2023", "run 1"),
        ("a", "x_y", "100%", None),
        ("a", "run made", "other", None),
    ]
    with Session(engine) as session:
        for actor, action, subject, detail in deeds:
            session.add(AuditEvent(actor=actor, action=action, subject=subject, detail=detail))
            session.flush()
        session.execute(update(AuditEvent).where(AuditEvent.subject == "other").values(detail="of Somsri"))
        session.commit()
        assert [one.subject for one in queries.trail(session, 9).items] == ["other", "100%", "small 2023"]
        assert [one.subject for one in queries.trail(session, 9, action="run made").items] == ["other", "small 2023"]
        assert [one.subject for one in queries.trail(session, 9, words="SOMSRI").items] == ["other", "small 2023"]
        assert [one.subject for one in queries.trail(session, 9, words="%").items] == ["100%"]
        assert queries.trail(session, 1, action="run made", words="small").total == 1
        assert list(queries.actions(session)) == ["run made", "x_y"]
