"""The credentials of a local run: made anew each time, put into the provider secret, known to the players. Never in YAML."""

from __future__ import annotations

import secrets

from router.config import Config

ProviderSecret = dict[str, dict[str, str]]
"""Credentials by the name that inboxes give as their `secret`."""

_META = frozenset({"whatsapp", "messenger", "instagram"})


def made(config: Config) -> ProviderSecret:
    """Credentials for every inbox that names a secret; Twilio's are always there."""
    found: ProviderSecret = {"twilio": _credentials("twilio")}
    for inbox in config.inboxes:
        if inbox.secret and inbox.secret not in found:
            found[inbox.secret] = _credentials(inbox.channel)
    return found


def _credentials(channel: str) -> dict[str, str]:
    if channel == "twilio":
        return {"account_sid": "AC" + secrets.token_hex(16), "auth_token": secrets.token_hex(16)}
    if channel in _META:
        return {
            "app_secret": secrets.token_hex(16),
            "verify_token": secrets.token_urlsafe(18),
            "access_token": "EAAG" + secrets.token_hex(60),
        }
    if channel == "telegram":
        number = 10**9 + secrets.randbelow(9 * 10**9)
        return {
            "bot_token": f"{number}:AA{secrets.token_urlsafe(24)}",
            "webhook_secret": secrets.token_urlsafe(24),
        }
    return {}
