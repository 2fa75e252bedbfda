"""An account's numbers at Twilio, and where each one is set to call ("IncomingPhoneNumber resource").

The phones write to the inbox itself all the same.
"""

from __future__ import annotations

import hashlib
from typing import Any

from aiohttp import web

from router.config import Inbox
from santral.sandbox.twilio import Twilio, refuse


class Numbers:
    """The numbers of the configuration; each calls its inbox, until somebody changes that."""

    def __init__(self, twilio: Twilio) -> None:
        self.twilio = twilio
        self.urls: dict[str, str] = {}

    def found(self, request: web.Request) -> web.Response:
        """GET IncomingPhoneNumbers.json?PhoneNumber=+..."""
        if not self._allowed(request):
            return refuse(401, 20003, "Authenticate")
        wanted = request.query.get("PhoneNumber", "")
        numbers = [self._shown(inbox) for inbox in self._inboxes() if wanted in ("", inbox.address)]
        return web.json_response({"incoming_phone_numbers": numbers, "page": 0, "page_size": 50})

    async def change(self, request: web.Request) -> web.Response:
        """POST IncomingPhoneNumbers/{sid}.json with SmsUrl."""
        if not self._allowed(request):
            return refuse(401, 20003, "Authenticate")
        form = await request.post()
        for inbox in self._inboxes():
            if _sid(inbox) == request.match_info["number"]:
                if "SmsUrl" in form:
                    self.urls[inbox.address] = str(form["SmsUrl"])
                return web.json_response(self._shown(inbox))
        return refuse(404, 20404, "The requested resource was not found")

    def _inboxes(self) -> list[Inbox]:
        return [inbox for inbox in self.twilio.config.inboxes if inbox.channel == "twilio"]

    def _allowed(self, request: web.Request) -> bool:
        return request.match_info["sid"] == self.twilio.account and self.twilio.authorised(request)

    def _shown(self, inbox: Inbox) -> dict[str, Any]:
        return {
            "sid": _sid(inbox),
            "account_sid": self.twilio.account,
            "phone_number": inbox.address,
            "friendly_name": inbox.display_name or inbox.name,
            "capabilities": {"voice": True, "sms": True, "mms": True, "fax": False},
            "sms_url": self.urls.get(inbox.address, self.twilio.line.webhook(inbox)),
            "sms_method": "POST",
            "sms_application_sid": "",
        }


def _sid(inbox: Inbox) -> str:
    return "PN" + hashlib.md5(inbox.address.encode(), usedforsecurity=False).hexdigest()
