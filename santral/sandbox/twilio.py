"""Twilio's Messages API and its signed webhooks, played both ways: SMS and MMS, and WhatsApp where addresses begin with `whatsapp:`.

The last four digits of the recipient play a failure: 0000 opted out (21610), 0001 a 500, 0002 a 429 with Retry-After
(the first two times), 0003 no answer though the message is taken, 0004 undelivered (30003). Or a failure is ordered: `faults`.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import logging
import re
import secrets
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import formatdate
from typing import Any
from urllib.parse import parse_qs

from aiohttp import ClientError, ClientSession, ClientTimeout, web

from router.config import Config
from santral.sandbox import faults
from santral.sandbox.line import PATIENCE, SILENCE, Line, Unreachable
from santral.sandbox.world import File, Text, now_iso

log = logging.getLogger(__name__)

API = "https://api.twilio.com/2010-04-01"
E164 = re.compile(r"(whatsapp:)?\+[1-9][0-9]{6,14}")
CONTENT = re.compile(r"HX[0-9a-fA-F]{32}")
WHATSAPP = "whatsapp:"
WINDOW = timedelta(hours=24)  # https://www.twilio.com/docs/whatsapp/key-concepts: free text only since a customer wrote
MAX_BODY = 1600
THROTTLED_TIMES = 2
MAX_MEDIA = 10
# https://help.twilio.com/articles/223134027: only a message that is exactly one of these counts
STOP = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "OPTOUT", "REVOKE"})
START = frozenset({"START", "YES", "UNSTOP"})


class Twilio:
    """One account with its numbers."""

    def __init__(self, account: str, token: str, config: Config, line: Line) -> None:
        self.account = account
        self.token = token
        self.config = config
        self.line = line
        self.world = line.world

    async def create_message(self, request: web.Request) -> web.Response:
        """POST /2010-04-01/Accounts/{sid}/Messages.json."""
        if request.match_info["sid"] != self.account or not self.authorised(request):
            return refuse(401, 20003, "Authenticate")
        given = parse_qs((await request.read()).decode(), keep_blank_values=True)
        form = {name: values[0] for name, values in given.items()}
        to, sender, body = form.get("To", ""), form.get("From", ""), form.get("Body", "")
        media = given.get("MediaUrl", [])
        content = form.get("ContentSid", "")
        refusal = self._check(to, sender or form.get("MessagingServiceSid", ""), body, media, content)
        fault = self._fault(to, sender) if refusal is None else None
        refusal = refusal or self._play(to, sender, fault)
        if refusal is not None:
            return refusal
        text = Text(
            id=("MM" if media else "SM") + secrets.token_hex(16),
            way="to-customer",
            customer=to,
            inbox=sender,
            text=f"[{content}] {form.get('ContentVariables', '')}".strip() if content else body,
            at=now_iso(),
            state="queued",
            status_url=form.get("StatusCallback"),
        )
        await self.world.add(text)
        lost = "30003" if fault == faults.LOST or to.endswith("0004") else None
        self.line.later(self._report(text, media, lost or (None if content else self._closed(to, sender))))
        if fault == faults.SILENT or to.endswith("0003"):
            await asyncio.sleep(SILENCE)
        return web.json_response(self._resource(text), status=201)

    def media(self, request: web.Request) -> web.Response:
        """GET .../Media/{sid}: a customer's file, to the account alone (Twilio itself redirects to a host of its own)."""
        if request.match_info["sid"] != self.account or not self.authorised(request):
            return refuse(401, 20003, "Authenticate")
        file = self.world.files.get(request.match_info["media"])
        if file is None:
            return refuse(404, 20404, "The requested resource was not found")
        headers = {"Content-Type": file.type, "Content-Disposition": f'inline; filename="{file.name}"'}
        return web.Response(body=file.data, headers=headers)

    async def customer_writes(self, inbox: str, sender: str, to: str, body: str, files: Sequence[File] = ()) -> Text:
        """A customer's message: Twilio posts it, signed, to the inbox's webhook. Raises ClientError when it is refused.

        Written to a number's `whatsapp:` address it is a WhatsApp message, from the number without it.
        """
        whatsapp = to.startswith(WHATSAPP)
        sender = WHATSAPP + sender.removeprefix(WHATSAPP) if whatsapp else sender
        text = Text(
            ("MM" if files else "SM") + secrets.token_hex(16), "from-customer", sender, to, body, now_iso(), "sending",
            files=[file.shown() for file in files],
        )  # fmt: skip
        await self.world.add(text)
        form = {
            "ToCountry": "US",
            "ToState": "",
            "SmsMessageSid": text.id,
            "NumMedia": str(len(files)),
            "ToCity": "",
            "FromZip": "",
            "SmsSid": text.id,
            "FromState": "",
            "SmsStatus": "received",
            "FromCity": "",
            "Body": body,
            "FromCountry": "US",
            "To": to,
            "ToZip": "",
            "NumSegments": str(segments(body)),
            "MessageSid": text.id,
            "AccountSid": self.account,
            "From": sender,
            "ApiVersion": "2010-04-01",
        }  # fmt: skip - Twilio's own order
        for number, file in enumerate(files):
            where = f"{API}/Accounts/{self.account}/Messages/{text.id}/Media/{file.id}"
            form |= {f"MediaUrl{number}": where, f"MediaContentType{number}": file.type}
        keyword = body.strip().upper()
        if whatsapp:
            self.world.heard[inbox, sender] = datetime.now(UTC)
            form |= {"ProfileName": "Kerem", "WaId": sender.removeprefix(f"{WHATSAPP}+"), "MessageType": "text"}
        elif keyword in STOP | START:
            change = self.world.opted_out.add if keyword in STOP else self.world.opted_out.discard
            change((to, sender))
            form["OptOutType"] = "STOP" if keyword in STOP else "START"
        try:
            await self._post(f"{self.line.public_url}/webhooks/twilio/{inbox}", form)
        except (ClientError, TimeoutError):
            text.state = "failed"
            raise
        else:
            text.state = "delivered"
        finally:
            await self.world.touch()
        return text

    def authorised(self, request: web.Request) -> bool:
        """Basic, by the account and its token."""
        kind, _, given = request.headers.get("Authorization", "").partition(" ")
        expected = base64.b64encode(f"{self.account}:{self.token}".encode()).decode()
        return kind.lower() == "basic" and hmac.compare_digest(given.strip().encode(), expected.encode())

    def _closed(self, to: str, sender: str) -> str | None:
        """The error of free text on WhatsApp to who has not written within the window; Twilio takes it, then reports it."""
        inbox = self.config.inbox_by_address("twilio", sender)
        if inbox is None or not to.startswith(WHATSAPP):
            return None
        heard = self.world.heard.get((inbox.name, to))
        return "63016" if heard is None or datetime.now(UTC) - heard >= WINDOW else None

    def _check(self, to: str, sender: str, body: str, media: Sequence[str], content: str) -> web.Response | None:
        if not to:
            return refuse(400, 21604, "A 'To' phone number is required.")
        if not E164.fullmatch(to):
            return refuse(400, 21211, f"Invalid 'To' Phone Number: {to}")
        if not sender:
            return refuse(400, 21603, "A 'From' phone number is required.")
        if ":" in sender + to and sender.partition("+")[0] != to.partition("+")[0] and not sender.startswith("MG"):
            return refuse(400, 21910, "Invalid From and To pair. From and To should be of the same channel")
        if sender == to:
            return refuse(400, 21266, "'To' and 'From' number cannot be the same.")
        if content:
            return None if CONTENT.fullmatch(content) else refuse(400, 21655, "The ContentSid is Invalid")
        if not body and not media:
            return refuse(400, 21602, "Message body is required.")
        if len(body.encode("utf-16-le")) // 2 > MAX_BODY:
            return refuse(400, 21617, "The concatenated message body exceeds the 1600 character limit.")
        if len(media) > MAX_MEDIA:
            return refuse(400, 21623, "Number of media files exceeds allowed limit")
        if any(not url.startswith(("https://", "http://")) for url in media):
            return refuse(400, 21620, "Invalid media URL(s)")
        return None

    def _fault(self, to: str, sender: str) -> str | None:
        inbox = self.config.inbox_by_address("twilio", sender)
        return self.line.faults.take(inbox.name, to.removeprefix(WHATSAPP)) if inbox is not None else None

    def _play(self, to: str, sender: str, fault: str | None) -> web.Response | None:
        if to.endswith("0000") or (sender, to) in self.world.opted_out or fault == faults.REFUSED:
            return refuse(400, 21610, "Attempt to send to unsubscribed recipient")
        if fault == faults.BUSY:
            return refuse(429, 20429, "Too Many Requests", {"Retry-After": "1"})
        if to.endswith("0001") or fault == faults.DOWN:
            return refuse(500, 20500, "Internal Server Error")
        if to.endswith("0002"):
            self.world.attempts[to] += 1
            if self.world.attempts[to] <= THROTTLED_TIMES:
                return refuse(429, 20429, "Too Many Requests", {"Retry-After": "1"})
        return None

    async def _report(self, text: Text, media: Sequence[str], error: str | None) -> None:
        """The status callbacks, signed, in the order they mostly come. A file that cannot be had fails the message.

        On WhatsApp the customer reads it at once.
        """
        whatsapp = text.customer.startswith(WHATSAPP)
        states, code = ["sent", *(["undelivered"] if error else ["delivered", *(["read"] if whatsapp else [])])], error
        if error == "63016":
            states = ["undelivered"]
        try:
            text.files = [(await self.line.fetch(url)).shown() for url in media]
        except Unreachable:
            states, code = ["failed"], "11200"
        for state in states:
            await asyncio.sleep(self.line.pause)
            text.state = state
            await self.world.touch()
            if text.status_url is None:
                continue
            form = {
                "SmsSid": text.id,
                "SmsStatus": state,
                "MessageStatus": state,
                "To": text.customer,
                "MessageSid": text.id,
                "AccountSid": self.account,
                "From": text.inbox,
                "ApiVersion": "2010-04-01",
            }  # fmt: skip - Twilio's own order
            if state in ("undelivered", "failed"):
                form["ErrorCode"] = code or ""
            try:
                await self._post(text.status_url, form)
            except (ClientError, TimeoutError) as error:  # Twilio does not repeat a callback either
                log.warning("the status callback failed: %s", error)

    async def _post(self, url: str, form: Mapping[str, str]) -> None:
        headers = {
            "X-Twilio-Signature": sign(self.token, url, form),
            "I-Twilio-Idempotency-Token": secrets.token_hex(16),
            "User-Agent": "TwilioProxy/1.1",
        }
        async with (
            ClientSession(timeout=ClientTimeout(total=PATIENCE), raise_for_status=True) as client,
            client.post(url, data=dict(form), headers=headers),
        ):
            pass

    def _resource(self, text: Text) -> dict[str, Any]:
        uri = f"/2010-04-01/Accounts/{self.account}/Messages/{text.id}"
        return {
            "account_sid": self.account,
            "api_version": "2010-04-01",
            "body": text.text,
            "date_created": formatdate(),
            "date_sent": None,
            "date_updated": formatdate(),
            "direction": "outbound-api",
            "error_code": None,
            "error_message": None,
            "from": text.inbox,
            "messaging_service_sid": None,
            "num_media": "0",  # counted once they are fetched
            "num_segments": str(segments(text.text)),
            "price": None,
            "price_unit": "USD",
            "sid": text.id,
            "status": "queued",
            "subresource_uris": {"media": uri + "/Media.json"},
            "to": text.customer,
            "uri": uri + ".json",
        }


def sign(token: str, url: str, form: Mapping[str, str]) -> str:
    """X-Twilio-Signature, written apart from the channel's own, so that one checks the other."""
    signed = url + "".join(key + form[key] for key in sorted(form))
    return base64.b64encode(hmac.new(token.encode(), signed.encode(), hashlib.sha1).digest()).decode()


def segments(body: str) -> int:
    """How many SMS it takes: 160 or 153 GSM characters, 70 or 67 UTF-16 units otherwise (ASCII stands for GSM here)."""
    length, one, more = (len(body), 160, 153) if body.isascii() else (len(body.encode("utf-16-le")) // 2, 70, 67)
    return 1 if length <= one else -(-length // more)


def refuse(status: int, code: int, message: str, headers: dict[str, str] | None = None) -> web.Response:
    """An error as Twilio words it."""
    content = {
        "code": code,
        "message": message,
        "more_info": f"https://www.twilio.com/docs/errors/{code}",
        "status": status,
    }
    return web.json_response(content, status=status, headers=headers)
