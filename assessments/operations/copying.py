"""Rows into a table in PostgreSQL's binary form, out of columns of numbers.

Rows in which the same values are empty have the same width, so they are written as one block, in
which every value is at a fixed distance. No object is made for a row.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_END = b"\xff\xff"
_DOUBLE_OID = 701

Column = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Values:
    """A column of numbers, marks or texts.

    Attributes:
        type: of the column in the table: bigint, smallint, float8, boolean or text.
        values: of all rows; texts as bytes.
        missing: rows in which it is empty; None for none.
    """

    type: str
    values: Column
    missing: NDArray[np.bool_] | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A column of float8[][]: in each row a table of numbers.

    Attributes:
        values: by row, table line and number.
        missing: by row and line, whether all its numbers are empty.
    """

    values: Column
    missing: NDArray[np.bool_]


_DTYPES = {"bigint": ">i8", "smallint": ">i2", "float8": ">f8", "boolean": "u1"}


def copy_rows(table: str, columns: Mapping[str, Values | Table]) -> None:
    """Write rows.

    Args:
        table: its name in the database.
        columns: by name; all of the same length.
    """
    # The names are the program's own, never a reader's.
    statement = f"COPY {table} ({', '.join(columns)}) FROM STDIN (FORMAT binary)"
    with connection.cursor() as cursor:
        wrapped: Any = cursor
        with wrapped.copy(statement) as copy:
            copy.write(_HEADER)
            for block in _blocks(list(columns.values())):
                copy.write(block)
            copy.write(_END)


def _blocks(columns: Sequence[Values | Table]) -> Iterator[bytes]:
    likeness = _likeness(columns)
    _same, first, group = np.unique(likeness, return_index=True, return_inverse=True)
    order = np.argsort(group, kind="stable")
    ends = np.cumsum(np.bincount(group, minlength=first.size))
    for start, end in zip((0, *ends[:-1].tolist()), ends.tolist(), strict=True):
        yield _block(columns, order[start:end])


def _likeness(columns: Sequence[Values | Table]) -> NDArray[np.int64]:
    """Return a number for each row: rows with the same one have the same width everywhere."""
    parts: list[NDArray[np.int64]] = []
    for column in columns:
        if isinstance(column, Table):
            parts.extend(column.missing.T.astype(np.int64))
        elif column.type == "text":
            parts.append(np.char.str_len(column.values).astype(np.int64))
        elif column.missing is not None:
            parts.append(column.missing.astype(np.int64))
    found = np.zeros(len(_values_of(columns[0])), dtype=np.int64)
    for part in parts:
        if found.size and part.min() != part.max():
            found = found * (int(part.max()) + 1) + part
            if found.max() > 2**32:
                found = np.unique(found, return_inverse=True)[1]
    return found


def _values_of(column: Values | Table) -> Column:
    return column.values


def _block(columns: Sequence[Values | Table], rows: NDArray[np.intp]) -> bytes:
    """Return rows of the same width."""
    # Each value follows its length, in four bytes.
    fields: list[tuple[str, Any]] = [("n", ">i2")]
    given: dict[str, Any] = {"n": len(columns)}
    for number, column in enumerate(columns):
        if isinstance(column, Table):
            _add_table(fields, given, f"{number}", column, rows)
        elif column.missing is not None and column.missing[rows[0]]:
            _add(fields, given, f"{number}.length", ">i4", -1)
        else:
            values = column.values[rows]
            width = len(values[0]) if column.type == "text" else 0
            dtype = np.dtype(_DTYPES.get(column.type, f"S{max(width, 1)}"))
            empty = column.type == "text" and width == 0
            _add(fields, given, f"{number}.length", ">i4", 0 if empty else dtype.itemsize)
            if not empty:
                _add(fields, given, f"{number}", dtype, values)
    block = np.zeros(rows.size, dtype=fields)
    for name, value in given.items():
        block[name] = value
    return block.tobytes()


def _add(
    fields: list[tuple[str, Any]],
    given: dict[str, Any],
    name: str,
    dtype: np.dtype[Any] | str,
    value: Any,  # noqa: ANN401
) -> None:
    fields.append((name, dtype))
    given[name] = value


def _add_table(
    fields: list[tuple[str, Any]],
    given: dict[str, Any],
    name: str,
    column: Table,
    rows: NDArray[np.intp],
) -> None:
    missing = column.missing[rows[0]]
    if missing.all():
        _add(fields, given, f"{name}.length", ">i4", -1)
        return
    _rows, lines, width = column.values.shape
    numbers = width * (4 * lines + 8 * int((~missing).sum()))
    # Two dimensions, some empty, of doubles; then the size and the first index of each.
    head = (28 + numbers, 2, int(missing.any()), _DOUBLE_OID, lines, 1, width, 1)
    for place, value in enumerate(head):
        _add(fields, given, f"{name}.head{place}", ">i4", value)
    values = column.values[rows]
    for line in range(lines):
        if missing[line]:
            _add(fields, given, f"{name}.{line}", np.dtype((">i4", (width,))), -1)
            continue
        cell = np.dtype([("length", ">i4"), ("value", ">f8")])
        cells = np.empty((rows.size, width), dtype=cell)
        cells["length"], cells["value"] = 8, values[:, line]
        _add(fields, given, f"{name}.{line}", np.dtype((cell, (width,))), cells)
