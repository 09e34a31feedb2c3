from django.apps import AppConfig


class AlliancesConfig(AppConfig):
    name = "alliance_health.alliances"
    verbose_name = "Register of alliances"
