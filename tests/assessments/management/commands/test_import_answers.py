from datetime import date
from io import StringIO
from pathlib import Path

import pytest
import time_machine
from django.core.management import CommandError, call_command

from alliance_health.alliances.models import Alliance, Organisation
from assessments.models import Answer, AnswerSheet, Cycle, RubricVersion
from tests.factories.assessments import small_rubric
from tests.factories.rubrics import varied_rubric

pytestmark = pytest.mark.django_db

HEADER = "alliance,organisation,respondent,role,question,level"
ANSWERS = [
    "Cobalt,Arno,R1,alliance manager,A-1,4",
    "Cobalt,Arno,R1,alliance manager,A-2,NA",
    "Cobalt,Brix,R2,team member,A-1,2",
    "Delta,Arno,R1,team member,A-1,5",
    "Delta,Cass,R3,team member,A-1,1",
]


@pytest.fixture
def rubric() -> RubricVersion:
    return small_rubric()


def written(folder: Path, *lines: str, name: str = "Survey.csv") -> Path:
    file = folder / name
    file.write_text("".join(f"{line}\n" for line in (HEADER, *lines)), encoding="utf-8")
    return file


def bring_in(file: Path, rubric: RubricVersion | str, *options: str) -> str:
    printed = StringIO()
    key = rubric if isinstance(rubric, str) else rubric.rubric.key
    call_command("import_answers", str(file), "--rubric", key, *options, stdout=printed)
    return printed.getvalue()


def refusal(file: Path, rubric: RubricVersion | str, *options: str) -> str:
    """What the command says; nothing may be written."""
    with pytest.raises(CommandError) as refused:
        bring_in(file, rubric, *options)
    models = (Organisation, Alliance, Cycle, AnswerSheet, Answer)
    assert [model.objects.count() for model in models] == [0] * 5
    return str(refused.value)


@time_machine.travel("2026-11-24T10:00Z", tick=False)
def test_import_answers_says_what_came_in(tmp_path: Path, rubric: RubricVersion) -> None:
    said = bring_in(written(tmp_path, *ANSWERS), rubric)

    assert said == (
        "Survey: 5 answers of 4 respondents in 2 alliances are in, and the cycle is closed. The "
        "worker scores it within a minute.\n"
    )
    cycle = Cycle.objects.get()
    assert (cycle.name, cycle.rubric_version, cycle.state) == ("Survey", rubric, "closed")
    assert (cycle.starts_on, cycle.ends_on) == (date(2026, 7, 1), date(2026, 9, 30))
    assert Answer.objects.count() == 5


@pytest.mark.parametrize(
    ("today", "first", "last"),
    [
        ("2026-01-01", date(2025, 10, 1), date(2025, 12, 31)),
        ("2026-03-31", date(2025, 10, 1), date(2025, 12, 31)),
        ("2026-04-01", date(2026, 1, 1), date(2026, 3, 31)),
        ("2024-12-31", date(2024, 7, 1), date(2024, 9, 30)),
    ],
)
def test_import_answers_takes_the_quarter_before_today(
    today: str, first: date, last: date, tmp_path: Path, rubric: RubricVersion
) -> None:
    with time_machine.travel(f"{today}T12:00Z", tick=False):
        bring_in(written(tmp_path, *ANSWERS), rubric)

    cycle = Cycle.objects.get()
    assert (cycle.starts_on, cycle.ends_on) == (first, last)


def test_import_answers_takes_the_name_and_the_quarter_it_is_told(
    tmp_path: Path, rubric: RubricVersion
) -> None:
    file = written(tmp_path, *ANSWERS)

    bring_in(file, rubric, "--cycle", "Spring", "--from", "2026-04-01", "--to", "2026-06-30")

    cycle = Cycle.objects.get()
    assert (cycle.name, cycle.starts_on, cycle.ends_on) == (
        "Spring",
        date(2026, 4, 1),
        date(2026, 6, 30),
    )


def test_import_answers_uses_the_latest_published_version(
    tmp_path: Path, rubric: RubricVersion
) -> None:
    RubricVersion.objects.create(
        rubric=rubric.rubric,
        number=2,
        parameters={},
        document={},
        named_roles=[],
        protected_minimum=5,
    )

    bring_in(written(tmp_path, *ANSWERS), rubric)

    assert Cycle.objects.get().rubric_version == rubric


def test_import_answers_twice_under_one_name_is_refused(
    tmp_path: Path, rubric: RubricVersion
) -> None:
    file = written(tmp_path, *ANSWERS)
    bring_in(file, rubric)

    with pytest.raises(CommandError, match=r"^Nothing was written. There is a cycle called Survey"):
        bring_in(file, rubric)

    assert (Cycle.objects.count(), Answer.objects.count()) == (1, 5)


def test_import_answers_says_every_fault_of_a_hundred_lines(
    tmp_path: Path, rubric: RubricVersion
) -> None:
    file = written(tmp_path, *ANSWERS, *(f"Cobalt,Arno,S{n},team,A-1,{n}" for n in range(100, 200)))

    said = refusal(file, rubric).splitlines()

    assert said[0] == f"Nothing was written: 100 faults in {file}."
    assert said[1:] == [
        f"Line {n - 93}: The level “{n}” is not 1 to 5, nor NA." for n in range(100, 200)
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "Line 1: The column alliance, organisation, respondent, role, question, level is"),
        (HEADER.encode(), "Line 1: There is no answer in the file."),
        (f"{HEADER}\nCobalt,S\xfcd,R1,team,A-1,4".encode("latin-1"), "Line 2: This line is not"),
        (f"{HEADER}\n{ANSWERS[0]}\n".encode("utf-16"), "Line 1: This line is not UTF-8 text."),
        (f"{HEADER}\n{ANSWERS[0]}\n".encode(), "Line 1: Cobalt has answers of one organisation"),
        (f"{HEADER}\nA,B,C\0,team,A-1,4".encode(), "Line 2: There is a NUL character in this"),
        (f"{HEADER}\nA,B,C,team,A-1,{'4' * 1_000_000}".encode(), "Line 2: This is not CSV: field"),
        (f"{HEADER}\nA,B,C,team,X-9,4".encode(), "Line 2: The question “X-9” is not in the rubric"),
        (f"{HEADER}\nA,B,C,team,A-1".encode(), "Line 2: There are 5 cells; the header has 6."),
    ],
    ids=lambda value: str(value)[:30],
)
def test_import_answers_writes_nothing_of_a_faulty_file(
    content: bytes, said: str, tmp_path: Path, rubric: RubricVersion
) -> None:
    file = tmp_path / "answers.csv"
    file.write_bytes(content)

    assert f"\n{said}" in refusal(file, rubric)


def test_import_answers_needs_a_published_rubric(tmp_path: Path) -> None:
    said = refusal(written(tmp_path, *ANSWERS), "nowhere")

    assert said == ("No rubric nowhere is published. Publish it first: manage.py load_rubric FILE")


def test_import_answers_refuses_a_rubric_that_asks_about_organisations(tmp_path: Path) -> None:
    said = refusal(written(tmp_path, *ANSWERS), varied_rubric())

    assert said.startswith("Nothing was written. ")
    assert "has questions about single organisations" in said


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--from", "2026-07-01", "--to", "2026-04-01"), "The last day of the quarter is after"),
        (("--cycle", "S" * 81), "The name must be 80 characters or less."),
    ],
)
def test_import_answers_refuses_a_cycle_that_makes_no_sense(
    options: tuple[str, ...], said: str, tmp_path: Path, rubric: RubricVersion
) -> None:
    assert refusal(written(tmp_path, *ANSWERS), rubric, *options).startswith(
        f"Nothing was written. {said}"
    )


def test_import_answers_refuses_two_spellings_of_one_name(
    tmp_path: Path, rubric: RubricVersion
) -> None:
    said = refusal(written(tmp_path, *ANSWERS, "Cobalt,ARNO,R7,team,A-1,3"), rubric)

    assert said == (
        "Nothing was written. “ARNO” and “Arno” are one name to the register. Spell it one way."
    )


def test_import_answers_says_that_there_is_no_such_file(
    tmp_path: Path, rubric: RubricVersion
) -> None:
    absent = tmp_path / "absent.csv"

    assert refusal(absent, rubric) == f"{absent} cannot be read: No such file or directory."
