"""Load the demonstration: invented alliances, two years of them, and known sign-ins."""

import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from alliance_health.alliances.models import Organisation
from assessments.management.demo import sign_ins, world
from assessments.models import Cycle


class Command(BaseCommand):
    help = "Load the demonstration data, all of it or nothing. It makes sign-ins that all know."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--once",
            action="store_true",
            help="do nothing where the demo, or anything else, is in the database",
        )
        parser.add_argument(
            "--anyway",
            action="store_true",
            help="load it in production too, with sign-ins whose password everybody knows",
        )

    def handle(self, *args: Any, once: bool, anyway: bool, **options: Any) -> None:  # noqa: ANN401, ARG002
        """Tell the demo, unless something stands against it."""
        if settings.IS_PRODUCTION and not anyway:
            raise CommandError(
                "This is a production process, and the demo makes sign-ins whose password "
                "everybody knows. To load it all the same, add --anyway."
            )
        if reason := _why_not():
            if once:
                self.stdout.write(f"{reason} Nothing was loaded.")
                return
            raise CommandError(
                f"{reason} The demo goes into an empty database only: on a laptop, make reset "
                "empties it."
            )
        started = time.monotonic()
        told = world.tell(now=timezone.now())
        self.stdout.write(
            f"Loaded the demo in {time.monotonic() - started:.1f} s: {told.organisations} "
            f"organisations, {told.people} people, {told.alliances} alliances, {told.cycles} "
            f"cycles, {told.answered} questionnaires answered, {told.scorings} scorings."
        )


def _why_not() -> str | None:
    """Say what is in the database already; None if there is nothing."""
    if sign_ins.is_loaded():
        return "The demo is loaded."
    if Organisation.objects.exists() or Cycle.objects.exists():
        return "The database holds organisations or cycles of its own."
    return None
