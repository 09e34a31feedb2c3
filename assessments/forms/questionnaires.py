"""One page of a questionnaire: a group of radios and a comment for each item."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessments.operations import responses
from assessments.queries.questionnaires import Card

COMMENT_LENGTH = 2000


@dataclass(frozen=True, slots=True)
class Asked:
    """A card with its two bound fields, as the page shows them."""

    card: Card
    level: forms.BoundField
    comment: forms.BoundField


class SectionForm(forms.Form):
    """Answers to the items of one dimension. A page may be saved with items left open."""

    use_required_attribute = False

    def __init__(self, data: QueryDict | None, *, cards: Sequence[Card]) -> None:
        initial = {card.name: card.given for card in cards} | {
            f"{card.name}-comment": card.comment for card in cards
        }
        super().__init__(data, initial=initial)
        self.cards = tuple(cards)
        for card in self.cards:
            self.fields[card.name] = forms.ChoiceField(
                label=card.text,
                choices=card.choices,
                widget=forms.RadioSelect,
                required=False,
                error_messages={"invalid_choice": gettext_lazy("Choose one of the levels shown.")},
            )
            self.fields[f"{card.name}-comment"] = forms.CharField(
                label=gettext_lazy("Comment"),
                max_length=COMMENT_LENGTH,
                widget=forms.Textarea(attrs={"rows": 3, "class": "form-control"}),
                required=False,
                error_messages={
                    "max_length": gettext_lazy("Comment must be 2,000 characters or less.")
                },
            )

    def clean(self) -> dict[str, Any]:
        """Ask for a level where there is a comment: a comment belongs to an answer."""
        found = super().clean() or self.cleaned_data
        for card in self.cards:
            if found.get(f"{card.name}-comment") and not found.get(card.name):
                self.add_error(
                    card.name,
                    _("Choose a level, or “I can't tell”, for the comment on “%(label)s”.")
                    % {"label": card.label},
                )
        return found

    @property
    def asked(self) -> Iterator[Asked]:
        """The cards with their fields, in order."""
        for card in self.cards:
            yield Asked(card, self[card.name], self[f"{card.name}-comment"])

    def given(self) -> list[responses.Given]:
        """Return the answers that were given; items left open are not among them."""
        found = []
        for card in self.cards:
            value = self.cleaned_data[card.name]
            if value:
                is_level = value.isdecimal()
                found.append(
                    responses.Given(
                        question_id=card.question_id,
                        about_id=card.about_id,
                        level=int(value) if is_level else None,
                        no_level="" if is_level else value,
                        comment=self.cleaned_data[f"{card.name}-comment"],
                    )
                )
        return found
