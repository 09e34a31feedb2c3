"""All configuration. The only reader of the environment; the README has the table of variables.

Without any variable set this is a laptop: embedded PostgreSQL and Valkey, mail in a folder, known
sign-ins. With ENVIRONMENT=production (the default as soon as DATABASE_URL is given) it is a
production process, which refuses to start with an unsafe value.
"""

import importlib.util
from datetime import timedelta
from pathlib import Path

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _
from environs import Env, validate

from alliance_health.local import addresses, paths

BASE_DIR = Path(__file__).resolve().parent.parent
LOCAL_DIR = paths.local_dir()

env = Env(eager=False)
_has_own_database = bool(Env().str("DATABASE_URL", ""))

# --- where this process runs -----------------------------------------------------------------
ENVIRONMENT = env.str(
    "ENVIRONMENT",
    "production" if _has_own_database else "laptop",
    validate=validate.OneOf(["laptop", "production"]),
)
IS_PRODUCTION = ENVIRONMENT == "production"
LAPTOP_SECRET = "for-a-laptop-only-never-for-people-who-count-on-it-0123456789"  # noqa: S105

DEBUG = env.bool("DEBUG", False)
SECRET_KEY = env.str("SECRET_KEY", LAPTOP_SECRET)
SECRET_KEY_FALLBACKS: list[str] = env.list("SECRET_KEY_FALLBACKS", [])
# Names raters across quarters without saying who they are; changing it breaks that thread.
PSEUDONYM_KEY = env.str("PSEUDONYM_KEY", LAPTOP_SECRET + "-pseudonyms")
SITE_URL = env.str("SITE_URL", "http://127.0.0.1:8000").rstrip("/")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", ["127.0.0.1", "localhost", "[::1]"])
TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", 0)
DATABASE_URL = env.str("DATABASE_URL", addresses.default_database_url())
REDIS_URL = env.str("REDIS_URL", addresses.default_redis_url())
EMAIL_URL = env.str("EMAIL_URL", "")
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "Alliance Health <alliance-health@localhost>")
LOG_LEVEL = env.str("LOG_LEVEL", "INFO")
TIME_ZONE = env.str("TIME_ZONE", "UTC")
TICK_SECONDS = env.float("TICK_SECONDS", 5.0)
NIGHTLY_HOUR = env.int("NIGHTLY_HOUR", 2, validate=validate.Range(0, 23))
env.seal()


def _unsafe_values() -> list[str]:
    """Say, one sentence each, which values a production process must not have."""
    faults = []
    if DEBUG:
        faults.append("DEBUG is on: unset it, error pages would show secrets.")
    for name, value in (("SECRET_KEY", SECRET_KEY), ("PSEUDONYM_KEY", PSEUDONYM_KEY)):
        if value.startswith(LAPTOP_SECRET) or len(value) < 50:
            faults.append(f"{name} is the laptop's or too short: set 50 or more random characters.")
    if SECRET_KEY == PSEUDONYM_KEY:
        faults.append("PSEUDONYM_KEY equals SECRET_KEY: each needs a value of its own.")
    if "*" in ALLOWED_HOSTS or not ALLOWED_HOSTS:
        faults.append("ALLOWED_HOSTS must name the host names people use, without *.")
    if not SITE_URL.startswith("https://"):
        faults.append("SITE_URL must begin with https://, it stands in mails.")
    if not _has_own_database:
        faults.append("DATABASE_URL is missing: name the PostgreSQL server.")
    if not Env().str("REDIS_URL", ""):
        faults.append("REDIS_URL is missing: name the Valkey or Redis server.")
    if not EMAIL_URL:
        faults.append(
            "EMAIL_URL is missing: name the mail server, as submission://user:password@host:587."
        )
    return faults


if IS_PRODUCTION and (_faults := _unsafe_values()):
    raise ImproperlyConfigured(
        "This production process does not start with unsafe values:\n- "
        + "\n- ".join(_faults)
        + "\nFor a trial on a laptop set ENVIRONMENT=laptop."
    )

# --- applications ----------------------------------------------------------------------------
INSTALLED_APPS = [
    "alliance_health.accounts",
    "alliance_health.audit",
    "alliance_health.alliances",
    "assessments",
    "pghistory",
    "pgtrigger",
    "allauth",
    "allauth.account",
    "crispy_forms",
    "crispy_bootstrap5",
    "django_htmx",
    "lucide",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django.forms",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "pghistory.middleware.HistoryMiddleware",
]

ROOT_URLCONF = "alliance_health.urls"
WSGI_APPLICATION = "alliance_health.wsgi.application"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "alliance_health.context.site",
            ],
        },
    },
]
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"

# --- database and history --------------------------------------------------------------------
DATABASES = {"default": addresses.django_database(DATABASE_URL)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# A history row is written once and never changed, also not by a database shell.
PGHISTORY_APPEND_ONLY = True

# --- signing in ------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "alliance_health.accounts.adapter.ClosedSite"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = False
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXY_COUNT
SESSION_COOKIE_AGE = int(timedelta(hours=12).total_seconds())
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = IS_PRODUCTION
SESSION_COOKIE_NAME = "__Host-session" if IS_PRODUCTION else "session"
CSRF_COOKIE_SECURE = IS_PRODUCTION
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_NAME = "__Host-csrf" if IS_PRODUCTION else "csrf"
CSRF_TRUSTED_ORIGINS = [SITE_URL] if IS_PRODUCTION else []

# --- headers ---------------------------------------------------------------------------------
SECURE_SSL_REDIRECT = IS_PRODUCTION
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]  # a container asks itself over plain HTTP
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXY_COUNT else None
SECURE_HSTS_SECONDS = int(timedelta(days=365).total_seconds()) if IS_PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = IS_PRODUCTION
SECURE_HSTS_PRELOAD = IS_PRODUCTION
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}


# --- static files ----------------------------------------------------------------------------
def _package_static(package: str) -> Path:
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise ImproperlyConfigured(f"The package {package} is not installed: run `make run` once.")
    return Path(spec.origin).parent / "static"


STATIC_URL = "/static/"
STATIC_ROOT = LOCAL_DIR / "static"
STATICFILES_DIRS = [
    BASE_DIR / "static",
    ("vendor/bootstrap", _package_static("django_include_bootstrap")),
    ("vendor", paths.assets_dir()),
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if IS_PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage",
    },
}
WHITENOISE_USE_FINDERS = not IS_PRODUCTION

# --- language and time -----------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "alliance_health" / "locale"]
USE_TZ = True

# --- mail ------------------------------------------------------------------------------------
if EMAIL_URL:
    _mail = Env().dj_email_url("EMAIL_URL")
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST = _mail["EMAIL_HOST"]
    EMAIL_PORT = _mail["EMAIL_PORT"]
    EMAIL_HOST_USER = _mail["EMAIL_HOST_USER"]
    EMAIL_HOST_PASSWORD = _mail["EMAIL_HOST_PASSWORD"]
    EMAIL_USE_TLS = _mail["EMAIL_USE_TLS"]
    EMAIL_USE_SSL = _mail["EMAIL_USE_SSL"]
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = LOCAL_DIR / "mail"
EMAIL_TIMEOUT = 10

# --- jobs ------------------------------------------------------------------------------------
# PostgreSQL holds what is due and what is done; the broker only pokes. So: no result backend,
# late acknowledgement, and a beat that does nothing but tick (docs/adr/0003).
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
}
CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_TIME_LIMIT = 120
CELERY_TASK_SOFT_TIME_LIMIT = 90
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_PUBLISH_RETRY_POLICY = {
    "max_retries": 2,
    "interval_start": 0,
    "interval_step": 0.2,
    "interval_max": 0.5,
}
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_MAX_TASKS_PER_CHILD = 500
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 20
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 600,
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    "socket_timeout": 10,
    "socket_connect_timeout": 3,
    "socket_keepalive": True,
    "health_check_interval": 10,
    "global_keyprefix": "alliance-health:",
}
CELERY_TIMEZONE = "UTC"
CELERY_ENABLE_UTC = True
CELERY_BEAT_SCHEDULE = {
    "tick": {
        "task": "assessments.tick",
        "schedule": TICK_SECONDS,
        # A tick that nobody took in time is worth nothing: the next one does its work.
        "options": {"expires": max(TICK_SECONDS * 2, 10)},
    }
}

# --- logs ------------------------------------------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "filters": {"without_secrets": {"()": "alliance_health.logs.WithoutSecrets"}},
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": "plain",
            "filters": ["without_secrets"],
        }
    },
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
}
