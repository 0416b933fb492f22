"""A small questionnaire with its framework, right in every detail, for tests to break."""

from __future__ import annotations

from pathlib import Path

from tests.unit.definitions.examples import write_project

MATURITY = """\
framework: maturity
version: "1"
name: {th: วุฒิภาวะ, en: Maturity}
owner: {th: เมือง, en: City}
tree:
  code: maturity
  children:
    - {indicator: policy}
    - {indicator: website}
    - {indicator: uptime}
indicators:
  - code: policy
    definition: {th: นโยบาย, en: Policy}
    unit: percent
    direction: higher
    type: rubric
    source: {name: {th: เทศบาล, en: Municipality}}
    aligned_to: [G1]
  - code: website
    definition: {th: เว็บไซต์, en: Website}
    unit: percent
    direction: higher
    type: yes-no
    source: {name: {th: เทศบาล, en: Municipality}}
    aligned_to: [G1]
  - code: uptime
    definition: {th: เวลา, en: Uptime}
    unit: percent
    direction: higher
    bounds: [0, 100]
    decimals: 1
    source: {name: {th: เทศบาล, en: Municipality}}
    aligned_to: [G1]
"""
SMALL = """\
questionnaire: small
version: "1"
name: {th: แบบเล็ก, en: Small}
framework: maturity
applies_to: [city-municipality, town-municipality]
owner: {th: เมือง, en: City}
sections:
  - code: governance
    name: {th: การบริหาร, en: Governance}
    description: {th: เรื่อง, en: What about}
    questions:
      - code: policy
        text: {th: มีนโยบายไหม, en: Is there a policy?}
        help: {th: ช่วย, en: Help}
        answer: rubric
        levels:
          0: {th: ไม่มี, en: None}
          1: {th: เริ่ม, en: Begun}
          2: {th: ร่าง, en: Drafted}
          3: {th: ใช้, en: Used}
          4: {th: ทบทวน, en: Reviewed}
          5: {th: ปรับปรุง, en: Improved}
        evidence: {from_level: 2, kinds: [document, url], note: {th: แนบ, en: Attach it}}
        crosswalk: {DGA: policy, LOSI: ["1", "2"]}
  - code: service
    name: {th: บริการ, en: Service}
    questions:
      - code: website
        text: {th: มีเว็บไซต์ไหม, en: Is there a website?}
        answer: yes-no
        external: true
        evidence: {}
      - code: uptime
        text: {th: ใช้ได้กี่ส่วน, en: How often is it up?}
        answer: number
        permits: [do-not-know]
        show_if: {question: website, is: yes}
      - code: host
        text: {th: ใครดูแล, en: Who hosts it?}
        answer: choice
        options:
          - {code: own, name: {th: เอง, en: Ourselves}}
          - {code: rented, name: {th: เช่า, en: Rented}}
        show_if:
          all_of:
            - {question: policy, at_least: 3}
            - not: {question: website, is_not: yes}
            - any_of: [{question: uptime, at_least: 90}, {question: uptime, is: do-not-know}]
        applies_to: [city-municipality]
      - code: remarks
        text: {th: อื่น ๆ, en: Anything else?}
        answer: text
"""
SCHEMES = """\
codelist: crosswalk
name: {th: แบบอื่น, en: Other schemes}
items:
  - {code: DGA, name: {th: สพร., en: DGA survey}}
  - {code: "DGA:policy", parent: DGA, name: {th: นโยบาย, en: Policies}}
  - {code: LOSI, name: {th: ยูเอ็น, en: UN index}}
  - {code: "LOSI:1", parent: LOSI, name: {th: หนึ่ง, en: First}}
  - {code: "LOSI:2", parent: LOSI, name: {th: สอง, en: Second}}
"""
FILES = {"codelists/crosswalk.yaml": SCHEMES, "frameworks/maturity.yaml": MATURITY, "questionnaires/small.yaml": SMALL}


def write_instrument(root: Path) -> Path:
    """The small project with the small questionnaire."""
    write_project(root)
    for name, text in FILES.items():
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(text, "utf-8")
    return root
