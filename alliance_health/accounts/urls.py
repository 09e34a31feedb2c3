from django.urls import path

from alliance_health.accounts import views

urlpatterns = [path("theme/", views.theme, name="theme")]
