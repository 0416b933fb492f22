"""From files to a checked catalogue: `load` for the project's folder, `load_framework` for one file anywhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from cityindex.definitions import schema
from cityindex.definitions.agreements import AGREEMENT
from cityindex.definitions.assemble import catalogue_of, framework_entry
from cityindex.definitions.catalogue import Catalogue, FrameworkEntry, QuestionnaireEntry
from cityindex.definitions.checks import ATTRIBUTES, Known, by_code, check_circles, check_indicator, needs
from cityindex.definitions.computable import check_computable
from cityindex.definitions.contradictions import CONTRADICTIONS
from cityindex.definitions.feeds import FEED
from cityindex.definitions.findings import At, Findings, shown
from cityindex.definitions.mappings import MAPPING
from cityindex.definitions.project import Project, check_project, check_published, needed
from cityindex.definitions.questionnaire_schema import QUESTIONNAIRE
from cityindex.definitions.questionnaires import questionnaire_entry
from cityindex.definitions.shapes import Keys
from cityindex.definitions.tree_checks import check_framework, walk
from cityindex.definitions.weights import apply_weights_file
from cityindex.definitions.yaml_ import Block, read
from cityindex.errors import NotFound

PUBLISHED = "published.yaml"
AGREEMENTS = "agreements"
MAPPINGS = "mappings"


class Kind(NamedTuple):
    """A kind of definition file: the key that holds its code, and the keys it may have."""

    key: str
    keys: Keys


FOLDERS: Mapping[str, Kind] = {
    "strategy": Kind("vocabulary", schema.VOCABULARY),
    "codelists": Kind("codelist", schema.CODELIST),
    "catalogue": Kind("theme", schema.THEME),
    "frameworks": Kind("framework", schema.FRAMEWORK),
    "questionnaires": Kind("questionnaire", QUESTIONNAIRE),
    "contradictions": Kind("contradictions", CONTRADICTIONS),
    "programmes": Kind("programme", schema.PROGRAMME),
    "feeds": Kind("feed", FEED),
    "reported": Kind("reported", schema.REPORTED_LIST),
    AGREEMENTS: Kind("agreement", AGREEMENT),
    MAPPINGS: Kind("mapping", MAPPING),
}
"""What each folder of `indicators/` holds. A new kind of definition is a line here and its `Keys` in `schema`."""


def load(root: Path, agreements: Path | None = None) -> Catalogue:
    """Read and check every definition of a folder such as `indicators/`, with the `agreements` of an installation
    and the `mappings` in a folder among them.

    Raises `DefinitionError` with every problem of every file, and `NotFound` where there is no such folder.
    """
    for folder in filter(None, (root, agreements)):
        if not folder.is_dir():
            raise NotFound(f"there is no folder {folder}")
    findings = Findings(in_project=True)
    project = _read_project(root, agreements, findings)
    check_project(project, findings)
    entries = {}
    for block in list(_sound(project, findings)):
        entries[block["framework"]] = framework_entry(block, project.indicators)
        check_computable(block, entries[block["framework"]].framework, findings)
    questionnaires = _questionnaires(project, findings)
    check_published(project, [*entries.values(), *questionnaires], findings)
    findings.raise_problems()
    return catalogue_of(project, entries, questionnaires, tuple(findings.warnings))


def load_framework(path: Path, catalogue: Callable[[], Catalogue] | None = None) -> FrameworkEntry:
    """Read and check one framework file anywhere on disk.

    Indicators that it does not define itself are taken from `catalogue()`, which is called only where it is needed.
    Raises `DefinitionError` with every problem, and `NotFound` where there is no such file.
    """
    if not path.is_file():
        raise NotFound(f"there is no file {path}")
    findings = Findings(in_project=False)
    content = read(path, findings)
    findings.raise_problems()
    return self_contained(content, catalogue, path)


def find_framework(reference: str, root: Path) -> FrameworkEntry:
    """The framework that a person means: a file anywhere, or the code of a framework of the folder `root`."""
    path = Path(reference)
    if path.suffix in (".yaml", ".yml", ".json") or path.is_file():
        return load_framework(path, lambda: load(home(path) or root))
    return load(root).framework(reference)


def home(path: Path) -> Path | None:
    """The folder of definitions that a file belongs to, such as `indicators/`; None for a file that stands alone."""
    folder = path.resolve().parent
    inside = path.is_file() and folder.name in FOLDERS and (folder.parent / "catalogue").is_dir()
    return folder.parent if inside else None


def self_contained(
    content: Any, catalogue: Callable[[], Catalogue] | None = None, path: Path = Path("framework")
) -> FrameworkEntry:
    """The framework that one file's content defines. Raises `DefinitionError` with every problem."""
    findings = Findings(in_project=False)
    block = schema.FRAMEWORK(content, At(shown(path), 1, "framework"), findings)
    if not isinstance(block, Block):
        findings.raise_problems()
    apply_weights_file(block, path, findings)
    inline = by_code(block.get("indicators", ()), findings)
    known = {**(_borrowed(block, inline, catalogue) if catalogue else {}), **inline}
    for indicator in inline.values():
        check_indicator(indicator, known, findings)
    check_circles(known, findings)
    check_framework(block, known, findings)
    findings.raise_problems()
    entry = framework_entry(block, known, tuple(findings.warnings))
    check_computable(block, entry.framework, findings)
    findings.raise_problems()
    return entry


def _borrowed(block: Block, inline: Known, catalogue: Callable[[], Catalogue]) -> Mapping[str, Any]:
    """The project's indicators, where the file names one that it does not define."""
    leaves = [element["indicator"] for element in walk(block.get("tree", Block(block.where))) if "indicator" in element]
    wanted = {*leaves, *(code for one in inline.values() for code in needs(one))} - {*inline, *ATTRIBUTES}
    return {code: entry.content for code, entry in catalogue().indicators.items()} if wanted else {}


def _read_project(root: Path, agreements: Path | None, findings: Findings) -> Project:
    if not any((root / folder).is_dir() for folder in FOLDERS):
        cure = f"it needs one of {', '.join(FOLDERS)}" + (
            f"; did you mean {root / 'indicators'}?" if (root / "indicators").is_dir() else ""
        )
        findings.refuse(At(shown(root), 1, "folder"), "holds no definitions", cure)
    else:
        _refuse_strays(root, findings)
    folders = {name: _read_folder(root / name, kind, findings) for name, kind in FOLDERS.items()}
    if agreements is not None:
        folders[AGREEMENTS] += _read_folder(agreements, FOLDERS[AGREEMENTS], findings)
        folders[MAPPINGS] += _read_folder(agreements / MAPPINGS, FOLDERS[MAPPINGS], findings)
    published = root / PUBLISHED
    record = read_definition(published, schema.PUBLISHED, findings) if published.is_file() else None
    return Project(folders, record.get("published", ()) if record else ())


def _sound(project: Project, findings: Findings) -> Iterator[Block]:
    """The frameworks without a problem, neither in their own file nor in those of their indicators."""
    broken = {problem.file for problem in findings.problems}
    for block in project.folders["frameworks"]:
        if block.where.file not in broken:
            files = {indicator.where.file for indicator in needed(block, project.indicators)}
            if not files & broken:
                yield block


def _questionnaires(project: Project, findings: Findings) -> list[QuestionnaireEntry]:
    """The questionnaires without a problem in their file."""
    broken = {problem.file for problem in findings.problems}
    return [questionnaire_entry(one) for one in project.folders["questionnaires"] if one.where.file not in broken]


def _refuse_strays(root: Path, findings: Findings) -> None:
    """Files that nobody would read: a definition must not vanish for the folder it is in, or for its ending."""
    expected = {root / PUBLISHED, *(path for folder in FOLDERS for path in (root / folder).glob("*.yaml"))}
    for path in sorted(root.rglob("*.y*ml")):
        if path not in expected and path.suffix in (".yaml", ".yml"):
            cure = f"put it into {', '.join(FOLDERS)}, and let it end in .yaml"
            findings.refuse(At(shown(path), 1, "file"), "is not where definitions are read from", cure)


def _read_folder(folder: Path, kind: Kind, findings: Findings) -> list[Block]:
    blocks = []
    for path in sorted(folder.glob("*.yaml")):
        block = read_definition(path, kind.keys, findings)
        if block is not None:
            _check_name(block, kind.key, path, findings)
            apply_weights_file(block, path, findings)
            blocks.append(block)
    return blocks


def read_definition(path: Path, keys: Keys, findings: Findings) -> Block | None:
    """The block of a definition file without its wrong parts; None where there is nothing to go on with."""
    before = len(findings.problems)
    content = read(path, findings)
    if content is None and len(findings.problems) > before:
        return None
    block = keys(content, At(shown(path), 1, "file"), findings)
    return block if isinstance(block, Block) else None


def _check_name(block: Block, key: str, path: Path, findings: Findings) -> None:
    if key in block and block[key] != path.stem:
        cure = f"write `{key}: {path.stem}`, or rename the file to {block[key]}.yaml"
        findings.refuse(block.at(key), f"{block[key]} is not the name of the file", cure)
