from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "alliance_health.audit"
    verbose_name = "History"
