"""Make stored scores again and compare them, for whoever must be able to rely on them."""

import time
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from assessments.operations import verification

MOST_TOLD = 100
PROGRESS_EVERY = 10.0  # seconds


class Command(BaseCommand):
    help = "Make stored scorings again from what they keep, and compare them to the last bit."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--since",
            type=date.fromisoformat,
            metavar="YYYY-MM-DD",
            help="only scorings as of this day or a later one",
        )

    def handle(self, *args: Any, since: date | None, **options: Any) -> None:  # noqa: ANN401, ARG002
        """Check, and say what was found; end with an error if anything differs."""
        whole = verification.comparable(since).count()
        started = told_at = time.monotonic()
        runs = rows = differing = told = 0
        for checked in verification.verify(since):
            runs, rows = runs + checked.runs, rows + checked.rows
            differing += checked.differing
            for one in checked.differences[: max(0, MOST_TOLD - told)]:
                where = f"{one.alliance}, as of {one.as_of} ({one.reason}), {one.node or 'run'}"
                self.stdout.write(
                    f"{where}, {one.field}: stored {one.stored!r}, recomputed {one.recomputed!r}"
                )
            told += len(checked.differences)
            if time.monotonic() - told_at >= PROGRESS_EVERY:
                told_at = time.monotonic()
                self.stdout.write(f"{runs} of {whole} scorings checked.")
        if told > MOST_TOLD:
            self.stdout.write(f"And {told - MOST_TOLD} more values that differ.")
        other = verification.not_comparable(since)
        self.stdout.write(
            f"{runs} scorings with {rows} scores checked in {time.monotonic() - started:.1f} s: "
            f"{differing} differ. {other} were made by another version of the code and are not "
            "comparable."
        )
        if differing:
            raise CommandError(f"{differing} of {runs} scorings differ from what they come to.")
