"""What customers and providers send: a kilobyte by SMS or mail, receipts, and the events that carry them to a function."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

TOKEN = secrets.token_hex(16)
SID = "AC" + secrets.token_hex(16)
SMS_TO = "+15005550100"
MAIL_TO = "support@example.com"
# A kilobyte as people write it; random letters would not compress, one repeated letter would compress to nothing.
TEXT = (
    "Hello, I ordered a pair of walking boots and a rain jacket from you two weeks ago (order 70-48213) and only the "
    "jacket has come so far. The parcel tracking page says that the second box was handed over in Eskişehir on Tuesday, "
    "but nobody rang, no card was left, and the shop on the corner has not seen it either. We leave for Artvin on the "
    "14th and my daughter needs the boots by then, so please tell me today whether they are lost. If they are, I would "
    "rather have a new pair in 38 sent by courier than my money back; I am happy to pay the difference. The colour was "
    "“chestnut”, but any brown will do. Another thing: the invoice was made out to my old address at Bağlar Caddesi 12. "
    "Could you change it to Yeni Mahalle, Gül Sokak 7/3, and send me the corrected one as a PDF? I have been a customer "
    "since 2014 and this is the first time that anything went wrong, so no hard feelings. You reach me best by phone "
    "after six, or here at any time. Many thanks and kind regards, Nermin Karaca"
)
_VERDICT = {"status": "PASS"}


def phone(number: int) -> str:
    """Somebody's mobile number."""
    return f"+9053{number % 10**8:08d}"


def sms(text: str, sid: str, sender: str) -> dict[str, str]:
    """The fields Twilio posts for an incoming SMS."""
    return {
        "ToCountry": "US", "ToState": "", "SmsMessageSid": sid, "NumMedia": "0", "ToCity": "", "FromZip": "94105",
        "SmsSid": sid, "FromState": "CA", "SmsStatus": "received", "FromCity": "SAN FRANCISCO", "Body": text,
        "FromCountry": "US", "To": SMS_TO, "ToZip": "", "NumSegments": "1", "MessageSid": sid, "AccountSid": SID,
        "From": sender, "ApiVersion": "2010-04-01",
    }  # fmt: skip


def status(sid: str, to: str) -> dict[str, str]:
    """The fields Twilio posts when a message of ours arrived."""
    return {
        "SmsSid": sid, "SmsStatus": "delivered", "MessageStatus": "delivered", "To": to, "MessageSid": sid,
        "AccountSid": SID, "From": SMS_TO, "ApiVersion": "2010-04-01",
    }  # fmt: skip


def signed(base: str, fields: Mapping[str, str], query: str = "") -> tuple[str, dict[str, str], bytes]:
    """Path, headers and body of a webhook call with Twilio's signature (twilio.com/docs/usage/security)."""
    path = "/webhooks/twilio/sms"
    told = base + path + (f"?{query}" if query else "") + "".join(name + fields[name] for name in sorted(fields))
    signature = base64.b64encode(hmac.new(TOKEN.encode(), told.encode(), hashlib.sha1).digest()).decode()
    headers = {"content-type": "application/x-www-form-urlencoded", "x-twilio-signature": signature}
    return path, headers, urlencode(fields).encode()


def webhook(base: str, fields: Mapping[str, str], query: str = "") -> dict[str, Any]:
    """The call as API Gateway hands it to `receive`."""
    path, headers, body = signed(base, fields, query)
    event = http("POST", path, headers, body, query)
    return event | {"pathParameters": {"channel": "twilio", "inbox": "sms"}}


def http(method: str, path: str, headers: Mapping[str, str], body: bytes, query: str = "") -> dict[str, Any]:
    """An HTTP API event, payload format 2.0."""
    return {
        "version": "2.0", "routeKey": "$default", "rawPath": path, "rawQueryString": query, "headers": dict(headers),
        "requestContext": {
            "http": {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": "-"},
            "requestId": "r", "stage": "$default", "timeEpoch": 0, "apiId": "a", "accountId": "1", "domainName": "d",
        },
        "body": base64.b64encode(body).decode(), "isBase64Encoded": True,
    }  # fmt: skip


def mail(sender: str, number: str, size: int = 1024) -> bytes:
    """A raw mail of `size` bytes, of a person who wrote before to nobody."""
    head = (
        f"Return-Path: <{sender}>\r\nReceived: from mx.example.net (mx.example.net [192.0.2.10])\r\n"
        f"\tby inbound-smtp.eu-central-1.amazonaws.com with SMTP id {number}\r\n"
        f"From: Nermin Karaca <{sender}>\r\nTo: {MAIL_TO}\r\nSubject: Where are my boots? Order {number}\r\n"
        f"Date: Mon, 02 Mar 2026 09:00:00 +0300\r\nMessage-ID: <{number}@mail.example.net>\r\nMIME-Version: 1.0\r\n"
        "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    ).encode()
    body = TEXT.encode()[: max(0, size - len(head))].decode("utf-8", "ignore").encode()
    return head + body


def notification(bucket: str, key: str, sender: str) -> dict[str, Any]:
    """SES's word, by SNS, on a mail it put into the bucket."""
    now = datetime.now(UTC).isoformat()
    told = {
        "notificationType": "Received",
        "mail": {"timestamp": now, "messageId": key.rpartition("/")[2], "source": sender, "destination": [MAIL_TO]},
        "receipt": {
            "timestamp": now, "recipients": [MAIL_TO], "spamVerdict": _VERDICT, "virusVerdict": _VERDICT,
            "spfVerdict": _VERDICT, "dkimVerdict": _VERDICT, "dmarcVerdict": _VERDICT,
            "action": {"type": "S3", "bucketName": bucket, "objectKey": key, "topicArn": "arn:aws:sns:x:1:mail"},
        },
    }  # fmt: skip
    return _by_sns(told)


def delivered(send: str, external_id: str, to: str) -> dict[str, Any]:
    """SES's event that a mail of ours arrived."""
    now = datetime.now(UTC).isoformat()
    mail = {
        "timestamp": now, "messageId": external_id, "source": MAIL_TO, "destination": [to], "tags": {"santral-send": [send]},
    }  # fmt: skip
    details = {"timestamp": now, "recipients": [to], "smtpResponse": "250 ok", "processingTimeMillis": 600}
    return _by_sns({"eventType": "Delivery", "mail": mail, "delivery": details})


def _by_sns(told: Mapping[str, Any]) -> dict[str, Any]:
    sns = {"Type": "Notification", "MessageId": "1", "TopicArn": "arn:aws:sns:x:1:mail", "Message": json.dumps(told)}
    return {"Records": [{"EventSource": "aws:sns", "EventVersion": "1.0", "Sns": sns}]}
