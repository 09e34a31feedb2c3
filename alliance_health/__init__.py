"""The site, and whom we measure: people, organisations, alliances."""

from alliance_health.celery import app as celery_app

__version__ = "0.1.0"

__all__ = ["celery_app"]
