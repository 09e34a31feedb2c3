"""Who can sign in to the demo. Everybody knows the password, so it is for a laptop alone."""

from dataclasses import dataclass

from alliance_health.accounts.models import User

PASSWORD = "alliance-demo-2026"  # noqa: S105  told to everybody on purpose
DOMAIN = "demo.example"


@dataclass(frozen=True, slots=True)
class SignIn:
    """Somebody who can sign in.

    Attributes:
        email: to sign in with.
        name: as the content has it, where the person is in it.
        organisation: short name; empty for the administrator.
        sees: what is to be seen.
    """

    email: str
    name: str
    organisation: str
    sees: str


ADMINISTRATOR = SignIn(
    f"administrator@{DOMAIN}",
    "Noor Valkenier",
    "",
    "Administrator: everything",
)
PORTFOLIO = SignIn(
    f"portfolio@{DOMAIN}",
    "Karin Aurell",
    "Lindqvarn",
    "Portfolio of Lindqvarn: its five alliances, to read",
)
SPONSOR = SignIn(
    f"sponsor@{DOMAIN}",
    "Ingrid Vestlund",
    "Lindqvarn",
    "Sponsor of three: one well, one alone, one stuck",
)
SIGN_INS = (
    ADMINISTRATOR,
    PORTFOLIO,
    SPONSOR,
    SignIn(
        f"manager.castellmar@{DOMAIN}",
        "Nerea Izaguirre",
        "Castellmar",
        "Manager at Paylink, where it looks rosy",
    ),
    SignIn(
        f"manager.jirani@{DOMAIN}",
        "Wambui Karanja",
        "Jirani",
        "Manager at Paylink, where it does not",
    ),
    SignIn(
        f"team@{DOMAIN}",
        "Femke Oosterhuis",
        "Veldhoorn",
        "Team member, with a questionnaire to answer",
    ),
)


def is_loaded() -> bool:
    """Return whether the demo has been loaded into this database; 1 query."""
    return User.objects.filter(email=ADMINISTRATOR.email).exists()


def usable() -> list[SignIn]:
    """Return the sign-ins of the demo that are there and active, in order; 1 query."""
    known = set(
        User.objects.filter(is_active=True, email__in=[one.email for one in SIGN_INS]).values_list(
            "email", flat=True
        )
    )
    return [one for one in SIGN_INS if one.email in known]
