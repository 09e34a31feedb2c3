from django.urls import path

from alliance_health.alliances.views import (
    actions,
    alliances,
    objectives,
    obstacles,
    organisations,
    people,
    register,
    seats,
    touchpoints,
)

app_name = "alliances"
urlpatterns = [
    path("", register.register, name="register"),
    # organisations and people
    path("organisations/", register.organisations, name="organisations"),
    path("organisations/new/", organisations.new_organisation, name="new_organisation"),
    path("organisations/<int:pk>/", organisations.organisation, name="organisation"),
    path("organisations/<int:pk>/edit/", organisations.edit_organisation, name="edit_organisation"),
    path("organisations/<int:pk>/rights/", organisations.grant_portfolio, name="grant_portfolio"),
    path(
        "organisations/<int:pk>/rights/<int:user_pk>/",
        organisations.revoke_portfolio,
        name="revoke_portfolio",
    ),
    path("people/", register.people, name="people"),
    path("people/new/", people.new_person, name="new_person"),
    path("people/<int:pk>/edit/", people.edit_person, name="edit_person"),
    # an alliance, its members and seats
    path("alliances/new/", alliances.new_alliance, name="new_alliance"),
    path("alliances/<int:pk>/", alliances.alliance, name="alliance"),
    path("alliances/<int:pk>/edit/", alliances.edit_alliance, name="edit_alliance"),
    path("alliances/<int:pk>/history/", alliances.history, name="history"),
    path("alliances/<int:pk>/members/new/", alliances.add_member, name="add_member"),
    path("memberships/<int:pk>/end/", alliances.end_membership, name="end_membership"),
    path("alliances/<int:pk>/seats/new/", seats.appoint, name="appoint"),
    path("seats/<int:pk>/end/", seats.end_seat, name="end_seat"),
    # what an alliance promised
    path("alliances/<int:pk>/objectives/new/", objectives.new_objective, name="new_objective"),
    path("objectives/<int:pk>/", objectives.objective, name="objective"),
    path("objectives/<int:pk>/edit/", objectives.edit_objective, name="edit_objective"),
    path("objectives/<int:pk>/check-in/", objectives.check_in, name="check_in"),
    path("objectives/<int:pk>/confirm/", objectives.confirm, name="confirm"),
    path("objectives/<int:pk>/rebase/", objectives.rebase, name="rebase"),
    path("objectives/<int:pk>/end/", objectives.end_objective, name="end_objective"),
    # what its people do
    path("alliances/<int:pk>/touchpoints/new/", touchpoints.new_touchpoint, name="new_touchpoint"),
    path("touchpoints/<int:pk>/edit/", touchpoints.edit_touchpoint, name="edit_touchpoint"),
    path("touchpoints/<int:pk>/remove/", touchpoints.remove_touchpoint, name="remove_touchpoint"),
    path("alliances/<int:pk>/obstacles/new/", obstacles.new_obstacle, name="new_obstacle"),
    path("obstacles/<int:pk>/edit/", obstacles.edit_obstacle, name="edit_obstacle"),
    path("obstacles/<int:pk>/escalate/", obstacles.escalate_obstacle, name="escalate_obstacle"),
    path("obstacles/<int:pk>/resolve/", obstacles.resolve_obstacle, name="resolve_obstacle"),
    path("obstacles/<int:pk>/reopen/", obstacles.reopen_obstacle, name="reopen_obstacle"),
    path("alliances/<int:pk>/actions/new/", actions.new_action, name="new_action"),
    path("actions/<int:pk>/edit/", actions.edit_action, name="edit_action"),
    path("actions/<int:pk>/done/", actions.mark_done, name="mark_done"),
    path("actions/<int:pk>/undo/", actions.undo_done, name="undo_done"),
]
