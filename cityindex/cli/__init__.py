"""The command line. Each command lives in a module of its own and is imported only when it is called."""

from __future__ import annotations

from importlib import import_module
from typing import NoReturn

import click

from cityindex import __version__
from cityindex.cli.output import EXIT_CODES, report_error, report_usage
from cityindex.errors import CityIndexError

COMMANDS = {
    "definitions": "cityindex.cli.definitions:definitions",
    "score": "cityindex.cli.score:score",
    "uncertainty": "cityindex.cli.uncertainty:uncertainty",
    "doctor": "cityindex.cli.doctor:doctor",
    "db": "cityindex.cli.db:db",
    "seed": "cityindex.cli.seed:seed",
    "import": "cityindex.cli.imports:imports",
    "knowledge": "cityindex.cli.knowledge:knowledge",
    "run": "cityindex.cli.runs:run",
    "publish": "cityindex.cli.runs:publish",
    "rollback": "cityindex.cli.runs:rollback",
    "export": "cityindex.cli.export:export",
    "round": "cityindex.cli.rounds:round_",
    "user": "cityindex.cli.users:user",
    "client": "cityindex.cli.clients:client",
    "delivery": "cityindex.cli.deliveries:delivery",
    "pull": "cityindex.cli.pulls:pull",
    "audit": "cityindex.cli.audit:audit",
    "serve": "cityindex.cli.serve:serve",
    "scheduler": "cityindex.cli.scheduler:scheduler",
}


class LazyGroup(click.Group):
    """Imports a command when it is asked for, so that no command pays for another."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name].split(":")
        command: click.Command = getattr(import_module(module), name)
        return command


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="cityindex")
def cli() -> None:
    """City indicators: defined in files, scored, published, compared and exchanged."""


def run(application: object) -> NoReturn:
    """Run the command line over `application`; errors of the project become a message and an exit code."""
    try:
        cli.main(obj=application, standalone_mode=False)
    except click.exceptions.Abort:
        raise SystemExit(130) from None
    except click.ClickException as error:
        report_usage(error)
        raise SystemExit(2) from None
    except CityIndexError as error:
        report_error(error)
        raise SystemExit(next((EXIT_CODES[kind] for kind in type(error).__mro__ if kind in EXIT_CODES), 1)) from None
    raise SystemExit(0)
