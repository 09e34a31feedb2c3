"""A file of answers made elsewhere: every fault is found before anything is written."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from django.utils.translation import gettext as _

from alliance_health.alliances.models import Role

COLUMNS: Final = ("alliance", "organisation", "respondent", "role", "question", "level")
LARGEST_FILE = 200_000_000  # bytes
LONGEST_CELL = 200
NO_LEVEL: Final = ("", "na", "n/a")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in a line; the header is line 1."""

    line: int
    reason: str

    def __str__(self) -> str:
        return _("Line %(line)d: %(reason)s") % {"line": self.line, "reason": self.reason}


class AnswerFileRefused(Exception):
    """A file of answers cannot be used; nothing was written.

    Attributes:
        faults: all of them, in order of line.
    """

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class FileRater:
    """One respondent's answers: a level by question key, None for "cannot tell"."""

    organisation: str
    role: Role
    answers: dict[str, int | None] = field(default_factory=dict)


Alliances = Mapping[str, Mapping[str, FileRater]]
"""Respondents by name, by alliance."""


def read(path: Path, questions: Mapping[str, frozenset[str]]) -> Alliances:
    """Read a long CSV file: one answer a line.

    Args:
        path: comma-separated, in UTF-8, with the columns alliance, organisation, respondent, role,
            question, level (1 to 5, or NA for "cannot tell").
        questions: roles asked, by key of the questions of the rubric.

    Raises:
        AnswerFileRefused: with every fault of the file.
    """
    faults: list[Fault] = []
    found: dict[str, dict[str, FileRater]] = {}
    roles = {name: role for role in Role for name in (role.value, str(role.label))}
    for line, row in _rows(path, faults):
        reasons = list(_faults_of(row, questions, roles))
        if not reasons:
            rater = found.setdefault(row["alliance"], {}).setdefault(
                row["respondent"], FileRater(row["organisation"], roles[row["role"].lower()])
            )
            reasons = list(_contradictions(row, rater, roles))
        if reasons:
            faults += [Fault(line, reason) for reason in reasons]
        else:
            said = row["level"]
            rater.answers[row["question"]] = None if said.lower() in NO_LEVEL else int(said)
    if not faults and not found:
        faults.append(Fault(1, _("There is no answer in the file.")))
    if not faults:
        faults += [
            Fault(
                1,
                _("%(alliance)s has answers of one organisation only; two are needed.")
                % {"alliance": alliance},
            )
            for alliance, raters in found.items()
            if len({rater.organisation for rater in raters.values()}) < 2
        ]
    if faults:
        raise AnswerFileRefused(sorted(faults, key=lambda fault: fault.line))
    return found


def _rows(path: Path, faults: list[Fault]) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the file's rows with their lines; note what keeps a line from being read."""
    if path.stat().st_size > LARGEST_FILE:
        faults.append(Fault(1, _("The file is larger than 200 MB. Split it.")))
        return
    with path.open("rb") as raw:
        rows = _cells(raw, faults)
        _line, first = next(rows, (1, []))
        header = [name.strip().lower() for name in first]
        if columns := [name for name in COLUMNS if name not in header]:
            faults.append(_header_fault(_("The column %(names)s is missing."), columns))
            return
        if columns := [name for name in COLUMNS if header.count(name) > 1]:
            faults.append(_header_fault(_("The column %(names)s is there twice."), columns))
            return
        for line, cells in rows:
            if not any(cells):
                continue
            if len(cells) != len(header):
                faults.append(
                    Fault(
                        line,
                        _("There are %(found)d cells; the header has %(wanted)d.")
                        % {"found": len(cells), "wanted": len(header)},
                    )
                )
                continue
            named = dict(zip(header, cells, strict=True))
            yield line, {name: named[name].strip() for name in COLUMNS}


def _header_fault(reason: str, columns: Sequence[str]) -> Fault:
    told = reason % {"names": ", ".join(columns)}
    return Fault(1, f"{told} " + _("The columns are %(all)s.") % {"all": ", ".join(COLUMNS)})


def _cells(raw: Iterator[bytes], faults: list[Fault]) -> Iterator[tuple[int, list[str]]]:
    """Yield each row's line and cells; a row that is not CSV is noted, and passed over."""
    reader = csv.reader(_lines(raw, faults), strict=True)
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as problem:
            faults.append(Fault(reader.line_num, _("This is not CSV: %(why)s.") % {"why": problem}))
        else:
            yield reader.line_num, cells


def _lines(raw: Iterator[bytes], faults: list[Fault]) -> Iterator[str]:
    """Yield the file's lines as text; one that is not UTF-8 is noted, and blank instead."""
    for number, line in enumerate(raw, start=1):
        try:
            text = line.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError:
            faults.append(Fault(number, _("This line is not UTF-8 text. Save the file as UTF-8.")))
            text = "\n"
        if "\0" in text:
            faults.append(Fault(number, _("There is a NUL character in this line.")))
            text = "\n"
        yield text


def _faults_of(
    row: Mapping[str, str], questions: Mapping[str, frozenset[str]], roles: Mapping[str, Role]
) -> Iterator[str]:
    too_long = [name for name in COLUMNS if len(row[name]) > LONGEST_CELL]
    for name in too_long:
        yield _("The %(column)s has more than %(most)d characters.") % {
            "column": name,
            "most": LONGEST_CELL,
        }
    if too_long:
        return
    for name in ("alliance", "organisation", "respondent"):
        if not row[name]:
            yield _("The %(column)s is empty.") % {"column": name}
    role = roles.get(row["role"].lower())
    asked = questions.get(row["question"])
    if role is None:
        yield _("The role “%(role)s” is unknown. Roles are %(all)s.") % {
            "role": row["role"],
            "all": ", ".join(str(known.label) for known in Role),
        }
    if asked is None:
        yield _("The question “%(question)s” is not in the rubric.") % {"question": row["question"]}
    elif role is not None and role not in asked:
        yield _("The rubric does not ask %(question)s of the role %(role)s.") % {
            "question": row["question"],
            "role": role.label,
        }
    level = row["level"]
    if level not in ("1", "2", "3", "4", "5") and level.lower() not in NO_LEVEL:
        yield _("The level “%(level)s” is not 1 to 5, nor NA.") % {"level": level}


def _contradictions(
    row: Mapping[str, str], rater: FileRater, roles: Mapping[str, Role]
) -> Iterator[str]:
    if row["question"] in rater.answers:
        yield _("%(respondent)s has answered %(question)s in an earlier line.") % row
    if row["organisation"] != rater.organisation:
        yield _("%(respondent)s is of %(earlier)s in an earlier line.") % {
            "respondent": row["respondent"],
            "earlier": rater.organisation,
        }
    if roles[row["role"].lower()] != rater.role:
        yield _("%(respondent)s has the role %(earlier)s in an earlier line.") % {
            "respondent": row["respondent"],
            "earlier": rater.role.label,
        }
