"""Publish a rubric version from its file."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from assessments.operations import rubric_documents, rubrics


class Command(BaseCommand):
    help = "Publish a rubric version from a YAML file; the same file again changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="the rubric's YAML file")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:  # noqa: ANN401, ARG002
        """Read, check and publish."""
        try:
            document = rubric_documents.read(file)
            version = rubrics.load_rubric(document=document, by=None, now=timezone.now())
        except (rubric_documents.RubricFileRefused, rubrics.RubricRefused) as refusal:
            raise CommandError(str(refusal)) from refusal
        questions = sum(len(d.questions) for p in document.pillars for d in p.dimensions)
        self.stdout.write(f"{version} is published: {questions} questions.")
