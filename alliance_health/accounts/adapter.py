"""How allauth behaves here: nobody signs up by himself; people are invited."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class ClosedSite(DefaultAccountAdapter):
    """A site that only an administrator lets people into."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False
