"""Who may do what in the health check, and why not: one sentence fit for the person, or None.

What somebody may see is decided where rows are fetched (`visible_…` in queries); here is decided
what he may do with what he sees.
"""

from django.utils.translation import gettext as _

from alliance_health.accounts.models import User
from alliance_health.alliances.models import Role
from alliance_health.alliances.permissions import Standing
from assessments.models import Cycle, CycleState, Response, ResponseState, Signal


def _why_not_administrator(user: User) -> str | None:
    return None if user.is_staff else _("Only an administrator of the site can do this. Ask one.")


def why_cannot_draft_cycle(user: User) -> str | None:
    """Return why somebody cannot draft a cycle, None if he can."""
    return _why_not_administrator(user)


def why_cannot_open_cycle(user: User, cycle: Cycle) -> str | None:
    """Return why somebody cannot open a cycle, None if he can."""
    if reason := _why_not_administrator(user):
        return reason
    if cycle.state != CycleState.DRAFT:
        return _("%(cycle)s has been opened before.") % {"cycle": cycle}
    return None


def why_cannot_close_cycle(user: User, cycle: Cycle) -> str | None:
    """Return why somebody cannot close a cycle, None if he can."""
    if reason := _why_not_administrator(user):
        return reason
    if cycle.state != CycleState.OPEN:
        return _("%(cycle)s is not open.") % {"cycle": cycle}
    return None


def why_cannot_see_jobs(user: User) -> str | None:
    """Return why somebody cannot watch what runs by itself, None if he can."""
    return _why_not_administrator(user)


def why_cannot_retry_scorings(user: User) -> str | None:
    """Return why somebody cannot have scorings tried again, None if he can."""
    return _why_not_administrator(user)


def why_cannot_send_link(by: User | None, response: Response) -> str | None:
    """Return why a personal link cannot be sent, None if it can.

    Args:
        by: who asks for it; None for the system.
        response: whose link it is.
    """
    if by is not None and (reason := _why_not_administrator(by)):
        return reason
    return _why_closed(response)


def why_cannot_answer(by: User | None, response: Response) -> str | None:
    """Return why answers cannot be taken, None if they can.

    Args:
        by: the respondent where he is signed in; None where his personal link opened it.
        response: what he was asked in.
    """
    if by is not None and response.person.user_id != by.pk:
        return _("Only %(person)s can answer this questionnaire.") % {"person": response.person}
    return _why_closed(response)


def _why_closed(response: Response) -> str | None:
    cycle = response.assessment.cycle
    # Who waited for the response's row while the cycle closed still reads the cycle as open.
    if cycle.state != CycleState.OPEN or response.state == ResponseState.EXPIRED:
        return _("%(cycle)s is closed: answers are not taken any more.") % {"cycle": cycle}
    if response.state == ResponseState.SUBMITTED:
        return _("These answers were submitted.")
    if response.state == ResponseState.DECLINED:
        return _("This questionnaire was declined.")
    return None


def why_cannot_acknowledge(who: Standing, signal: Signal) -> str | None:
    """Return why somebody cannot say what is done about an early warning, None if he can.

    Args:
        who: what he is today in the alliance of the warning, on whichever side.
        signal: the warning.
    """
    may = who.is_system or who.is_administrator or who.role in (Role.MANAGER, Role.SPONSOR)
    if not may:
        return _(
            "Warnings are answered by the alliance managers and executive sponsors of the alliance."
        )
    if signal.ended_on:
        return _("This warning has ended, so there is nothing left to answer.")
    return None
