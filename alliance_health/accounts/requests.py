"""The request of somebody who has signed in, for typed views."""

from django.http import HttpRequest

from alliance_health.accounts.models import User


class AuthenticatedRequest(HttpRequest):
    """A request whose user is a User: every view is behind the sign-in unless it says otherwise."""

    user: User
