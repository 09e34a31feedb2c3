"""Who may do what in the register, and why not: one table of roles, one sentence a refusal.

What somebody may see is decided where rows are fetched (`visible_…` in queries); here is decided
what he may do with what he sees. Operations raise the sentence, pages hide the button by it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum, auto

from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, Subquery
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from alliance_health.accounts.models import User
from alliance_health.alliances.models import (
    Action,
    Alliance,
    Objective,
    Obstacle,
    Person,
    Role,
    Seat,
    Touchpoint,
)


class Duty(Enum):
    """What a seat can be for."""

    OBJECTIVES = auto()
    CHECK_INS = auto()
    CONFIRMATIONS = auto()
    TOUCHPOINTS = auto()
    RAISING = auto()
    OBSTACLES = auto()
    ACTIONS = auto()
    TEAM = auto()


WHO_DOES: Mapping[Duty, str | Promise] = {
    Duty.OBJECTIVES: gettext_lazy(
        "An objective is promised and changed by the alliance manager of the organisation that "
        "owns it."
    ),
    Duty.CHECK_INS: gettext_lazy(
        "A check-in is recorded by the alliance manager of the organisation that owns the "
        "objective."
    ),
    Duty.CONFIRMATIONS: gettext_lazy(
        "An objective is confirmed by the alliance manager of each organisation."
    ),
    Duty.TOUCHPOINTS: gettext_lazy(
        "Touchpoints are recorded by alliance managers and executive sponsors."
    ),
    Duty.RAISING: gettext_lazy("Obstacles are raised by anybody who holds a seat."),
    Duty.OBSTACLES: gettext_lazy(
        "Obstacles are escalated, resolved and edited by alliance managers and executive sponsors."
    ),
    Duty.ACTIONS: gettext_lazy(
        "Actions are agreed and edited by alliance managers and executive sponsors."
    ),
    Duty.TEAM: gettext_lazy(
        "Team members are appointed by the alliance manager of their organisation."
    ),
}


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a role may record for its own organisation, and how the page says it."""

    duties: frozenset[Duty]
    sentence: str | Promise


ROLES: Mapping[Role, Allowance] = {
    Role.MANAGER: Allowance(
        frozenset(Duty),
        gettext_lazy(
            "As alliance manager you record your organisation's objectives, check-ins, "
            "confirmations, touchpoints, obstacles and actions, and appoint its team members."
        ),
    ),
    Role.SPONSOR: Allowance(
        frozenset({Duty.TOUCHPOINTS, Duty.RAISING, Duty.OBSTACLES, Duty.ACTIONS}),
        gettext_lazy(
            "As executive sponsor you record your organisation's touchpoints, obstacles, actions "
            "and commitments."
        ),
    ),
    Role.TEAM: Allowance(
        frozenset({Duty.RAISING}),
        gettext_lazy("As team member you raise obstacles and mark your own actions as done."),
    ),
}


@dataclass(frozen=True, slots=True)
class Standing:
    """What somebody is in one alliance on one day."""

    is_system: bool = False
    is_administrator: bool = False
    person_id: int | None = None
    organisation_id: int | None = None
    role: Role | None = None

    @property
    def sentence(self) -> str:
        """What he may record here, as the page says it."""
        if self.is_administrator:
            return _("As administrator you record for every organisation.")
        if self.role is None:
            return _("You can read this. To record something you need a seat in this alliance.")
        return str(ROLES[self.role].sentence)


def standing(user: User | None, alliance: Alliance, on: date) -> Standing:
    """Return what somebody is in an alliance on a day; 1 query.

    Args:
        user: who acts; None is the system itself, which may do everything.
        alliance: where.
        on: the day, as a rule today.
    """
    if user is None:
        return Standing(is_system=True)
    seat = Seat.objects.held_on(on).filter(alliance=alliance, person=OuterRef("pk"))
    row = (
        Person.objects.filter(user=user)
        .annotate(role=Subquery(seat.values("role")[:1]))
        .values_list("pk", "organisation", "role")
        .first()
    )
    person, organisation, role = row or (None, None, None)
    return Standing(
        is_administrator=user.is_staff,
        person_id=person,
        organisation_id=organisation,
        role=Role(role) if role else None,
    )


def require(why_not: str | None) -> None:
    """Refuse with the reason, if there is one.

    Raises:
        PermissionDenied: there is a reason.
    """
    if why_not:
        raise PermissionDenied(why_not)


# --- the register as a whole --------------------------------------------------------------------
def why_cannot_keep_register(user: User | None) -> str | None:
    """Return why somebody cannot add or change organisations, people, alliances or rights."""
    if user is None or user.is_staff:
        return None
    return _(
        "Only an administrator of this site changes organisations, people, alliances, their "
        "members and who may see them. Ask one."
    )


def why_cannot_read_history(user: User) -> str | None:
    """Return why somebody cannot read who changed what."""
    if user.is_staff:
        return None
    return _("Only an administrator of this site reads the history. Ask one.")


# --- what an alliance records -------------------------------------------------------------------
def _why_cannot(who: Standing, duty: Duty, organisation_id: int | None) -> str | None:
    """Return why not; without an organisation, whether it can be done for any at all."""
    if who.is_system or who.is_administrator:
        return None
    if who.role is None:
        return _(
            "You hold no seat in this alliance today, so you can read it but not change it. The "
            "alliance manager of your organisation or an administrator of this site can give you "
            "a seat."
        )
    allowed = ROLES[who.role]
    if duty not in allowed.duties:
        return f"{allowed.sentence} {WHO_DOES[duty]}"
    if organisation_id not in (None, who.organisation_id):
        return _(
            "This belongs to another organisation of the alliance. Its own people or an "
            "administrator of this site change it."
        )
    return None


def why_cannot_appoint(who: Standing, role: str, organisation_id: int | None = None) -> str | None:
    """Return why somebody cannot give a seat of a role, or end it."""
    if who.is_system or who.is_administrator or role == Role.TEAM:
        return _why_cannot(who, Duty.TEAM, organisation_id)
    return _(
        "Only an administrator of this site appoints alliance managers and executive sponsors and "
        "ends their seats. Ask one."
    )


def why_cannot_promise(who: Standing, owner_id: int | None = None) -> str | None:
    """Return why somebody cannot promise an objective, or change, rebase or end one."""
    return _why_cannot(who, Duty.OBJECTIVES, owner_id)


def why_cannot_check_in(who: Standing, objective: Objective) -> str | None:
    """Return why somebody cannot record an objective's value."""
    return _why_cannot(who, Duty.CHECK_INS, objective.owner_id)


def why_cannot_confirm(who: Standing, organisation_id: int | None = None) -> str | None:
    """Return why somebody cannot confirm an objective for an organisation."""
    return _why_cannot(who, Duty.CONFIRMATIONS, organisation_id)


def why_cannot_record_touchpoint(who: Standing, organisation_id: int | None = None) -> str | None:
    """Return why somebody cannot record a touchpoint for an organisation."""
    return _why_cannot(who, Duty.TOUCHPOINTS, organisation_id)


def why_cannot_edit_touchpoint(who: Standing, touchpoint: Touchpoint) -> str | None:
    """Return why somebody cannot edit or remove a touchpoint."""
    return _why_cannot(who, Duty.TOUCHPOINTS, touchpoint.organisation_id) or why_cannot_keep_note(
        who, touchpoint.organisation_id, is_internal=touchpoint.is_internal
    )


def why_cannot_raise_obstacle(who: Standing, organisation_id: int | None = None) -> str | None:
    """Return why somebody cannot raise an obstacle for an organisation."""
    return _why_cannot(who, Duty.RAISING, organisation_id)


def why_cannot_handle_obstacle(who: Standing, obstacle: Obstacle) -> str | None:
    """Return why somebody cannot edit, escalate, resolve or reopen an obstacle."""
    return _why_cannot(who, Duty.OBSTACLES, obstacle.organisation_id) or why_cannot_keep_note(
        who, obstacle.organisation_id, is_internal=obstacle.is_internal
    )


def why_cannot_agree_action(who: Standing, organisation_id: int | None = None) -> str | None:
    """Return why somebody cannot agree an action for an organisation's people, or edit one."""
    return _why_cannot(who, Duty.ACTIONS, organisation_id)


def why_cannot_mark_done(who: Standing, action: Action) -> str | None:
    """Return why somebody cannot mark an action as done, or undo that."""
    if who.role is not None and who.person_id == action.owner_id:
        return None
    return _why_cannot(who, Duty.ACTIONS, action.organisation_id)


# --- internal notes -----------------------------------------------------------------------------
def may_read_note(who: Standing, record: Touchpoint | Obstacle) -> bool:
    """Whether somebody may read a record's note: an internal one is for its organisation alone."""
    return not record.is_internal or record.organisation_id == who.organisation_id


def why_cannot_keep_note(who: Standing, organisation_id: int, *, is_internal: bool) -> str | None:
    """Return why somebody cannot write a note of this kind; administrators are no exception."""
    if who.is_system or not is_internal or organisation_id == who.organisation_id:
        return None
    return _(
        "The note is only for the people of the organisation that recorded it, so only they "
        "change this."
    )
