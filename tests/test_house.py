"""The repository's own rules: what the tools check, and what no tool knows."""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from factory.base import FactoryMetaClass

from alliance_health.celery import app as celery_app
from alliance_health.local import checks, paths
from tests import factories

OWN_APPS = ("accounts", "alliances", "assessments")
# Pages that a visitor may open, and why.
OPEN_TO_ALL = {
    "healthz": "asked by load balancers; says ok, nothing else",
    "theme": "sets a cookie for light or dark",
    "answer": "a personal link; the secret in it decides",
    "account_login": "the way in",
    "account_logout": "shows that one is not signed in",
    "account_signup": "says that the site is closed to those who were not invited",
    "account_inactive": "says that the account is switched off",
    "account_reset_password": "the way back in",
    "account_reset_password_done": "says that a mail is on its way",
    "account_reset_password_from_key": "the secret in the mail decides",
    "account_reset_password_from_key_done": "says that the password is set",
    "account_confirm_email": "the secret in the mail decides",
    "account_email_verification_sent": "says that a mail is on its way",
}
EXAMPLES = {
    "int": "1",
    "uuid": "3f9a8c7e-7fd1-4b83-bd05-e5453947d5b8",
    "slug": "objectives",
    "str": "a-secret",
}


@pytest.mark.parametrize("check", checks.CHECKS, ids=lambda check: check.name.replace(" ", "-"))
def test_house_keeps_its_rules(check: checks.Check) -> None:
    passed, said = check.run()

    assert passed, said


def test_every_beat_entry_names_a_registered_task() -> None:
    celery_app.loader.import_default_modules()
    named = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}

    assert named
    assert named <= set(celery_app.tasks)


def test_every_model_has_a_factory() -> None:
    made = set()
    for module in pkgutil.iter_modules(factories.__path__, f"{factories.__name__}."):
        for thing in vars(importlib.import_module(module.name)).values():
            if isinstance(thing, FactoryMetaClass):
                made.add(thing._meta.model)
    history = re.compile(r"Event$")
    models = {
        model
        for model in apps.get_models()
        if model._meta.app_label in OWN_APPS and not history.search(model.__name__)
    }

    assert {model.__name__ for model in models - made} == set()


def _templates() -> list[Path]:
    return sorted((paths.PROJECT_DIR / "templates").rglob("*.*"))


def test_every_template_is_used() -> None:
    sources = [
        path
        for folder in ("alliance_health", "assessments", "templates")
        for path in (paths.PROJECT_DIR / folder).rglob("*")
        if path.suffix in (".py", ".html", ".txt")
    ]
    text = "\n".join(path.read_text() for path in sources)
    by_packages = re.compile(r"^(account|allauth|bootstrap5|admin|[45]\d\d)")
    names = [str(path.relative_to(paths.PROJECT_DIR / "templates")) for path in _templates()]

    unused = [name for name in names if not by_packages.match(name) and name not in text]
    assert unused == []


def _routes(resolver: URLResolver, before: str = "/") -> Iterator[tuple[str, str]]:
    for entry in resolver.url_patterns:
        route = before + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _routes(entry, route)
        elif isinstance(entry, URLPattern):
            yield entry.name or "", route


# The packages' own pages are named by regular expressions; they are all in the list above.
ROUTES = [
    found
    for found in _routes(get_resolver())
    if not found[1].startswith("/admin/") and "(?P" not in found[1]
]
CLOSED = [found for found in ROUTES if found[0] not in OPEN_TO_ALL]


def test_what_is_open_to_all_exists() -> None:
    assert set(OPEN_TO_ALL) <= {name for name, _route in _routes(get_resolver())}


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "route"), CLOSED, ids=[name or route for name, route in CLOSED])
def test_page_is_closed_to_visitors(name: str, route: str, client: Client) -> None:
    address = re.sub(r"<(\w+):\w+>", lambda found: EXAMPLES[found[1]], route)

    read, sent = client.get(address), client.post(address)

    if read.status_code != 405:  # only posted to
        assert (read.status_code, read["Location"].split("?")[0]) == (302, "/accounts/login/")
    if sent.status_code != 405:  # only read
        assert (sent.status_code, sent["Location"].split("?")[0]) == (302, "/accounts/login/")
    assert {read.status_code, sent.status_code} != {405}, name
