"""Submitted answers in columns: millions of them without an object for any."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from assessments.scoring.columns import Marks, Whole

# One row with a value a column: a row an answer, or even one a sheet, would cost more to hand over
# than to read. The lateral query makes PostgreSQL read a sheet's answers side by side out of the
# key "answer_once", which holds the level, whatever the size of the table; sheets come in the order
# of that key. An answer without a level is one with a reason.
_SHEETS = """
    COPY (
        SELECT string_agg(int8send(assessment_id), ''::bytea),
            string_agg(int8send(organisation_id), ''::bytea),
            string_agg(int4send(is_protected::int), ''::bytea),
            string_agg(rpad(role, 8), ''),
            string_agg(rpad(rater_key, 32), ''),
            string_agg(int4send(octet_length(answers) / 8), ''::bytea),
            string_agg(answers, ''::bytea)
        FROM (
            SELECT id, assessment_id, organisation_id, is_protected, role, rater_key
            FROM assessments_answersheet
            WHERE assessment_id = ANY('{%s}'::bigint[]) AND is_submitted
            ORDER BY id
        ) sheet, LATERAL (
            SELECT coalesce(string_agg(int8send(
                (coalesce(about_id, 0) << 32) | (question_id << 4) | coalesce(level, 0)
            ), ''::bytea), '') AS answers
            FROM assessments_answer WHERE sheet_id = sheet.id
        ) given
    ) TO STDOUT (FORMAT binary)
"""
_COLUMNS = (">i8", ">i8", ">i4", "S8", "S32", ">i4", ">i8")
_FIRST_LENGTH = 21  # after the file's header and the row's number of values
_LENGTH_BYTES = 4


@dataclass(frozen=True, slots=True)
class Submitted:
    """Submitted sheets, and the answers on them.

    Attributes:
        assessment: key, by sheet.
        organisation: key of the rater's organisation, by sheet.
        protected: whether the rater answered in confidence, by sheet.
        role: the rater's role, by sheet.
        key: the rater's pseudonym, by sheet.
        sheet: place of the sheet, by answer.
        question: key of the question, by answer.
        about: key of the organisation that it is about, 0 for the alliance, by answer.
        level: from 1 to 5, 0 for an answer without a level, by answer.
    """

    assessment: Whole
    organisation: Whole
    protected: Marks
    role: NDArray[np.str_]
    key: NDArray[np.bytes_]
    sheet: Whole
    question: Whole
    about: Whole
    level: Whole


def submitted(assessments: Sequence[int]) -> Submitted:
    """Return what was submitted in some assessments, in no order; 1 query.

    Args:
        assessments: their keys.
    """
    assessment, organisation, protected, role, key, answers, code = (
        np.frombuffer(told, dtype=dtype)
        for told, dtype in zip(_copied(list(assessments)), _COLUMNS, strict=True)
    )
    code = code.astype(np.int64)
    return Submitted(
        assessment=assessment.astype(np.int64),
        organisation=organisation.astype(np.int64),
        protected=protected.astype(np.bool_),
        role=np.char.rstrip(role).astype(np.str_),
        key=np.char.rstrip(key),
        sheet=np.repeat(np.arange(assessment.size), answers),
        question=(code >> 4) & 0xFFF_FFFF,
        about=code >> 32,
        level=code & 0xF,
    )


def _copied(assessments: list[int]) -> list[bytes]:
    """Return the columns as they were sent."""
    # Whole numbers, written into the statement because a COPY takes no parameters.
    statement = _SHEETS % ",".join(str(int(key)) for key in assessments)
    with connection.cursor() as cursor:
        wrapped: Any = cursor
        with wrapped.copy(statement) as copy:
            told = b"".join(copy)
    columns, at = [], _FIRST_LENGTH
    for _column in _COLUMNS:
        size = int.from_bytes(told[at : at + _LENGTH_BYTES], signed=True)
        at += _LENGTH_BYTES
        columns.append(told[at : at + max(size, 0)])  # -1 stands for none
        at += max(size, 0)
    return columns
