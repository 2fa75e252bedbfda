"""What Twilio knows of an inbox's number, Messaging Service or WhatsApp sender.

Facts are from Twilio's pages "IncomingPhoneNumber resource", "Services resource" and "Senders API" (the last in beta).
"""

from __future__ import annotations

import json
from collections.abc import Generator, Mapping
from urllib.parse import quote, urlencode

from channels.twilio_send import API, basic
from router.errors import Rejected
from router.wire import HttpRequest, HttpResponse
from santral.inbox_checks import Check, Fix, Line, Subject, listed, object_in, shown, told, unsigned

MESSAGING = "https://messaging.twilio.com"
_TOKEN = "copy Account SID and Auth Token from the Console's first page"


def twilio(s: Subject) -> Check:
    """Whether Twilio calls this inbox's URL for what comes to its address."""
    if s.credentials.get("auth_token"):
        yield from unsigned(s)
    try:
        authorization = basic(s.credentials)
    except Rejected:
        return
    channel, colon, _ = s.inbox.address.partition(":")
    service = s.credentials.get("messaging_service_sid") or s.inbox.settings.get("messaging_service_sid")
    if colon and channel == "whatsapp":
        yield from _sender(s, authorization)
        return
    query = urlencode({"PhoneNumber": s.inbox.address})
    answer = yield from _taken(f"{_account(s)}/IncomingPhoneNumbers.json?{query}", authorization)
    if answer is None:
        return
    number = next((n for n in listed(object_in(answer).get("incoming_phone_numbers")) if _is(n, s)), None)
    if number is None:
        yield Line("missing", f"the account has no number {s.inbox.address}", "buy or port it, or correct the address")
        return
    can = number.get("capabilities")
    if isinstance(can, Mapping) and can.get("sms") is not True:
        yield Line("missing", "the number carries no SMS", "take one with the capability SMS")
    if service:
        yield from _service(s, str(service), authorization, number)
        return
    yield _number(s, number, authorization)


def _number(s: Subject, number: Mapping[str, object], authorization: str) -> Line:
    form = urlencode({"SmsUrl": s.url, "SmsMethod": "POST", "SmsApplicationSid": ""}).encode()
    headers = {"authorization": authorization, "content-type": "application/x-www-form-urlencoded"}
    where = f"{_account(s)}/IncomingPhoneNumbers/{quote(str(number.get('sid')), safe='')}.json"
    fix = Fix(f"Let {s.inbox.address} call {s.url}?", HttpRequest("POST", where, headers, form), _failed)
    todo = f"Phone Numbers > Manage > Active numbers > {s.inbox.address} > Messaging: {s.url}, HTTP POST; or --fix"
    if number.get("sms_application_sid"):
        return Line("missing", "a TwiML App takes the number's messages, whatever its URL is", todo, fix)
    if number.get("sms_url") != s.url:
        return Line("missing", f"Twilio calls {shown(str(number.get('sms_url') or ''))}", todo, fix)
    if str(number.get("sms_method") or "POST").upper() != "POST":
        return Line("missing", "Twilio calls by GET", todo, fix)
    return Line("ok", "Twilio calls this inbox's URL for the number's messages")


def _service(s: Subject, sid: str, authorization: str, number: Mapping[str, object]) -> Check:
    where = f"{MESSAGING}/v1/Services/{quote(sid, safe='')}"
    answer = yield _get(where, authorization)
    service = object_in(answer)
    if answer is None or answer.status != 200:
        yield told(answer, "messaging_service_sid", "Twilio", "copy the SID from Messaging > Services")
        return
    if service.get("use_inbound_webhook_on_number") is True:
        yield _number(s, number, authorization)
        return
    form = urlencode({"InboundRequestUrl": s.url, "InboundMethod": "POST"}).encode()
    headers = {"authorization": authorization, "content-type": "application/x-www-form-urlencoded"}
    fix = Fix(f"Let the Messaging Service {sid} call {s.url}?", HttpRequest("POST", where, headers, form), _failed)
    todo = f"Messaging > Services > Integration: send a webhook, {s.url}, HTTP POST; or --fix"
    if service.get("inbound_request_url") != s.url:
        found = shown(str(service.get("inbound_request_url") or ""))
        yield Line("missing", f"the Messaging Service calls {found}", todo, fix)
    else:
        yield Line("ok", "the Messaging Service calls this inbox's URL")


def _sender(s: Subject, authorization: str) -> Check:
    query = urlencode({"Channel": "whatsapp", "PageSize": 100})
    answer = yield from _taken(f"{MESSAGING}/v2/Channels/Senders?{query}", authorization)
    if answer is None:
        return
    sender = next(
        (one for one in listed(object_in(answer).get("senders")) if one.get("sender_id") == s.inbox.address), None
    )
    if sender is None:
        todo = "register it: Messaging > Senders > WhatsApp senders"
        yield Line("missing", f"the account has no WhatsApp sender {s.inbox.address.partition(':')[2]}", todo)
        return
    status = str(sender.get("status") or "")
    if not status.startswith("ONLINE"):
        yield Line(
            "missing",
            f"the sender is {status or 'of unknown status'}, not ONLINE",
            "finish its registration in the Console",
        )
    hook = sender.get("webhook")
    url = str(hook.get("callback_url") or "") if isinstance(hook, Mapping) else ""
    body = json.dumps({"webhook": {"callback_url": s.url, "callback_method": "POST"}}).encode()
    headers = {"authorization": authorization, "content-type": "application/json"}
    where = f"{MESSAGING}/v2/Channels/Senders/{quote(str(sender.get('sid')), safe='')}"
    fix = Fix(f"Let the WhatsApp sender call {s.url}?", HttpRequest("POST", where, headers, body), _failed)
    if url != s.url:
        todo = f"Messaging > Senders > WhatsApp senders > Webhook URL for incoming messages: {s.url}; or --fix"
        yield Line("missing", f"the WhatsApp sender calls {shown(url)}", todo, fix)
    else:
        yield Line("ok", "the WhatsApp sender calls this inbox's URL")


def _taken(url: str, authorization: str) -> Generator[HttpRequest | Line, HttpResponse | None, HttpResponse | None]:
    """The answer, where Twilio takes the credentials. A line says whether it does."""
    answer = yield _get(url, authorization)
    if answer is None or answer.status != 200:
        yield told(answer, "account_sid and auth_token", "Twilio", _TOKEN)
        return None
    yield Line("ok", "Twilio takes account_sid and auth_token")
    return answer


def _account(s: Subject) -> str:
    return f"{API}/{quote(s.credentials.get('account_sid', ''), safe='')}"


def _is(number: Mapping[str, object], s: Subject) -> bool:
    return number.get("phone_number") == s.inbox.address


def _get(url: str, authorization: str) -> HttpRequest:
    return HttpRequest("GET", url, {"authorization": authorization, "accept": "application/json"})


def _failed(answer: HttpResponse) -> str | None:
    return None if 200 <= answer.status < 300 else f"Twilio answered {answer.status}"
