"""What is entered about an early warning."""

from django.utils.translation import gettext_lazy as _

from alliance_health.alliances.forms import fields
from alliance_health.alliances.forms.records import Record


class Acknowledge(Record):
    """What is done about it."""

    answer = fields.text(
        _("What is done about it"),
        longest=300,
        empty=_("Enter what is done about it, in one sentence."),
        help_text=_("One sentence that everybody in this alliance may read."),
    )
