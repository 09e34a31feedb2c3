from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "alliance_health.accounts"
    verbose_name = "People who sign in"
