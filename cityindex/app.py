"""The composition root: everything is built here, once, and only when it is used. Nothing imports this module."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from cityindex.config import Settings, read_settings

if TYPE_CHECKING:
    from flask import Flask
    from sqlalchemy import Engine
    from sqlalchemy.orm import Session, sessionmaker

    from cityindex.definitions.catalogue import Catalogue
    from cityindex.gateways.mail import Mail
    from cityindex.gateways.openid import Provider
    from cityindex.services.accounts.accounts import Accounts
    from cityindex.services.accounts.handover import Handover
    from cityindex.services.accounts.identities import Identities
    from cityindex.services.accounts.invitations import Invitations
    from cityindex.services.accounts.personal_data import PersonalData
    from cityindex.services.accounts.retention import Retention
    from cityindex.services.accounts.second_factor import SecondFactor
    from cityindex.services.assessments.assessments import Assessments
    from cityindex.services.assessments.assigning import Assigning
    from cityindex.services.assessments.evidence import EvidenceKeeping
    from cityindex.services.assessments.notices import Notices
    from cityindex.services.assessments.reminders import Reminders
    from cityindex.services.assessments.results import Results
    from cityindex.services.assessments.reviews import Reviews
    from cityindex.services.assessments.rounds import Rounds
    from cityindex.services.assessments.submissions import Submissions
    from cityindex.services.demo.demo import Demo
    from cityindex.services.exchange.clients import Clients
    from cityindex.services.exchange.deliveries import Deliveries
    from cityindex.services.exchange.fetching import Fetching
    from cityindex.services.exchange.partner_comments import PartnerComments
    from cityindex.services.exchange.partners import PartnerKeys
    from cityindex.services.exchange.pulls import Pulls
    from cityindex.services.exchange.receiving import Receiving
    from cityindex.services.exchange.signing import Signing
    from cityindex.services.exchange.trail import ExchangeTrail
    from cityindex.services.knowledge.knowledge import Knowledge
    from cityindex.services.knowledge.proposals import Proposals
    from cityindex.services.knowledge.proposing import Proposing
    from cityindex.services.letters import Letters
    from cityindex.services.observations.aggregates import Aggregates
    from cityindex.services.observations.observations import Observations
    from cityindex.services.observations.uploads import Uploads
    from cityindex.services.participation.consultations import Consultations
    from cityindex.services.participation.entrance import Entrance
    from cityindex.services.participation.mistakes import Mistakes
    from cityindex.services.participation.targets import Targets
    from cityindex.services.participation.voice_letters import VoiceLetters
    from cityindex.services.participation.voices import Voices
    from cityindex.services.places.boundaries import Boundaries
    from cityindex.services.places.places import Places
    from cityindex.services.places.programmes import Programmes
    from cityindex.services.plans.plans import Plans
    from cityindex.services.runs.previews import Previews
    from cityindex.services.runs.publication import Publishing
    from cityindex.services.runs.releases import Releases
    from cityindex.services.runs.scoring import Scoring
    from cityindex.services.schedules import Schedules
    from cityindex.services.seeding import Seeding
    from cityindex.services.upkeep import Upkeep
    from cityindex.services.watching import Watching


class Application:
    """What the command line, the web side and the jobs are handed. Properties build lazily."""

    def __init__(self, settings: Settings | None = None, served_at: str = "http://127.0.0.1:8000") -> None:
        self._settings, self._served_at = settings, served_at

    @cached_property
    def settings(self) -> Settings:
        return self._settings or read_settings()

    @property
    def address(self) -> str:
        """Where readers find the site: links in letters lead there."""
        return self.settings.base_url or self._served_at

    @cached_property
    def engine(self) -> Engine:
        from cityindex.database import make_engine

        return make_engine(self.settings.database_url)

    @cached_property
    def sessions(self) -> sessionmaker[Session]:
        """Sessions on a database whose tables are up to date; `Unavailable` with the cure where they are not."""
        from sqlalchemy.orm import sessionmaker

        self.upkeep.require_current()
        return sessionmaker(self.engine, expire_on_commit=False)

    @cached_property
    def catalogue(self) -> Catalogue:
        """The definitions of the project, read and checked once."""
        from cityindex.definitions.loader import load
        from cityindex.resources import resource_root

        own = self.settings.agreements
        return load(resource_root("indicators"), Path(own) if own else None)

    @cached_property
    def upkeep(self) -> Upkeep:
        from cityindex.services.upkeep import Upkeep

        return Upkeep(self.engine)

    @cached_property
    def scoring(self) -> Scoring:
        from cityindex.services.runs.scoring import Scoring

        return Scoring(self.sessions, self.catalogue)

    @cached_property
    def places(self) -> Places:
        from cityindex.services.places.places import Places

        return Places(self.sessions, self.catalogue.codelist("place-types"))

    @cached_property
    def boundaries(self) -> Boundaries:
        from cityindex.services.places.boundaries import Boundaries

        return Boundaries(self.sessions, self.catalogue.codelist("place-types"))

    @cached_property
    def programmes(self) -> Programmes:
        from cityindex.services.places.programmes import Programmes

        return Programmes(self.sessions, self.catalogue.programmes)

    @cached_property
    def observations(self) -> Observations:
        from cityindex.services.observations.observations import Observations

        return Observations(self.sessions, self.catalogue)

    @cached_property
    def publishing(self) -> Publishing:
        from cityindex.services.runs.publication import Publishing

        return Publishing(self.sessions)

    @cached_property
    def releases(self) -> Releases:
        from cityindex.services.runs.releases import Releases

        return Releases(self.sessions)

    @cached_property
    def previews(self) -> Previews:
        from cityindex.services.runs.previews import Previews

        return Previews(self.sessions, self.catalogue.codelist("place-types"))

    @cached_property
    def accounts(self) -> Accounts:
        from cityindex.services.accounts.accounts import Accounts

        return Accounts(self.sessions, self.settings.secret_key)

    @cached_property
    def rounds(self) -> Rounds:
        from cityindex.services.assessments.rounds import Rounds

        return Rounds(self.sessions, self.catalogue)

    @cached_property
    def assessments(self) -> Assessments:
        from cityindex.services.assessments.assessments import Assessments

        return Assessments(self.sessions, notices=self.notices)

    @cached_property
    def submissions(self) -> Submissions:
        from cityindex.services.assessments.submissions import Submissions

        return Submissions(self.sessions)

    @cached_property
    def plans(self) -> Plans:
        from cityindex.services.plans.plans import Plans

        return Plans(self.sessions, self.catalogue)

    @cached_property
    def targets(self) -> Targets:
        from cityindex.services.participation.targets import Targets

        return Targets(self.sessions, self.catalogue)

    @cached_property
    def consultations(self) -> Consultations:
        from cityindex.services.participation.consultation_rules import EMAIL, OPENID
        from cityindex.services.participation.consultations import Consultations

        there = ((EMAIL, self.settings.mail_url), (OPENID, self.settings.openid))
        return Consultations(self.sessions, self.targets, tuple(door for door, set_up in there if set_up))

    @cached_property
    def voices(self) -> Voices:
        from cityindex.services.participation.voices import Voices

        return Voices(self.sessions)

    @cached_property
    def entrance(self) -> Entrance:
        from cityindex.services.participation.entrance import Entrance

        return Entrance(self.sessions, self.settings.secret_key)

    @cached_property
    def voice_letters(self) -> VoiceLetters:
        from cityindex.services.participation.voice_letters import VoiceLetters

        return VoiceLetters(self.mail, self.address)

    @cached_property
    def reviews(self) -> Reviews:
        from cityindex.services.assessments.reviews import Reviews

        return Reviews(self.sessions, self.notices)

    @cached_property
    def notices(self) -> Notices:
        from cityindex.services.assessments.notices import Notices

        return Notices(self.catalogue.codelist("place-types"))

    @cached_property
    def assigning(self) -> Assigning:
        from cityindex.services.assessments.assigning import Assigning

        return Assigning(self.sessions, self.notices)

    @cached_property
    def reminders(self) -> Reminders:
        from cityindex.services.assessments.reminders import Reminders

        return Reminders(self.sessions, self.notices)

    @cached_property
    def results(self) -> Results:
        from cityindex.services.assessments.results import Makers, Results

        return Results(self.sessions, Makers(self.observations, self.scoring, self.publishing))

    @cached_property
    def uploads(self) -> Uploads:
        from cityindex.services.observations.uploads import Uploads

        return Uploads(self.sessions, self.catalogue, self.observations)

    @cached_property
    def schedules(self) -> Schedules:
        from cityindex.services.schedules import Schedules

        return Schedules(self.sessions)

    @cached_property
    def watching(self) -> Watching:
        from cityindex.services.watching import Watching

        return Watching(self.sessions, self.job_names)

    @property
    def job_names(self) -> frozenset[str]:
        """The jobs that a scheduler of this installation runs."""
        from cityindex.jobs.registry import jobs_of

        return frozenset(job.name for job in jobs_of(self))

    @cached_property
    def retention(self) -> Retention:
        from cityindex.services.accounts.retention import Retention

        return Retention(self.sessions)

    @cached_property
    def evidence(self) -> EvidenceKeeping:
        from cityindex.gateways.evidence import store_of
        from cityindex.gateways.scanner import scanner_of
        from cityindex.services.assessments.evidence import EvidenceKeeping, Limits

        asked = self.settings
        limits = Limits(asked.evidence_file_mb * 1_000_000, asked.evidence_mb * 1_000_000)
        return EvidenceKeeping(self.sessions, store_of(asked.evidence_url), scanner_of(asked.scanner_url), limits)

    @cached_property
    def knowledge(self) -> Knowledge:
        from cityindex.services.knowledge.knowledge import Knowledge

        return Knowledge(self.sessions, self.catalogue, self.evidence)

    @cached_property
    def aggregates(self) -> Aggregates:
        from cityindex.services.observations.aggregates import Aggregates

        return Aggregates(self.sessions, self.catalogue, self.observations)

    @cached_property
    def proposals(self) -> Proposals:
        from cityindex.services.knowledge.proposals import Proposals

        return Proposals(self.sessions, self.catalogue)

    @cached_property
    def proposing(self) -> Proposing:
        from cityindex.services.knowledge.proposing import Proposing

        return Proposing(self.sessions, self.catalogue)

    @cached_property
    def second_factor(self) -> SecondFactor:
        from cityindex.services.accounts.second_factor import SecondFactor

        return SecondFactor(self.sessions, self.settings.secret_key)

    @cached_property
    def openid(self) -> Provider | None:
        """The OpenID provider, where one is set."""
        from cityindex.gateways.openid import Provider

        return Provider(self.settings.openid) if self.settings.openid else None

    @cached_property
    def identities(self) -> Identities:
        from cityindex.services.accounts.identities import Identities

        return Identities(self.sessions)

    @cached_property
    def invitations(self) -> Invitations:
        from cityindex.services.accounts.invitations import Invitations

        return Invitations(self.sessions, self.catalogue.codelist("place-types"))

    @cached_property
    def handover(self) -> Handover:
        from cityindex.services.accounts.handover import Handover

        return Handover(self.sessions, self.catalogue.codelist("place-types"))

    @cached_property
    def personal_data(self) -> PersonalData:
        from datetime import timedelta

        from cityindex.services.accounts.personal_data import Keeping, PersonalData

        settings = self.settings
        keeping = Keeping(timedelta(days=settings.keep_accounts_days), timedelta(days=settings.keep_letters_days))
        return PersonalData(self.sessions, keeping)

    @cached_property
    def mail(self) -> Mail | None:
        """The mail server, where one is set."""
        from cityindex.gateways.mail import Mail

        return Mail(self.settings.mail_url) if self.settings.mail_url else None

    @cached_property
    def letters(self) -> Letters:
        from cityindex.services.letters import Letters

        return Letters(self.sessions, self.mail, self.address)

    @cached_property
    def mistakes(self) -> Mistakes:
        from cityindex.services.accounts.attempts import Attempts
        from cityindex.services.participation.mistakes import Mistakes

        post = self.mail, self.address
        types = self.catalogue.codelist("place-types")
        return Mistakes(self.sessions, types, Attempts(self.settings.secret_key), post)

    @cached_property
    def clients(self) -> Clients:
        from cityindex.services.exchange.clients import Clients

        return Clients(self.sessions)

    @cached_property
    def signing(self) -> Signing:
        from cityindex.services.exchange.signing import Signing

        return Signing(self.sessions)

    @cached_property
    def partner_keys(self) -> PartnerKeys:
        from cityindex.gateways.partner import PartnerGateway
        from cityindex.services.exchange.partners import PartnerKeys

        return PartnerKeys(PartnerGateway())

    @cached_property
    def deliveries(self) -> Deliveries:
        from cityindex.gateways.partner import PartnerGateway
        from cityindex.services.exchange.deliveries import Deliveries, Means

        means = Means(self.signing, self.partner_keys, PartnerGateway(), self.settings.partner_keys)
        return Deliveries(self.sessions, self.catalogue, means)

    @cached_property
    def receiving(self) -> Receiving:
        from cityindex.services.exchange.receiving import Receiving

        most = self.settings.delivery_mb * 1_000_000
        return Receiving(self.sessions, self.catalogue, (self.signing, self.partner_keys), most)

    @cached_property
    def fetching(self) -> Fetching:
        from cityindex.gateways.partner import PartnerGateway
        from cityindex.services.exchange.fetching import Fetching, Way

        way = Way(PartnerGateway(self.settings.delivery_mb * 1_000_000), self.settings.partner_keys)
        return Fetching(self.catalogue, self.receiving, self.signing, way)

    @cached_property
    def pulls(self) -> Pulls:
        from cityindex.gateways.statistics import StatisticsGateway
        from cityindex.services.exchange.pulls import Pulls

        gateway = StatisticsGateway(self.settings.delivery_mb * 1_000_000)
        return Pulls(self.sessions, self.catalogue, self.observations, gateway)

    @cached_property
    def exchange_trail(self) -> ExchangeTrail:
        from cityindex.services.exchange.trail import ExchangeTrail

        return ExchangeTrail(self.sessions)

    @cached_property
    def partner_comments(self) -> PartnerComments:
        from cityindex.services.exchange.partner_comments import PartnerComments

        return PartnerComments(self.sessions, self.catalogue)

    @cached_property
    def sandbox(self) -> Application:
        """The same program over invented data, for the sandbox key."""
        from dataclasses import replace

        from cityindex.config import default_sandbox_url

        database = self.settings.sandbox_url or default_sandbox_url()
        return Application(replace(self.settings, database_url=database, evidence_url="instance/sandbox-evidence"))

    @cached_property
    def seeding(self) -> Seeding:
        from cityindex.services.seeding import Seeding

        return Seeding(self.sessions, self.places, self.boundaries, self.programmes)

    @cached_property
    def demo(self) -> Demo:
        from cityindex.services.demo.consultations import DemoConsultations
        from cityindex.services.demo.demo import Demo, Editions, Importers
        from cityindex.services.demo.knowledge import DemoKnowledge
        from cityindex.services.demo.rounds import DemoRounds

        shared = DemoKnowledge(self.knowledge, self.proposals, self.proposing)
        asked = DemoConsultations(self.sessions, self.targets)
        importers = Importers(self.places, self.boundaries, self.observations, shared, asked)
        rounds = DemoRounds(self.sessions, self.catalogue, self.results.makers, self.evidence.store)
        return Demo(self.catalogue, importers, Editions(self.scoring, self.publishing), self.accounts, rounds)

    def at(self, address: str) -> Application:
        """The same program, served at another address."""
        return Application(self.settings, served_at=address)

    def web(self) -> Flask:
        """The web application; it asks the database for nothing yet. Raises `Invalid` where the address of the mail
        server cannot be read: no reader can cure that.
        """
        from cityindex.web import build

        _ = self.mail
        return build(self)


def create_app(settings: Settings | None = None) -> Flask:
    """The web application (for `gunicorn 'cityindex.app:create_app()'`)."""
    return Application(settings).web()


def main() -> None:
    """The console script `cityindex`."""
    from cityindex.cli import run

    run(Application())
