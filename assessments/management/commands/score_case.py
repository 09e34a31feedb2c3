"""Score a file of cases without a database, for checking the arithmetic from outside."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from assessments.scoring import CaseProblem, score_cases


class Command(BaseCommand):
    help = "Score a JSON file of cases without a database, and print the results as JSON."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="JSON file with cases")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:  # noqa: ANN401, ARG002
        """Print the results of the file's cases."""
        try:
            text = file.read_text(encoding="utf-8")
        except OSError as problem:
            raise CommandError(
                f"{file} cannot be read ({problem.strerror}); name a JSON file of cases."
            ) from problem
        except UnicodeDecodeError as problem:
            raise CommandError(f"{file} is not UTF-8 text; save it as UTF-8 JSON.") from problem
        try:
            results = score_cases(text)
        except CaseProblem as problem:
            raise CommandError(f"{problem} Correct it in {file} and run this again.") from problem
        self.stdout.write(json.dumps(results, indent=1, ensure_ascii=False))
