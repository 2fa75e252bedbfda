"""The three sample users of a local run, made in the user pool as an administrator would make real ones."""

from __future__ import annotations

import secrets
import string
from typing import Any

from santral.connection import User

# Role, the agent's name in the sample configuration, e-mail. An administrator answers nobody.
SAMPLE = (
    ("agent", "ayse", "ayse@example.com"),
    ("supervisor", "mehmet", "mehmet@example.com"),
    ("admin", "admin", "admin@example.com"),
)


def create(cognito: Any, pool_id: str, display_names: dict[str, str]) -> list[User]:
    """Make the sample users, each in the group of their role, with a password that need not be changed."""
    users = []
    for role, name, email in SAMPLE:
        user = User(role, name, email, password())
        attributes = {
            "email": email,
            "email_verified": "true",
            "name": display_names.get(name, name.capitalize()),
        }
        cognito.admin_create_user(
            UserPoolId=pool_id,
            Username=name,
            MessageAction="SUPPRESS",
            UserAttributes=[{"Name": key, "Value": value} for key, value in attributes.items()],
        )
        cognito.admin_set_user_password(UserPoolId=pool_id, Username=name, Password=user.password, Permanent=True)
        cognito.admin_add_user_to_group(UserPoolId=pool_id, Username=name, GroupName=role)
        users.append(user)
    return users


def password() -> str:
    """One that meets the pool's rules and can be read out: four groups of letters and digits."""
    alphabet = (string.ascii_lowercase + string.digits).translate(str.maketrans("", "", "0o1li"))
    while True:
        groups = ["".join(secrets.choice(alphabet) for _ in range(4)) for _ in range(3)]
        made = "-".join(["S" + groups[0], *groups[1:]])
        if any(character.isdigit() for character in made) and any(character.islower() for character in made):
            return made
