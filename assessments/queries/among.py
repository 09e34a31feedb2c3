"""A lookup for thousands of keys at once."""

from collections.abc import Iterable
from typing import Any

from django.db import models
from django.db.models.sql.compiler import SQLCompiler


@models.ForeignObject.register_lookup
@models.Field.register_lookup
class Among(models.Lookup):
    """`key__among=keys`: one value in the statement, where `key__in` has one for each key."""

    lookup_name = "among"
    prepare_rhs = False

    def __init__(self, lhs: Any, rhs: Iterable[int]) -> None:  # noqa: ANN401
        """Take the keys, as PostgreSQL writes an array of them."""
        super().__init__(lhs, f"{{{','.join(map(str, rhs))}}}")

    def as_sql(self, compiler: SQLCompiler, connection: Any) -> tuple[str, Any]:  # noqa: ANN401
        """Return the condition."""
        lhs, params = self.process_lhs(compiler, connection)
        return f"{lhs} = ANY(%s::bigint[])", [*params, self.rhs]
