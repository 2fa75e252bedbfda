"""The calls for what wants a person: parked sends, calls that could not be read, webhooks that did not take an event."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import BaseModel

from router import care_views, hooks, stuck, views, webhook_views
from router.asked import Asked, Call
from router.exchange import Exchange
from router.presenting import done
from router.records import Quarantined


def _parked(x: Exchange, asked: Asked) -> BaseModel:
    asked.user.need("supervisor")
    limit = asked.limit
    rows = x.table.listed("parked", after=asked.mark("cursor"), limit=limit)
    sends = x.table.sends([key[0].removeprefix("M#") for key, _ in rows])
    found = []
    for key, mark in rows:
        send = sends.get(key[0].removeprefix("M#"))
        if send is not None:
            found.append(
                care_views.ParkedView(
                    id=send.id,
                    conversation=send.conversation,
                    channel=str(send.message.channel),
                    recipient=send.to,
                    text=send.message.text[:500],
                    reason=send.error or send.shown,
                    attempts=send.attempts,
                    since=x.table.mark_time(mark),
                )
            )
    return care_views.ParkedPage(parked=tuple(found), next=rows[-1][1] if len(rows) == limit else None)


def _resend(x: Exchange, asked: Asked) -> BaseModel:
    return done(x, stuck.resend(x, asked.user, asked.path("send"), asked.key))


def _discard(x: Exchange, asked: Asked) -> BaseModel:
    return done(x, stuck.discard(x, asked.user, asked.path("send"), asked.key))


def _quarantine(x: Exchange, asked: Asked) -> BaseModel:
    asked.user.need("supervisor")
    limit = asked.limit
    rows = x.table.listed("quarantine", after=asked.mark("cursor"), limit=limit)
    found: list[Quarantined] = x.intake.quarantined([key[0].removeprefix("Q#") for key, _ in rows])
    shown = tuple(
        care_views.QuarantineView(
            id=one.id,
            channel=one.call.channel,
            inbox=one.call.inbox,
            reason=one.reason,
            received_at=one.call.received_at,
            bytes=len(one.call.body),
        )
        for one in found
    )
    return care_views.QuarantinePage(quarantine=shown, next=rows[-1][1] if len(rows) == limit else None)


def _retry_quarantined(x: Exchange, asked: Asked) -> BaseModel:
    stuck.retry_quarantined(x, asked.user, asked.path("entry"), asked.key)
    return views.Done()


def _discard_quarantined(x: Exchange, asked: Asked) -> BaseModel:
    stuck.discard_quarantined(x, asked.user, asked.path("entry"), asked.key)
    return views.Done()


def _webhooks(x: Exchange, asked: Asked) -> BaseModel:
    asked.user.need("admin")
    return webhook_views.webhooks(x)


def _switch_on(x: Exchange, asked: Asked) -> BaseModel:
    hooks.switch_on(x, asked.user, asked.path("webhook"), asked.key)
    return views.Done()


def _deliveries(x: Exchange, asked: Asked) -> BaseModel:
    asked.user.need("admin")
    return webhook_views.webhook_deliveries(x, asked.mark("cursor"), asked.limit)


def _resend_delivery(x: Exchange, asked: Asked) -> BaseModel:
    hooks.resend(x, asked.user, asked.path("delivery"), asked.key)
    return views.Done()


def _discard_delivery(x: Exchange, asked: Asked) -> BaseModel:
    hooks.discard(x, asked.user, asked.path("delivery"), asked.key)
    return views.Done()


CALLS: Iterable[Call] = (
    Call("get", "/v1/parked", _parked),
    Call("post", "/v1/parked/{send}/resend", _resend),
    Call("post", "/v1/parked/{send}/discard", _discard),
    Call("get", "/v1/quarantine", _quarantine),
    Call("post", "/v1/quarantine/{entry}/retry", _retry_quarantined),
    Call("post", "/v1/quarantine/{entry}/discard", _discard_quarantined),
    Call("get", "/v1/webhooks", _webhooks),
    Call("post", "/v1/webhooks/{webhook}/switch-on", _switch_on),
    Call("get", "/v1/webhook-deliveries", _deliveries),
    Call("post", "/v1/webhook-deliveries/{delivery}/resend", _resend_delivery),
    Call("post", "/v1/webhook-deliveries/{delivery}/discard", _discard_delivery),
)
