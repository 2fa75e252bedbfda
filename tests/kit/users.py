"""The company's own page: user tokens as RFC 7519 says, apart from the code under test; and where a code is read."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from email import message_from_bytes, policy
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from tests.kit.meta import call

if TYPE_CHECKING:
    from tests.kit.world import World

USERS, OLD_USERS = "the-shop-signs-its-users-with-this-secret", "the-shop-signed-its-users-with-that-secret"
NUMBER, COUNTRY_ID, TEMPLATE = "104200000000009", "US.13491208655302741918", "kod"


def jwt(claims: Any, secret: str = USERS, **header: Any) -> str:
    """A signed token; header fields replace the usual ones."""
    parts = (json.dumps({"alg": "HS256", "typ": "JWT"} | header), json.dumps(claims))
    body = ".".join(base64.urlsafe_b64encode(part.encode()).rstrip(b"=").decode() for part in parts)
    mac = hmac.new(secret.encode(), body.encode(), hashlib.sha256).digest()
    return body + "." + base64.urlsafe_b64encode(mac).rstrip(b"=").decode()


def user_token(world: World, sub: str = "42", **claims: Any) -> str:
    """A user of the company's, for ten minutes."""
    at = int(world.now.timestamp())
    return jwt({"sub": sub, "iat": at, "exp": at + 600, "name": "Zeynep", "language": "tr"} | claims)


def with_apps(config: dict[str, Any]) -> dict[str, Any]:
    """A configuration whose chat knows users, with WhatsApp beside it."""
    inboxes = [
        {**one, "secret": "chat", "settings": {"proofs": ["email", "sms", "whatsapp"]}}
        if one["name"] == "chat"
        else one
        for one in config["inboxes"]
    ]
    whatsapp = {
        "name": "whatsapp", "channel": "whatsapp", "address": "+15550100", "queue": "genel", "secret": "meta",
        "settings": {"phone_number_id": NUMBER, "code_template": TEMPLATE},
    }  # fmt: skip
    return {**config, "version": "apps-1", "inboxes": [*inboxes, whatsapp]}


def session(world: World, status: int = 201, **asked: Any) -> dict[str, Any]:
    """A chat session as the page opens one."""
    got, body = world.call("POST", "/chat/chat/sessions", asked, user=None)
    assert got == status, body
    return body


def connected(world: World, opened: dict[str, Any]) -> str:
    """A socket with a session; the connection's id."""
    connection = f"conn{world.serial()}="
    protocols = ["santral.v1", f"session.{opened['session']}"]
    assert world.socket("CONNECT", connection, protocols=protocols)["statusCode"] == 200
    return connection


def whatsapp(
    world: World, text: str, *, phone: str | None = "905550000042", user: str | None = None, name: str = "Zeynep"
) -> None:
    """A signed WhatsApp message; by a phone number, a business-scoped user id, or both."""
    at = str(int(world.now.timestamp()))
    ids = {"from": phone, "from_user_id": user}
    contact = {"profile": {"name": name}, "wa_id": phone, "user_id": user}
    message: dict[str, Any] = {
        "id": f"wamid.IN{world.serial()}", "timestamp": at, "type": "text", "text": {"body": text}, **ids,
    }  # fmt: skip
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "15550100", "phone_number_id": NUMBER},
        "contacts": [{name: one for name, one in contact.items() if one is not None}],
        "messages": [{name: one for name, one in message.items() if one is not None}],
    }
    payload = {
        "object": "whatsapp_business_account",
        "entry": [{"id": "204", "changes": [{"field": "messages", "value": value}]}],
    }
    assert call(world, "whatsapp", "whatsapp", payload)["statusCode"] == 200


def code_sent(world: World) -> str:
    """The code in the last call to a provider, as its receiver reads it."""
    request = world.providers.calls[-1]
    if "twilio" in request.url:
        text = parse_qs(request.body.decode())["Body"][0]
    elif "graph" in request.url:
        text = json.dumps(json.loads(request.body)["template"])
    else:
        raw = base64.b64decode(json.loads(request.body)["Content"]["Raw"]["Data"])
        part = message_from_bytes(raw, policy=policy.default).get_body(("plain",))
        text = part.get_content() if part is not None else ""
    (code,) = set(re.findall(r"\b\d{6}\b", text))
    return str(code)
