"""The pages. A module a subject, each with its blueprint; its address begins with the language."""

from cityindex.services.accounts.roles import Permission
from cityindex.web.pages.about import about
from cityindex.web.pages.account import account
from cityindex.web.pages.admin import admin
from cityindex.web.pages.answering_mistakes import ANSWERS, answering_mistakes
from cityindex.web.pages.appeals import appeals
from cityindex.web.pages.assessments import assessments
from cityindex.web.pages.compare import compare
from cityindex.web.pages.consultations import consultations
from cityindex.web.pages.consulting import TAKES_PART, consulting
from cityindex.web.pages.crowd import crowd
from cityindex.web.pages.data import data
from cityindex.web.pages.evidence import READ as READ_EVIDENCE
from cityindex.web.pages.evidence import evidence
from cityindex.web.pages.exchange import SEE, exchange, place_exchange
from cityindex.web.pages.frameworks import frameworks
from cityindex.web.pages.guide import guide
from cityindex.web.pages.home import home
from cityindex.web.pages.imports import READ as READ_UPLOADS
from cityindex.web.pages.imports import imports
from cityindex.web.pages.indicators import indicators
from cityindex.web.pages.keys import admin_keys, keys
from cityindex.web.pages.knowledge import knowledge
from cityindex.web.pages.learning import learning
from cityindex.web.pages.map import map_
from cityindex.web.pages.methods import methods
from cityindex.web.pages.mine import mine
from cityindex.web.pages.mistakes import mistakes
from cityindex.web.pages.movements import movement  # noqa: F401  (adds its page to those of frameworks)
from cityindex.web.pages.outcomes import outcomes
from cityindex.web.pages.people import people
from cityindex.web.pages.places import places
from cityindex.web.pages.plan_files import plans
from cityindex.web.pages.plan_shown import plan_shown
from cityindex.web.pages.previewing import previewing
from cityindex.web.pages.previews import previews
from cityindex.web.pages.programmes import programmes
from cityindex.web.pages.progress import progress
from cityindex.web.pages.proposals import register
from cityindex.web.pages.proposing import READ as READ_PROPOSALS
from cityindex.web.pages.proposing import proposing
from cityindex.web.pages.questionnaires import questionnaires
from cityindex.web.pages.releases import releases
from cityindex.web.pages.releasing import releasing
from cityindex.web.pages.results import results
from cityindex.web.pages.reviews import REVIEW, reviews
from cityindex.web.pages.rounds import rounds
from cityindex.web.pages.scatters import scatter  # noqa: F401  (adds its page to those of indicators)
from cityindex.web.pages.schedules import schedules
from cityindex.web.pages.sharing import READ as READ_KNOWLEDGE
from cityindex.web.pages.sharing import sharing
from cityindex.web.pages.sign_in import sign_in
from cityindex.web.pages.solved import solved  # noqa: F401  (adds its page to those of knowledge)
from cityindex.web.pages.story import story
from cityindex.web.pages.submitting import submitting
from cityindex.web.pages.targets import targets
from cityindex.web.pages.voices import voices
from cityindex.web.pages.what_if import what_ifs
from cityindex.web.permissions import SIGNED_IN, at_place

BLUEPRINTS = (
    home,
    places,
    results,
    map_,
    crowd,
    story,
    indicators,
    frameworks,
    what_ifs,
    methods,
    data,
    guide,
    programmes,
    questionnaires,
    learning,
    knowledge,
    register,
    outcomes,
    compare,
    targets,
    plan_shown,
    consultations,
    voices,
    releases,
    mistakes,
    about,
)
"""Open to everybody."""
SIGNED_IN_BLUEPRINTS = (
    (account, SIGNED_IN),
    (sign_in, SIGNED_IN),
    (mine, SIGNED_IN),
    (keys, SIGNED_IN),
    (admin_keys, Permission.GRANT_ACCESS),
    (people, Permission.SEE_ACCOUNTS),
    (admin, Permission.SEE_RECORDS),
    (releasing, Permission.PUBLISH),
    (previewing, Permission.PUBLISH),
    (previews, at_place(Permission.SEE_ASSESSMENT)),
    (schedules, Permission.SEE_RECORDS),
    (exchange, Permission.SEE_RECORDS),
    (place_exchange, SEE),
    (answering_mistakes, ANSWERS),
    (evidence, READ_EVIDENCE),
    (imports, READ_UPLOADS),
    (sharing, READ_KNOWLEDGE),
    (proposing, READ_PROPOSALS),
    (assessments, at_place(Permission.SEE_ASSESSMENT)),
    (submitting, at_place(Permission.SEE_ASSESSMENT)),
    (reviews, REVIEW),
    (appeals, at_place(Permission.RUN_ROUNDS)),
    (rounds, Permission.RUN_ROUNDS),
    (plans, at_place(Permission.SEE_ASSESSMENT)),
    (progress, Permission.RUN_ROUNDS),
    (consulting, TAKES_PART),
)
"""With the permission that their pages need, where one does not say otherwise. Nobody keeps a copy of them."""
