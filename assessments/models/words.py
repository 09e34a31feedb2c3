"""A field for one of a few words, kept as its place among them."""

from collections.abc import Iterable
from typing import Any

from django.db import models


class WordField(models.Field):
    """One of a few words; where it is optional, no word is the empty text, kept as NULL.

    Two bytes a row instead of the word itself, and the same width for every row, which is what
    lets millions of rows be written as one block of numbers. Words may be added at the end only.
    """

    def __init__(self, words: Iterable[str], *, is_optional: bool = False, **options: Any) -> None:  # noqa: ANN401
        """Take the words in the order of their numbers."""
        self.words = tuple(map(str, words))
        self.is_optional = is_optional
        if is_optional:
            options = {**options, "null": True, "blank": True, "default": ""}
        super().__init__(**options)

    def deconstruct(self) -> Any:  # noqa: ANN401
        """Tell migrations how to make the field again."""
        name, path, args, options = super().deconstruct()
        if self.is_optional:
            options = {key: options[key] for key in options if key not in _IMPLIED}
            options["is_optional"] = True
        return name, path, args, {**options, "words": self.words}

    def get_internal_type(self) -> str:
        """Name the kind of column."""
        return "SmallIntegerField"

    def from_db_value(self, value: int | None, *_context: object) -> str:
        """Return the word of a stored number."""
        return "" if value is None else self.words[value]

    def get_prep_value(self, value: Any) -> int | None:  # noqa: ANN401
        """Return the number of a word.

        Raises:
            ValueError: it is none of the words.
        """
        return None if value in (None, "") else self.words.index(str(value))


_IMPLIED = ("null", "blank", "default")
