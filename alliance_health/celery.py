"""The Celery application; tasks are found by name in the installed apps."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "alliance_health.settings")

app = Celery("alliance_health")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
