"""What was changed, by whom and when, read from the event tables that the database writes."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.paginator import Page, Paginator
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Q, Value, Window
from django.db.models.expressions import Expression
from django.db.models.fields.json import KeyTransform
from django.db.models.functions import Lag
from django.db.models.sql.compiler import SQLCompiler
from django.utils.formats import date_format, number_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from alliance_health.accounts.models import User

CHANGES_A_PAGE = 50
NOTHING = "–"


@dataclass(frozen=True, slots=True)
class Source:
    """An event table, which of its rows are meant, and how its records are named.

    Attributes:
        events: the event model.
        noun: what a record is, as in "changed the obstacle".
        scope: which events; it must take all events of a record or none.
        naming: the fields whose values name a record, in this order.
        parent: the field that leads to what the record belongs to; it is not shown as a change.
        secret: fields whose values are not shown, each with the field that says so when it is true.
    """

    events: type[models.Model]
    noun: str | Promise
    scope: Q
    naming: tuple[str, ...]
    parent: str = ""
    secret: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field from one value to another; a secret one says only that it changed.

    What was just added has no value before.
    """

    label: str
    before: str
    after: str
    is_secret: bool


@dataclass(frozen=True, slots=True)
class Change:
    """One record added, changed or removed."""

    at: datetime
    sentence: str
    fields: tuple[FieldChange, ...]


@dataclass(frozen=True, slots=True)
class History:
    """One page of changes, the newest first."""

    changes: tuple[Change, ...]
    page: Page[Any]


class _ExactNumbers(json.JSONDecoder):
    """Reads numbers with a point as they were written."""

    def __init__(self) -> None:
        super().__init__(parse_float=Decimal)


class _WholeRow(Expression):
    """The row of an event as a JSON object of its columns, in the order of the table."""

    output_field = models.JSONField(decoder=_ExactNumbers)

    def as_sql(
        self,
        compiler: SQLCompiler,
        connection: BaseDatabaseWrapper,  # noqa: ARG002  the compiler hands it over
    ) -> tuple[str, tuple[str | int, ...]]:
        table = compiler.quote_name_unless_alias(compiler.query.get_initial_alias())
        return f"to_json({table})::text", ()


Row = Mapping[str, Any]
Names = Mapping[Any, Mapping[int, models.Model]]


def history(sources: Sequence[Source], page: str | None) -> History:
    """Return one page of the changes of some records, the newest first.

    2 queries, one for the users, and one for each model that the changed records refer to;
    whatever the number of changes.

    Args:
        sources: where to look; the caller has scoped them.
        page: the number of the page, as it stands in the address.
    """
    events = [_events(number, source) for number, source in enumerate(sources)]
    union = events[0].union(*events[1:], all=True).order_by("-pgh_created_at", "-pgh_id", "source")
    found = Paginator(union, CHANGES_A_PAGE).get_page(page)
    rows = list(found.object_list)
    users = User.objects.in_bulk({row["who"] for row in rows if row["who"] is not None})
    names = _names(sources, rows)
    return History(
        changes=tuple(_change(sources[row["source"]], row, users, names) for row in rows),
        page=found,
    )


def _events(number: int, source: Source) -> models.QuerySet[Any, Any]:
    return (
        models.QuerySet(source.events)
        .filter(source.scope)
        .annotate(
            source=Value(number),
            who=KeyTransform("user", "pgh_context__metadata"),
            row=_WholeRow(),
            before=Window(Lag("row"), partition_by="pgh_obj", order_by="pgh_id"),
        )
        .values("source", "pgh_id", "pgh_created_at", "pgh_label", "who", "row", "before")
    )


def _column(source: Source, column: str) -> "models.Field[Any, Any]":
    """Return the field behind a column of an event table."""
    found: models.Field[Any, Any] = getattr(source.events, column).field
    return found


def _columns(row: Row) -> list[str]:
    return [column for column in row if column != "id" and not column.startswith("pgh_")]


def _names(sources: Sequence[Source], rows: Sequence[Row]) -> Names:
    """Return the records that the rows refer to, one query a model."""
    keys: dict[Any, set[int]] = defaultdict(set)
    for row in rows:
        source = sources[row["source"]]
        unnamed = {f"{source.parent}_id"} - set(_naming_columns(source, row["row"]))
        for state in (row["row"], row["before"] or {}):
            for column in set(_columns(state)) - unnamed:
                found = _column(source, column)
                if found.is_relation and state[column] is not None:
                    keys[found.related_model].add(state[column])
    return {model: model.objects.in_bulk(wanted) for model, wanted in keys.items()}


def _change(source: Source, row: Row, users: Mapping[int, User], names: Names) -> Change:
    after, before = row["row"], row["before"]
    patterns = {
        "insert": _("%(who)s added the %(noun)s “%(name)s”."),
        "update": _("%(who)s changed the %(noun)s “%(name)s”."),
        "delete": _("%(who)s removed the %(noun)s “%(name)s”."),
    }
    who = _("The system") if row["who"] is None else _("Somebody who has left")
    named = [_said(source, column, after, names) for column in _naming_columns(source, after)]
    return Change(
        at=row["pgh_created_at"],
        sentence=patterns[row["pgh_label"]]
        % {
            "who": users.get(row["who"], who),
            "noun": source.noun,
            "name": ", ".join(named),
        },
        fields=_fields(source, row["pgh_label"], before or {}, after, names),
    )


def _naming_columns(source: Source, row: Row) -> list[str]:
    return [name if name in row else f"{name}_id" for name in source.naming]


def _fields(
    source: Source, label: str, before: Row, after: Row, names: Names
) -> tuple[FieldChange, ...]:
    if label == "delete":
        return ()
    named = _naming_columns(source, after) if label == "insert" else []
    changes = []
    for column in _columns(after):
        if column in (*named, f"{source.parent}_id"):
            continue
        old, new = before.get(column), after[column]
        if old == new or (_is_nothing(old) and _is_nothing(new)):
            continue
        flag = source.secret.get(column, "")
        is_secret = bool(flag and (before.get(flag) or after[flag]))
        is_told = not is_secret and label != "insert"
        changes.append(
            FieldChange(
                label=str(_column(source, column).verbose_name),
                before=_said(source, column, before, names) if is_told else "",
                after="" if is_secret else _said(source, column, after, names),
                is_secret=is_secret,
            )
        )
    return tuple(changes)


def _is_nothing(value: object) -> bool:
    return value is None or value is False or value == ""


def _said(source: Source, column: str, row: Row, names: Names) -> str:
    """Say a value of a row in words."""
    value = row.get(column)
    found = _column(source, column)
    if value is None or value == "":
        return NOTHING
    if found.is_relation:
        return str(names[found.related_model].get(value, _("removed")))
    if found.choices:
        return str(dict(found.flatchoices).get(value, value))
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, Decimal):
        return number_format(Decimal(f"{value.normalize():f}"), force_grouping=True)
    if isinstance(found, models.DateField):
        return date_format(date.fromisoformat(value), "j F Y")
    return str(value)
