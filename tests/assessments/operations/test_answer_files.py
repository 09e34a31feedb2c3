"""A file of answers: what is read, and every fault, with its line and what is wrong."""

from pathlib import Path

import pytest

from alliance_health.alliances.models import Role
from assessments.operations import answer_files
from assessments.operations.answer_files import AnswerFileRefused, FileRater

HEADER = "alliance,organisation,respondent,role,question,level"
QUESTIONS = {
    "Q1": frozenset({"team", "manager"}),
    "Q2": frozenset({"team", "manager"}),
    "M1": frozenset({"manager"}),
}
NORTH = "Cobalt,North,R1,team member,Q1,4"
SOUTH = "Cobalt,South,R2,team member,Q1,2"


def written(folder: Path, *lines: str, header: str = HEADER) -> Path:
    file = folder / "answers.csv"
    file.write_text("".join(f"{line}\n" for line in (header, *lines)), encoding="utf-8")
    return file


def read(file: Path) -> answer_files.Alliances:
    return answer_files.read(file, QUESTIONS)


def faults(file: Path) -> list[tuple[int, str]]:
    with pytest.raises(AnswerFileRefused) as refused:
        read(file)
    assert str(refused.value).splitlines() == [str(fault) for fault in refused.value.faults]
    return [(fault.line, fault.reason) for fault in refused.value.faults]


# --- what is read -----------------------------------------------------------------------------


def test_read_gathers_the_answers_by_alliance_and_respondent(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        NORTH,
        "Cobalt,North,R1,team member,Q2,5",
        SOUTH,
        "Delta,North,R1,alliance manager,M1,1",
        "Delta,South,R9,manager,Q2,3",
    )

    assert read(file) == {
        "Cobalt": {
            "R1": FileRater("North", Role.TEAM, {"Q1": 4, "Q2": 5}),
            "R2": FileRater("South", Role.TEAM, {"Q1": 2}),
        },
        "Delta": {
            "R1": FileRater("North", Role.MANAGER, {"M1": 1}),
            "R9": FileRater("South", Role.MANAGER, {"Q2": 3}),
        },
    }


@pytest.mark.parametrize("said", ["", "NA", "na", "N/A", " n/a "])
def test_read_takes_no_level_as_cannot_tell(said: str, tmp_path: Path) -> None:
    file = written(tmp_path, NORTH, f"Cobalt,South,R2,team member,Q1,{said}")

    assert read(file)["Cobalt"]["R2"].answers == {"Q1": None}


@pytest.mark.parametrize("role", ["team", "Team member", "TEAM MEMBER", " team "])
def test_read_takes_a_role_by_its_key_or_its_name(role: str, tmp_path: Path) -> None:
    file = written(tmp_path, NORTH, f"Cobalt,South,R2,{role},Q1,1")

    assert read(file)["Cobalt"]["R2"].role == Role.TEAM


def test_read_takes_columns_in_any_order_beside_others(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        "4,Q1,x,team,R1,North,Cobalt",
        "2,Q1,y,team,R2,South,Cobalt",
        header="Level,QUESTION,remark, role ,respondent,organisation,alliance",
    )

    assert read(file)["Cobalt"]["R2"] == FileRater("South", Role.TEAM, {"Q1": 2})


def test_read_takes_commas_quotes_and_line_ends_inside_quotes(tmp_path: Path) -> None:
    file = written(tmp_path, '"Cobalt, ""the first""",North,"R\n1",team,Q1,4', SOUTH)
    file.write_text(
        file.read_text().replace("Cobalt,South", '"Cobalt, ""the first""",South'), encoding="utf-8"
    )

    assert {name: list(raters) for name, raters in read(file).items()} == {
        'Cobalt, "the first"': ["R\n1", "R2"]
    }


def test_read_takes_names_of_any_language(tmp_path: Path) -> None:
    file = written(tmp_path, "Brückenbau,Ålesund,李,team,Q1,4", "Brückenbau,Łódź,Zoë,team,Q1,2")

    assert [rater.organisation for rater in read(file)["Brückenbau"].values()] == [
        "Ålesund",
        "Łódź",
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize("last", ["", "END", "END" * 3])
def test_read_takes_byte_order_mark_windows_line_ends_and_blank_lines(
    encoding: str, line_end: str, last: str, tmp_path: Path
) -> None:
    file = tmp_path / "answers.csv"
    content = line_end.join((HEADER, NORTH, "", SOUTH)) + last.replace("END", line_end)
    file.write_bytes(content.encode(encoding))

    assert {name: len(raters) for name, raters in read(file).items()} == {"Cobalt": 2}


# --- faults of a line -------------------------------------------------------------------------

UNKNOWN_ROLE = (
    "The role “chief” is unknown. Roles are alliance manager, executive sponsor, team member."
)
LINES = [
    ("Cobalt,North,R3,team,Q9,4", "The question “Q9” is not in the rubric."),
    ("Cobalt,North,R3,team,q1,4", "The question “q1” is not in the rubric."),
    ("Cobalt,North,R3,team,,4", "The question “” is not in the rubric."),
    ("Cobalt,North,R3,team,M1,4", "The rubric does not ask M1 of the role team member."),
    (
        "Cobalt,North,R3,chief,Q1,4",
        UNKNOWN_ROLE,
    ),
    *(
        (f"Cobalt,North,R3,team,Q1,{level}", f"The level “{level}” is not 1 to 5, nor NA.")
        for level in ("7", "0", "-1", "6", "4.0", "four", "４", "1e0", "NaN", "None", "=1")
    ),
    (",North,R3,team,Q1,4", "The alliance is empty."),
    ("Cobalt, ,R3,team,Q1,4", "The organisation is empty."),
    ("Cobalt,North,,team,Q1,4", "The respondent is empty."),
    (f"Cobalt,North,{'R' * 201},team,Q1,4", "The respondent has more than 200 characters."),
    ("Cobalt,North,R1,team member,Q1,5", "R1 has answered Q1 in an earlier line."),
    ("Cobalt,South,R1,team member,Q2,5", "R1 is of North in an earlier line."),
    ("Cobalt,North,R1,manager,Q2,5", "R1 has the role team member in an earlier line."),
    ("Cobalt,North,R3,team,Q1", "There are 5 cells; the header has 6."),
    ("Cobalt,North,R3,team,Q1,4,5", "There are 7 cells; the header has 6."),
    ("Cobalt;North;R3;team;Q1;4", "There are 1 cells; the header has 6."),
    ("Cobalt,North,R3\0,team,Q1,4", "There is a NUL character in this line."),
    ('Cobalt,North,"R3"x,team,Q1,4', "This is not CSV: ',' expected after '\"'."),
    (
        f"Cobalt,North,R3,team,Q1,{'4' * 1_000_000}",
        "This is not CSV: field larger than field limit (131072).",
    ),
]


@pytest.mark.parametrize(("line", "said"), LINES, ids=[said for _line, said in LINES])
def test_fault_of_a_line_is_told_with_its_line(line: str, said: str, tmp_path: Path) -> None:
    assert faults(written(tmp_path, NORTH, SOUTH, line)) == [(4, said)]


def test_fault_of_a_line_tells_its_place_in_the_file(tmp_path: Path) -> None:
    """Blank lines and quoted line ends count, as in an editor."""
    file = written(tmp_path, NORTH, "", '"Cobalt","South","R\n2",team,Q1,2', "x")

    assert faults(file) == [(6, "There are 1 cells; the header has 6.")]


def test_all_faults_are_told_in_the_order_of_lines(tmp_path: Path) -> None:
    lines = [NORTH, *(line for line, _said in LINES), SOUTH, "Cobalt,South,R2,team,Q2,9"]

    found = faults(written(tmp_path, *lines))

    assert found == [
        *((number, said) for number, (_line, said) in enumerate(LINES, start=3)),
        (len(LINES) + 4, "The level “9” is not 1 to 5, nor NA."),
    ]


def test_all_faults_of_one_line_are_told(tmp_path: Path) -> None:
    assert faults(written(tmp_path, NORTH, SOUTH, ",,R3,chief,Q9,8")) == [
        (4, "The alliance is empty."),
        (4, "The organisation is empty."),
        (
            4,
            UNKNOWN_ROLE,
        ),
        (4, "The question “Q9” is not in the rubric."),
        (4, "The level “8” is not 1 to 5, nor NA."),
    ]


def test_fault_does_not_repeat_a_long_cell(tmp_path: Path) -> None:
    line = ",".join("4" * 100_000 for _column in answer_files.COLUMNS)

    assert faults(written(tmp_path, NORTH, line)) == [
        (3, f"The {column} has more than 200 characters.") for column in answer_files.COLUMNS
    ]


def test_quote_that_is_never_closed_is_told(tmp_path: Path) -> None:
    found = faults(written(tmp_path, NORTH, SOUTH, '"Cobalt,North,R3,team,Q1,4', NORTH))

    assert found == [(5, "This is not CSV: unexpected end of data.")]


def test_same_respondent_may_be_somebody_else_in_another_alliance(tmp_path: Path) -> None:
    file = written(tmp_path, NORTH, SOUTH, "Delta,South,R1,team,Q1,4", "Delta,North,R2,team,Q1,4")

    assert read(file)["Delta"]["R1"].organisation == "South"


# --- faults of the file -----------------------------------------------------------------------


def test_answers_of_one_organisation_only_are_told(tmp_path: Path) -> None:
    file = written(tmp_path, NORTH, "Cobalt,North,R2,team,Q1,4", SOUTH.replace("Cobalt", "Delta"))

    assert faults(file) == [
        (1, "Cobalt has answers of one organisation only; two are needed."),
        (1, "Delta has answers of one organisation only; two are needed."),
    ]


@pytest.mark.parametrize(
    ("header", "said"),
    [
        (HEADER.replace(",level", ""), "The column level is missing."),
        (HEADER.replace("alliance,", "").replace("role,", ""), "The column alliance, role is"),
        ("", "The column alliance, organisation, respondent, role, question, level is missing."),
        (f"{HEADER},level", "The column level is there twice."),
        (f"{HEADER}, Role ,level", "The column role, level is there twice."),
    ],
)
def test_header_that_is_not_right_is_told(header: str, said: str, tmp_path: Path) -> None:
    [(line, reason)] = faults(written(tmp_path, NORTH, header=header))

    assert line == 1
    assert reason.startswith(said)


def test_empty_file_is_told(tmp_path: Path) -> None:
    file = tmp_path / "answers.csv"
    file.touch()

    [(line, said)] = faults(file)

    assert (line, said.startswith("The column alliance, organisation")) == (1, True)


@pytest.mark.parametrize("lines", [(), ("",), ("", "", ",,,,,")])
def test_file_of_a_header_only_is_told(lines: tuple[str, ...], tmp_path: Path) -> None:
    assert faults(written(tmp_path, *lines)) == [(1, "There is no answer in the file.")]


NOT_UTF8 = "This line is not UTF-8 text. Save the file as UTF-8."


def test_line_in_latin_1_is_told(tmp_path: Path) -> None:
    file = tmp_path / "answers.csv"
    lines = [HEADER, NORTH, "Cobalt,Süd,R2,team,Q1,2", SOUTH, "Cobalt,Süd,R3,team,Q1,2"]
    file.write_bytes("\n".join(lines).encode("latin-1"))

    assert faults(file) == [(3, NOT_UTF8), (5, NOT_UTF8)]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_file_in_utf_16_or_32_is_told(encoding: str, tmp_path: Path) -> None:
    file = tmp_path / "answers.csv"
    file.write_bytes(f"{HEADER}\r\n{NORTH}\r\n{SOUTH}\r\n".encode(encoding))

    found = faults(file)

    assert found[0][0] == 1
    assert found[0][1] in (NOT_UTF8, "There is a NUL character in this line.")
    assert any("is missing" in said for _line, said in found)


def test_zip_file_is_told(tmp_path: Path) -> None:
    """What somebody gets who saves a workbook under the name of a CSV file."""
    file = tmp_path / "answers.csv"
    file.write_bytes(b"PK\x03\x04\x14\x00\x06\x00\x08\x00\x00\x00!\x00\xff\xfe\n" * 40)

    assert any("is missing" in said for _line, said in faults(file))


def test_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    file = tmp_path / "answers.csv"
    with file.open("wb") as sparse:
        sparse.truncate(answer_files.LARGEST_FILE + 1)

    assert faults(file) == [(1, "The file is larger than 200 MB. Split it.")]


def test_file_that_is_not_there_is_for_the_caller_to_tell(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read(tmp_path / "absent.csv")
