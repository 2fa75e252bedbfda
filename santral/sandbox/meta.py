"""The Graph API as Santral meets it: tokens, ids, media, errors, and webhooks signed over escaped bytes.

What Messenger, Instagram and WhatsApp share; each app's own rules are in its module. Facts are from Meta's pages "Handle
Errors", "Validating Payloads" and "Media" (WhatsApp Cloud API).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import secrets
import time
from collections.abc import Mapping
from typing import Any, Protocol

from aiohttp import web

from router.config import Config, Inbox
from santral.sandbox.line import Line
from santral.sandbox.world import File

VERSION = re.compile(r"v[0-9]{1,2}\.[0-9]")
LINK_MINUTES = 5  # a media URL's life
FILES = "https://lookaside.fbsbx.com"
APP_ID = 1092837465564738


class GraphError(Exception):
    """The Graph API says no. `details` is WhatsApp's, `subcode` the others'."""

    def __init__(
        self,
        status: int,
        code: int,
        message: str,
        *,
        subcode: int | None = None,
        details: str | None = None,
        kind: str = "OAuthException",
        transient: bool = False,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.subcode = subcode
        self.details = details
        self.kind = kind
        self.transient = transient

    def response(self) -> web.Response:
        """The error as Meta writes it."""
        error: dict[str, Any] = {"message": str(self), "type": self.kind, "code": self.code}
        if self.details is not None:
            error["error_data"] = {"messaging_product": "whatsapp", "details": self.details}
        if self.subcode is not None:
            error["error_subcode"] = self.subcode
        if self.transient:
            error["is_transient"] = True
        return web.json_response({"error": error | {"fbtrace_id": trace_id()}}, status=self.status)


class GraphApp(Protocol):
    """One of Meta's apps behind the Graph API."""

    async def send(self, inbox: Inbox, asked: dict[str, Any]) -> web.Response:
        """POST /{id}/messages. Raises GraphError."""
        ...

    def about(self, inbox: Inbox) -> dict[str, Any]:
        """GET /{id}."""
        ...


class Graph:
    """One app of Meta's with all its accounts. `credentials` are those of the provider secret, by name."""

    def __init__(self, config: Config, credentials: Mapping[str, Mapping[str, str]], line: Line) -> None:
        self.config = config
        self.credentials = credentials
        self.line = line
        self.apps: dict[str, GraphApp] = {}

    async def send(self, request: web.Request) -> web.Response:
        """POST /{version}/{id}/messages, to the app whose account has that id."""
        try:
            inbox = self._inbox(request)
            self._authorise(request, inbox)
            try:
                asked = await request.json()
            except ValueError:
                raise GraphError(400, 100, "(#100) The request body is not valid JSON.") from None
            if not isinstance(asked, dict):
                raise GraphError(400, 100, "(#100) The request body must be a JSON object.")
            return await self.apps[inbox.channel].send(inbox, asked)
        except GraphError as error:
            return error.response()

    async def look(self, request: web.Request) -> web.Response:
        """GET /{version}/{id}: an account, a customer of it, or a file that was sent to it."""
        try:
            file = self.line.world.files.get(request.match_info["id"])
            if file is not None:
                self._authorise(request, None)
                return web.json_response(self._media(file))
            person = self._person(request)
            if person is not None:
                return web.json_response(person)
            inbox = self._inbox(request)
            self._authorise(request, inbox)
            return web.json_response(self.apps[inbox.channel].about(inbox))
        except GraphError as error:
            return error.response()

    async def file(self, request: web.Request) -> web.Response:
        """A file's own address. WhatsApp's wants the token and lives for five minutes; the others' are signed and open."""
        query = request.query
        file = self.line.world.files.get(query.get("mid") or query.get("asset_id", ""))
        if file is None or not hmac.compare_digest(query.get("hash", ""), self._mac(file, query.get("ext", ""))):
            return web.Response(status=404, text="URL signature mismatch")
        if query.get("mid"):
            try:
                self._authorise(request, None)
            except GraphError as error:
                return error.response()
            if int(query["ext"]) < time.time():
                return web.Response(status=404, text="URL expired")
        return web.Response(body=file.data, headers={"Content-Type": file.type})

    def link(self, file: File) -> str:
        """A file's address as Messenger and Instagram give it in the webhook."""
        until = str(int(time.time()) + 3600 * 24 * 30)
        return f"{FILES}/ig_messaging_cdn/?asset_id={file.id}&ext={until}&hash={self._mac(file, until)}"

    def wire(self, inbox: Inbox, payload: dict[str, Any]) -> tuple[str, bytes, dict[str, str]]:
        """Where, what and with which headers: Meta escapes every non-ASCII character and `/`, and signs those bytes."""
        body = json.dumps(payload, separators=(",", ":")).replace("/", "\\/").encode("ascii")
        secret = self.secret(inbox).get("app_secret", "").encode()
        headers = {
            "X-Hub-Signature": "sha1=" + hmac.new(secret, body, hashlib.sha1).hexdigest(),
            "X-Hub-Signature-256": "sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest(),
            "User-Agent": "facebookexternalua",
        }
        return self.line.webhook(inbox), body, headers

    async def subscribe(self, inbox: Inbox) -> bool:
        """The App Dashboard's check of a webhook: does it know our token and give the challenge back?"""
        challenge = str(secrets.randbelow(10**10))
        token = self.secret(inbox).get("verify_token", "")
        query = f"hub.mode=subscribe&hub.challenge={challenge}&hub.verify_token={token}"
        return await self.line.get(f"{self.line.webhook(inbox)}?{query}") == challenge

    def secret(self, inbox: Inbox) -> Mapping[str, str]:
        """The credentials of an inbox."""
        return self.credentials.get(inbox.secret or "", {})

    def account(self, inbox: Inbox) -> str:
        """The id in URLs: WhatsApp's phone number id, the page's, the Instagram account's."""
        named = inbox.settings.get("phone_number_id") or inbox.settings.get("page_id")
        return str(named or self.secret(inbox).get("phone_number_id") or inbox.address)

    def _inbox(self, request: web.Request) -> Inbox:
        if not VERSION.fullmatch(request.match_info["version"]):
            raise GraphError(400, 2500, "Unknown path components: /" + request.match_info["version"])
        wanted = request.match_info["id"]
        for inbox in self.config.inboxes:
            if inbox.channel in self.apps and self.account(inbox) == wanted:
                return inbox
            if wanted == "me" and inbox.channel in self.apps and self._token(request) == self._right(inbox):
                return inbox
        message = (
            "Unsupported request. Object does not exist, cannot be loaded due to missing permissions, "
            "or does not support this operation."
        )
        raise GraphError(400, 100, message, subcode=33, kind="GraphMethodException")

    def _authorise(self, request: web.Request, inbox: Inbox | None) -> None:
        token = self._token(request)
        inboxes = [inbox] if inbox else [one for one in self.config.inboxes if one.channel in self.apps]
        for one in inboxes:
            right = self._right(one)
            if right and hmac.compare_digest(token.encode(), right.encode()):
                return
        raise GraphError(401, 190, "Invalid OAuth access token - Cannot parse access token")

    def _token(self, request: web.Request) -> str:
        kind, _, given = request.headers.get("Authorization", "").partition(" ")
        return given.strip() if kind.lower() == "bearer" else request.query.get("access_token", "")

    def _right(self, inbox: Inbox) -> str:
        return self.secret(inbox).get("access_token", "")

    def _person(self, request: web.Request) -> dict[str, Any] | None:
        """The User Profile API: the name of somebody who wrote to one of the accounts."""
        for (name, customer), shown in self.line.world.names.items():
            inbox = self.config.inbox(name)
            if customer == request.match_info["id"] and inbox is not None and inbox.channel in self.apps:
                self._authorise(request, inbox)
                first, _, last = shown.partition(" ")
                return {"first_name": first, "last_name": last, "name": shown, "id": customer}
        return None

    def _media(self, file: File) -> dict[str, Any]:
        until = str(int(time.time()) + LINK_MINUTES * 60)
        return {
            "messaging_product": "whatsapp",
            "url": f"{FILES}/whatsapp_business/attachments/?mid={file.id}&ext={until}&hash={self._mac(file, until)}",
            "mime_type": file.type,
            "sha256": hashlib.sha256(file.data).hexdigest(),
            "file_size": len(file.data),
            "id": file.id,
        }

    def _mac(self, file: File, until: str) -> str:
        key = "".join(one.get("app_secret", "") for one in self.credentials.values()).encode()
        return hmac.new(key, f"{file.id}.{until}".encode(), hashlib.sha256).hexdigest()[:32]


def trace_id() -> str:
    """An id as Meta's support asks for it."""
    return "A" + base64.urlsafe_b64encode(secrets.token_bytes(16)).decode().rstrip("=")
