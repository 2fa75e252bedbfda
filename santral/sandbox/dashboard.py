"""What is set up at Meta: the app, its webhooks, its tokens, and the accounts that tell it what happens.

Facts are from Meta's pages "Debug-Token", "App Subscriptions", "Page Subscribed Apps" and "WhatsApp Business Account
Subscribed Apps" (Graph API reference). Everything is set up from the start, as after a person did it.
"""

from __future__ import annotations

import hmac
from typing import Any

from aiohttp import web

from router.config import Inbox
from santral.sandbox.meta import APP_ID, VERSION, Graph, GraphError
from santral.sandbox.whatsapp import BUSINESS

OBJECTS = {"whatsapp": "whatsapp_business_account", "messenger": "page", "instagram": "instagram"}
FIELDS = {
    "whatsapp": ("messages", "user_preferences", "smb_message_echoes"),
    "messenger": (
        *("messages", "messaging_postbacks", "message_deliveries", "message_reads", "message_echoes"),
        *("message_reactions", "message_edits", "messaging_referrals", "messaging_optins"),
    ),
    "instagram": ("messages", "messaging_postbacks", "messaging_seen", "message_reactions", "messaging_referral"),
}
SCOPES = {
    "whatsapp": ("whatsapp_business_messaging", "whatsapp_business_management"),
    "messenger": ("pages_messaging", "pages_manage_metadata", "pages_show_list"),
    "instagram": ("instagram_basic", "instagram_manage_messages", "pages_manage_metadata"),
}
LINKED_PAGE = "304200000000003"  # the page of an Instagram account whose inbox names none


class Dashboard:
    """Each provider secret is an app of its own, though all have one id here."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.urls: dict[tuple[str, str], str] = {}  # (provider secret, object): where the app calls
        self.fields: dict[tuple[str, str], tuple[str, ...]] = {}
        self.silent: set[str] = set()  # accounts that tell the app nothing

    async def call(self, request: web.Request) -> web.Response:
        """GET app, me, debug_token; GET and POST subscriptions and subscribed_apps."""
        try:
            if not VERSION.fullmatch(request.match_info["version"]):
                raise GraphError(400, 2500, "Unknown path components: /" + request.match_info["version"])
            return web.json_response(await self._answer(request, request.match_info["what"]))
        except GraphError as error:
            return error.response()

    async def _answer(self, request: web.Request, what: str) -> dict[str, Any]:
        if what == "app":
            self._of_token(self._token(request))
            return {"id": str(APP_ID), "name": "Santral sandbox"}
        if what == "me":
            return self._me(self._of_token(self._token(request)))
        if what == "debug_token":
            self._of_app(request)
            return {"data": self._debugged(request.query.get("input_token", ""))}
        if what == "subscriptions":
            return await self._subscriptions(request)
        return await self._subscribed(request)

    async def _subscriptions(self, request: web.Request) -> dict[str, Any]:
        if request.match_info["id"] != str(APP_ID):
            raise GraphError(400, 100, "Unsupported request.", subcode=33, kind="GraphMethodException")
        inboxes = self._of_app(request)
        secret = inboxes[0].secret or ""
        if request.method == "POST":
            form = await request.post()
            about = str(form.get("object"))
            if about not in OBJECTS.values():
                raise GraphError(400, 100, "(#100) Param object must be a valid webhook object.")
            self.urls[secret, about] = str(form.get("callback_url"))
            self.fields[secret, about] = tuple(str(form.get("fields", "")).split(","))
            return {"success": True}
        told: dict[str, dict[str, Any]] = {}
        for inbox in inboxes:
            about = OBJECTS[inbox.channel]
            if about not in told:
                fields = self.fields.get((secret, about), FIELDS[inbox.channel])
                told[about] = {
                    "object": about,
                    "callback_url": self.urls.get((secret, about), self.graph.line.webhook(inbox)),
                    "active": True,
                    "fields": [{"name": name, "version": "v23.0"} for name in fields],
                }
        return {"data": list(told.values())}

    async def _subscribed(self, request: web.Request) -> dict[str, Any]:
        account, inbox = request.match_info["id"], self._of_token(self._token(request))
        if account != self._subject(inbox):
            raise GraphError(400, 100, "Unsupported request.", subcode=33, kind="GraphMethodException")
        if request.method == "POST":
            self.silent.discard(account)
            return {"success": True}
        app = {"id": str(APP_ID), "name": "Santral sandbox"}
        if account in self.silent:
            return {"data": []}
        if inbox.channel == "whatsapp":
            return {"data": [{"whatsapp_business_api_data": app}]}
        return {"data": [app | {"subscribed_fields": list(FIELDS["messenger"])}]}

    def _debugged(self, token: str) -> dict[str, Any]:
        inbox = next((one for one in self._inboxes() if self._is(token, one)), None)
        if inbox is None:
            return {"is_valid": False, "scopes": []}
        scopes = SCOPES[inbox.channel]
        granular = [{"scope": scope, "target_ids": [self._subject(inbox)]} for scope in scopes]
        return {
            "app_id": str(APP_ID), "is_valid": True, "expires_at": 0, "scopes": list(scopes), "granular_scopes": granular,
        }  # fmt: skip

    def _me(self, inbox: Inbox) -> dict[str, Any]:
        """Whose the token is: a system user's, a page's, or the page's that an Instagram account is linked to."""
        if inbox.channel == "whatsapp":
            return {"id": "122000000000001", "name": "Santral"}
        page: dict[str, Any] = {"id": self._subject(inbox), "name": inbox.display_name or inbox.name}
        if inbox.channel == "instagram":
            page["instagram_business_account"] = {"id": inbox.address, "username": inbox.name}
        return page

    def _subject(self, inbox: Inbox) -> str:
        """The account whose subscribed_apps say whether the app hears of it."""
        if inbox.channel == "whatsapp":
            return BUSINESS
        if inbox.channel == "instagram":
            return str(inbox.settings.get("page_id") or LINKED_PAGE)
        return self.graph.account(inbox)

    def _inboxes(self) -> list[Inbox]:
        return [inbox for inbox in self.graph.config.inboxes if inbox.channel in OBJECTS]

    def _of_token(self, token: str) -> Inbox:
        for inbox in self._inboxes():
            if self._is(token, inbox):
                return inbox
        raise GraphError(401, 190, "Invalid OAuth access token - Cannot parse access token")

    def _of_app(self, request: web.Request) -> list[Inbox]:
        """The inboxes of the app whose access token (`id|secret`) is given."""
        for inbox in self._inboxes():
            right = f"{APP_ID}|{self.graph.secret(inbox).get('app_secret', '')}"
            if hmac.compare_digest(self._token(request).encode(), right.encode()):
                return [one for one in self._inboxes() if one.secret == inbox.secret]
        raise GraphError(400, 190, "Invalid OAuth access token signature.")

    def _is(self, token: str, inbox: Inbox) -> bool:
        right = self.graph.secret(inbox).get("access_token", "")
        return bool(right) and hmac.compare_digest(token.encode(), right.encode())

    @staticmethod
    def _token(request: web.Request) -> str:
        kind, _, given = request.headers.get("Authorization", "").partition(" ")
        return given.strip() if kind.lower() == "bearer" else request.query.get("access_token", "")
