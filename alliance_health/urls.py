"""Which address leads where; the apps are named by string, so nothing here imports them."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from alliance_health import health

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="assessments:portfolio"), name="home"),
    path("healthz", health.live, name="healthz"),
    path("accounts/", include("allauth.account.urls")),
    path("", include("alliance_health.accounts.urls")),
    path("register/", include("alliance_health.alliances.urls")),
    path("", include("assessments.urls")),
    path("admin/", admin.site.urls),
]
