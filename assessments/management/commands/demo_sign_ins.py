"""Say who can sign in to the demonstration."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from assessments.management.demo import sign_ins

_HEAD = ("Who", "What is to be seen", "E-mail", "Password")


class Command(BaseCommand):
    help = "Print who can sign in to the demonstration; nothing where it is not loaded."

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ANN401, ARG002
        """Print a table, and where the mails with personal links are."""
        rows = [(one.name, one.sees, one.email, sign_ins.PASSWORD) for one in sign_ins.usable()]
        if not rows:
            return
        self.stdout.write(_table([_HEAD, *rows]))
        if folder := getattr(settings, "EMAIL_FILE_PATH", None):
            self.stdout.write(
                "\nTo answer without signing in: as administrator, send somebody a link from the "
                f"open cycle.\nThe mail with it is written to {folder}"
            )


def _table(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )
