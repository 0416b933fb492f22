"""What municipalities said of themselves, scored as what holds is scored, and kept with the run that is published.

So a public page that sets the two beside each other reads nothing but the edition, and an edition never changes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from cityindex.assessment import answers as reading
from cityindex.assessment.appeals import Appeals, appeals
from cityindex.assessment.workflow import Deed
from cityindex.database import writing
from cityindex.definitions.canonical import framework_from_canonical
from cityindex.definitions.catalogue import QuestionnaireEntry
from cityindex.formats.arrays import pack_array, pack_json, unpack_json
from cityindex.models import DefinitionRecord, Run, RunArray
from cityindex.queries.assessments.results import ASSESSED, CLAIMED
from cityindex.queries.assessments.rounds import AssessmentRecord, RoundRecord
from cityindex.scoring.matrix import CellStatus, Panel
from cityindex.scoring.pipeline import score
from cityindex.scoring.results import Parameters
from cityindex.services.runs.inputs import Inputs, panel_of

Claims = Mapping[int, Mapping[str, Any]]
"""The values that were claimed, by place and question."""


@dataclass(frozen=True)
class Answered:
    """A round as it is published: all its assessments, and what those claimed whose values the run uses."""

    round: RoundRecord
    entry: QuestionnaireEntry
    records: Sequence[AssessmentRecord]
    claims: Claims


def keep_claims(session: Session, run_id: int, answered: Answered, moment: datetime) -> None:
    """Store with a run, not yet published, what was claimed (`CLAIMED`, by place and node) and what the round was."""
    run = writing(session).get_one(Run, run_id)
    framework = framework_from_canonical(session.get_one(DefinitionRecord, run.definition).content)
    kept = session.execute(select(RunArray.data).where(RunArray.run_id == run_id, RunArray.name == "inputs"))
    inputs = Inputs.from_json(unpack_json(kept.scalar_one()))
    panel = _as_claimed(panel_of(session, inputs, framework), inputs, run.period, answered)
    parameters = Parameters.from_json(json.loads(run.parameters))
    results = score(framework, panel, parameters=parameters, report_periods=(run.period,))
    claimed = np.ascontiguousarray(results.score[0])
    claimed[[number not in answered.claims for number in inputs.ids]] = np.nan
    session.add_all(
        [
            RunArray(run_id=run_id, name=CLAIMED, data=pack_array(claimed)),
            RunArray(run_id=run_id, name=ASSESSED, data=pack_json(_about(answered, moment))),
        ]
    )
    session.commit()


def _as_claimed(panel: Panel, inputs: Inputs, period: int, answered: Answered) -> Panel:
    """The panel with the claimed values in place of the verified ones, for the places of the round."""
    values = panel.values.copy()
    normal = np.zeros(values.shape, np.uint8) if panel.status is None else panel.status.copy()
    at = panel.periods.index(period)
    row_of = {number: row for row, number in enumerate(inputs.ids)}
    asked = [
        (panel.indicators.index(question.code), question)
        for question in answered.entry.questionnaire.questions
        if question.measured and question.code in panel.indicators
    ]
    for place, said in answered.claims.items():
        for column, question in asked if place in row_of else ():
            value = said.get(question.code)
            number = None if value is None else reading.observed(question, value)
            values[at, row_of[place], column] = np.nan if number is None else number
            status = CellStatus.NOT_APPLICABLE if number is None else CellStatus.NORMAL
            normal[at, row_of[place], column] = status
    return Panel(panel.places, panel.periods, panel.indicators, values, normal, panel.attributes)


def _about(answered: Answered, moment: datetime) -> dict[str, Any]:
    asked, records = answered.round, answered.records
    made = sum((appeals(one.events, asked.appeal_days, moment) for one in records), Appeals())
    return {
        "round": asked.id,
        "questionnaire": asked.questionnaire,
        "version": asked.version,
        "definition": asked.definition,
        "programme": asked.programme,
        "period": asked.period,
        "at": moment.isoformat(),
        "cohort": len(records),
        "submitted": sum(any(event.deed is Deed.SUBMITTED for event in one.events) for one in records),
        "places": sorted(answered.claims),
        "appeals": asdict(made),
    }
