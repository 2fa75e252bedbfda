"""How the commands reach a deployment: the running `santral dev` by the facts it writes down, or a stack in an account."""

from __future__ import annotations

import json
import os
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import boto3

from santral.api_client import ApiClient

FACTS = Path(__file__).resolve().parent.parent / "build" / "dev.json"
ROLES = ("agent", "supervisor", "admin")


class NoConnection(Exception):
    """There is nothing to talk to; the message says what to start or name."""


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who can log in. `name` is the agent's name in the configuration."""

    role: str
    name: str
    email: str
    password: str = field(repr=False)


@dataclass(slots=True)
class Connection:
    """One deployment. `endpoint` is the emulator's, empty for AWS; `sandbox` and `smtp_port` exist only locally."""

    region: str
    outputs: dict[str, str]
    users: list[User] = field(default_factory=list)
    endpoint: str = ""
    sandbox: str = ""
    smtp_port: int = 0
    profile: str | None = None
    access_key: str | None = None
    secret_key: str | None = field(default=None, repr=False)
    _tokens: dict[str, tuple[float, str]] = field(default_factory=dict, repr=False)

    @property
    def api_url(self) -> str:
        """Base of the HTTP API, without a final slash."""
        return self.outputs["ApiUrl"].rstrip("/")

    def client(self, service: str) -> Any:
        """A boto3 client for this deployment."""
        session: Any = boto3.Session(
            self.access_key, self.secret_key, region_name=self.region, profile_name=self.profile
        )
        return session.client(service, endpoint_url=self.endpoint or None)

    def user(self, role: str) -> User:
        """Who has a role. Raises NoConnection."""
        for user in self.users:
            if user.role == role:
                return user
        raise NoConnection(f"nobody with the role '{role}' is known: set SANTRAL_EMAIL and SANTRAL_PASSWORD")

    def api(self, role: str = "supervisor") -> ApiClient:
        """The API as somebody of this role."""
        return ApiClient(self.api_url, lambda: self.token(role))

    def token(self, role: str) -> str:
        """An ID token, logged in anew five minutes before the old one ends."""
        until, token = self._tokens.get(role, (0.0, ""))
        if time.monotonic() > until - 300:
            user = self.user(role)
            answer = self.client("cognito-idp").initiate_auth(
                AuthFlow="USER_PASSWORD_AUTH",
                ClientId=self.outputs["UserPoolClientId"],
                AuthParameters={"USERNAME": user.email, "PASSWORD": user.password},
            )
            result = answer.get("AuthenticationResult")
            if result is None:
                raise NoConnection(f"{user.email} must first log in at {self.api_url}/desk ({answer['ChallengeName']})")
            token = str(result["IdToken"])
            self._tokens[role] = (time.monotonic() + result["ExpiresIn"], token)
        return token

    def save(self, path: Path = FACTS) -> None:
        """Write the facts down for the other commands, readable by this user alone: they hold passwords."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        facts = {name: value for name, value in asdict(self).items() if not name.startswith("_")}
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(facts | {"pid": os.getpid()}, file, indent=2)


def connect(stack_name: str | None = None, profile: str | None = None, region: str | None = None) -> Connection:
    """A deployed stack if one is named, else the running `santral dev`. Raises NoConnection."""
    if stack_name:
        return _deployed(stack_name, profile, region)
    return _running()


def _running() -> Connection:
    try:
        facts = json.loads(FACTS.read_text())
        os.kill(facts.pop("pid"), 0)
        facts["users"] = [User(**user) for user in facts["users"]]
        return Connection(**facts)
    except (OSError, ValueError, KeyError, TypeError):
        raise NoConnection("no `santral dev` runs here: start one, or name a stack with --stack-name") from None


def _deployed(stack_name: str, profile: str | None, region: str | None) -> Connection:
    session: Any = boto3.Session(profile_name=profile, region_name=region)
    stacks = session.client("cloudformation").describe_stacks(StackName=stack_name)["Stacks"]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stacks[0]["Outputs"]}
    email, password = os.environ.get("SANTRAL_EMAIL"), os.environ.get("SANTRAL_PASSWORD")
    users = [User(role, "", email, password) for role in ROLES] if email and password else []
    return Connection(region=session.region_name, outputs=outputs, users=users, profile=profile)
