"""The register's records, one noun a file."""

from alliance_health.alliances.models.action import Action, ActionKind
from alliance_health.alliances.models.alliance import Alliance, Membership, Stage
from alliance_health.alliances.models.objective import CheckIn, Confirmation, Objective, Plan
from alliance_health.alliances.models.obstacle import Obstacle, Severity
from alliance_health.alliances.models.organisation import Organisation, PortfolioRight
from alliance_health.alliances.models.person import Person
from alliance_health.alliances.models.seat import SINGLE_HOLDER_ROLES, Level, Role, Seat
from alliance_health.alliances.models.touchpoint import Participation, Touchpoint, TouchpointKind

__all__ = [
    "SINGLE_HOLDER_ROLES",
    "Action",
    "ActionKind",
    "Alliance",
    "CheckIn",
    "Confirmation",
    "Level",
    "Membership",
    "Objective",
    "Obstacle",
    "Organisation",
    "Participation",
    "Person",
    "Plan",
    "PortfolioRight",
    "Role",
    "Seat",
    "Severity",
    "Stage",
    "Touchpoint",
    "TouchpointKind",
]
