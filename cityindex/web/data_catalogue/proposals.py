"""The register of proposals as a data set, and each line that a place wrote under the identifier it has everywhere.

Lines of imported lists are in the register, not data sets of their own: they are somebody else's list.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy.orm import Session

from cityindex.definitions.catalogue import Text
from cityindex.formats.data_sets import DataSet, Distribution
from cityindex.queries.knowledge.proposals import ProposalRecord, facts, written_here
from cityindex.queries.knowledge.written import WrittenRecord, all_written
from cityindex.web.data_catalogue import distributions as ways
from cityindex.web.data_catalogue import words
from cityindex.web.knowledge import words as knowledge_words
from cityindex.web.knowledge.proposal_files import identifier
from cityindex.web.session import application

TITLE = Text("ทะเบียนข้อเสนอและพื้นที่ทดลองเชิงนโยบาย", "Register of policy proposals and sandboxes")
ABOUT = Text(
    "ข้อเสนอ พื้นที่ทดลอง กลไก และนวัตกรรม {} รายการ พร้อมสถานะ กฎที่เปลี่ยน หลักฐาน ผล และที่มา",
    "{} proposals, sandboxes, mechanisms and innovations: status, rule that they change, evidence, outcome and origin",
)
LICENCE = Text(
    "รายชื่อที่นำเข้าอยู่ภายใต้สัญญาอนุญาตของเจ้าของรายชื่อ สิ่งที่พื้นที่เขียนเองไม่ได้ระบุสัญญาอนุญาต",
    "Imported lists remain under the licence of their owner; for what places wrote no licence is stated",
)
FILES = Text("ทั้งทะเบียน หนึ่งแถวต่อรายการ", "The whole register, a row for each line")
ONE_FILE = Text("ทุกช่องของรายการนี้ในแถวเดียว", "All that this line says, in one row")
LINK = Text("ที่อยู่ที่พื้นที่ให้ไว้", "Where its place points to")
BY_PLACES = Text("พื้นที่เขียนเองในเว็บไซต์นี้", "written on this site by places")
KEYWORD = Text("ข้อเสนอเชิงนโยบาย", "policy proposals")


def register_of_proposals(session: Session) -> Iterator[DataSet]:
    """The register, where anything stands in it, then what places wrote."""
    held = facts(session)
    if not held.count:
        return
    mine = written_here(session)
    sources = (*held.sources, *([BY_PLACES.th] if mine else []))
    yield DataSet(
        name="proposals",
        kind="records",
        title=words.titled(TITLE, demo=held.demo > 0),
        description=words.described(words.filled(ABOUT, f"{held.count:,}"), demo=held.demo == held.count),
        keywords=words.marked([KEYWORD], demo=held.demo > 0),
        objectives=(),
        covers=words.LOCAL,
        frequency="irregular",
        pages=ways.pages("proposals.index"),
        sources=sources,
        licence=LICENCE,
        distributions=(*ways.table_files("proposals.index", FILES), ways.rest("/api/v1/proposals")),
        elsewhere=ways.elsewhere("proposals"),
        issued=held.first,
        modified=held.last,
        demo=held.demo > 0,
    )
    records = {one.id: one for one in all_written(session, [one.written_id for one in mine if one.written_id])}
    yield from (_of_place(one, records[one.written_id]) for one in mine if one.written_id)


def _of_place(line: ProposalRecord, record: WrittenRecord) -> DataSet:
    name, accepted = identifier(line.id), [one.accepted_at for one in record.public if one.accepted_at]
    title, place = Text(line.title_th, line.title_en or line.title_th), line.name_th or ""
    return DataSet(
        name=name,
        kind="records",
        title=words.titled(title, demo=line.demo),
        description=words.described(Text(line.summary, line.summary), demo=line.demo),
        keywords=words.marked(_keywords(line), demo=line.demo),
        objectives=(),
        covers=words.AREAS.get(line.place_type or "", words.LOCAL),
        frequency="irregular",
        pages=ways.pages("proposals.one", proposal_id=line.id),
        sources=(place,),
        licence=words.UNSTATED,
        distributions=tuple(_ways(line)),
        elsewhere=ways.elsewhere(name),
        issued=min(accepted, default=None),
        modified=line.imported_at,
        version=str(len(record.public)),
        demo=line.demo,
        creator=place,
    )


def _keywords(line: ProposalRecord) -> Iterator[Text]:
    kinds, themes = knowledge_words.names("proposal-kind"), application().catalogue.themes
    yield KEYWORD
    if line.kind in kinds:
        yield kinds[line.kind]
    if line.name_th:
        yield Text(line.name_th, line.name_en or line.name_th)
    yield from (themes[code] for code in line.themes.split() if code in themes)


def _ways(line: ProposalRecord) -> Iterator[Distribution]:
    if line.url:
        yield Distribution("link", LINK, LINK, "page", line.url)
    yield from ways.table_files("proposals.one", ONE_FILE, proposal_id=line.id)
    yield ways.rest(f"/api/v1/proposals/{line.id}")
