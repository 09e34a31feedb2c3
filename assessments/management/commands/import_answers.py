"""Bring in a survey that was made elsewhere, as a closed cycle."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from assessments.operations import answer_files, imports
from assessments.operations.cycles import CycleRefused
from assessments.queries import rubrics


class Command(BaseCommand):
    help = (
        "Bring in answers made elsewhere as a closed cycle: a CSV file with the columns "
        f"{', '.join(answer_files.COLUMNS)}. Bad lines are all told, and then nothing is written."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        first, last = _quarter_before(timezone.localdate())
        parser.add_argument("file", type=Path, help="the CSV file, in UTF-8")
        parser.add_argument(
            "--rubric", required=True, help="key of a published rubric; its latest version is used"
        )
        parser.add_argument("--cycle", help="name of the cycle (default: the file's name)")
        parser.add_argument(
            "--from",
            dest="starts_on",
            type=date.fromisoformat,
            default=first,
            help=f"first day of the quarter (default: {first}, of the last quarter)",
        )
        parser.add_argument(
            "--to",
            dest="ends_on",
            type=date.fromisoformat,
            default=last,
            help=f"last day of the quarter (default: {last})",
        )

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ANN401, ARG002
        """Read, check, write, and say what comes next."""
        file: Path = options["file"]
        version = rubrics.published_versions().filter(rubric__key=options["rubric"]).first()
        if version is None:
            raise CommandError(
                f"No rubric {options['rubric']} is published. Publish it first: "
                "manage.py load_rubric FILE"
            )
        try:
            answers = answer_files.read(file, imports.roles_by_question(version))
            cycle = imports.import_answers(
                answers=answers,
                rubric_version=version,
                name=options["cycle"] or file.stem,
                starts_on=options["starts_on"],
                ends_on=options["ends_on"],
                by=None,
                now=timezone.now(),
            )
        except OSError as problem:
            raise CommandError(f"{file} cannot be read: {problem.strerror}.") from problem
        except answer_files.AnswerFileRefused as refusal:
            raise CommandError(
                f"Nothing was written: {len(refusal.faults)} faults in {file}.\n{refusal}"
            ) from refusal
        except (imports.ImportRefused, CycleRefused) as refusal:
            raise CommandError(f"Nothing was written. {refusal}") from refusal
        raters = sum(map(len, answers.values()))
        said = sum(len(r.answers) for found in answers.values() for r in found.values())
        self.stdout.write(
            f"{cycle}: {said:,} answers of {raters:,} respondents in {len(answers)} alliances are "
            "in, and the cycle is closed. The worker scores it within a minute."
        )


def _quarter_before(today: date) -> tuple[date, date]:
    """Return the first and the last day of the calendar quarter before today's."""
    this = date(today.year, 3 * ((today.month - 1) // 3) + 1, 1)
    last = this - timedelta(days=1)
    return date(last.year, last.month - 2, 1), last
