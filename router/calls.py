"""The API's calls as one table: what each takes apart of a request, and the view it gives. `functions.api` serves them."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import BaseModel

from router import (
    auditing,
    campaign_views,
    care_calls,
    consent_views,
    contact_row_views,
    decision_views,
    desk_calls,
    finding,
    happened,
    machines,
    marks,
    measure_views,
    presenting,
    proving,
    saved,
    score_views,
    suppressions,
    telling,
    views,
)
from router import integration_views as shapes
from router import suppression_views as stops
from router.asked import Asked, Call
from router.errors import Invalid
from router.exchange import Exchange
from router.once import need_key
from router.presenting import done
from router.records import Suppression

# --- machine clients -----------------------------------------------------------------------------------------------


def _client(c: machines.Client) -> shapes.ClientView:
    return shapes.ClientView(
        id=c.id,
        name=c.name,
        scopes=c.scopes,
        created_at=c.created_at,
        created_by=c.created_by,
        last_used_at=c.last_used_at,
        revoked_at=c.revoked_at,
        secrets=tuple(shapes.SecretView(number=s.number, created_at=s.created_at, until=s.until) for s in c.secrets),
    )


def _clients(x: Exchange, asked: Asked) -> BaseModel:
    asked.user.need("admin")
    return shapes.ClientList(clients=tuple(map(_client, x.table.clients())))


def _create_client(x: Exchange, asked: Asked) -> BaseModel:
    body = asked.body(shapes.ClientBody)
    client, secret = machines.create(x, asked.user, body.name, body.scopes, asked.key)
    return shapes.ClientSecretView(client=_client(client), secret=secret)


def _rotate_client(x: Exchange, asked: Asked) -> BaseModel:
    now = asked.body(shapes.RotateBody).now
    client, secret = machines.rotate(x, asked.user, asked.path("client"), asked.key, now=now)
    return shapes.ClientSecretView(client=_client(client), secret=secret)


def _revoke_client(x: Exchange, asked: Asked) -> BaseModel:
    return _client(machines.revoke(x, asked.user, asked.path("client"), asked.key))


# --- events --------------------------------------------------------------------------------------------------------


def _tell(x: Exchange, asked: Asked) -> BaseModel:
    body = asked.body(shapes.EventBody)
    need_key(asked.key)
    return presenting.event_view(telling.told(x, asked.user, body, asked.key))


def _happened(x: Exchange, asked: Asked) -> BaseModel:
    found, mark = happened.happenings(x, asked.path("contact"), asked.query("cursor"), asked.limit)
    return shapes.EventPage(events=tuple(map(presenting.event_view, found)), next=mark)


# --- saved replies -------------------------------------------------------------------------------------------------


def _reply(r: saved.SavedReply) -> shapes.SavedReplyView:
    return shapes.SavedReplyView(
        id=r.id,
        shortcut=r.shortcut,
        title=r.title,
        texts=dict(r.texts),
        queues=r.queues,
        changed_at=r.changed_at,
        changed_by=r.changed_by,
    )


def _replies(x: Exchange, asked: Asked) -> BaseModel:
    found = saved.listed(x, asked.query("q"), asked.query("language"), asked.query("queue"))
    return shapes.SavedReplyList(replies=tuple(map(_reply, found)))


def _save_reply(x: Exchange, asked: Asked) -> BaseModel:
    return _save(x, asked, None)


def _change_reply(x: Exchange, asked: Asked) -> BaseModel:
    return _save(x, asked, asked.path("reply"))


def _save(x: Exchange, asked: Asked, reply: str | None) -> BaseModel:
    body = asked.body(shapes.SavedReplyBody)
    return _reply(
        saved.save(
            x,
            asked.user,
            asked.key,
            shortcut=body.shortcut,
            title=body.title,
            texts=body.texts,
            queues=body.queues,
            reply=reply,
        )
    )


def _delete_reply(x: Exchange, asked: Asked) -> BaseModel:
    saved.delete(x, asked.user, asked.path("reply"), asked.key)
    return views.Done()


def _render_reply(x: Exchange, asked: Asked) -> BaseModel:
    conversation = asked.query("conversation")
    if conversation is None:
        raise Invalid("say ?conversation=", field="conversation")
    found = saved.rendered(x, asked.user, asked.path("reply"), conversation)
    return shapes.RenderedReply(text=found.text, language=found.language, missing=found.missing)


# --- marks ---------------------------------------------------------------------------------------------------------


def _tag(x: Exchange, asked: Asked) -> BaseModel:
    body = asked.body(shapes.TagsBody)
    return done(x, marks.tag(x, asked.user, asked.path("conversation"), body.add, body.remove, asked.key))


def _categorise(x: Exchange, asked: Asked) -> BaseModel:
    category = asked.body(shapes.CategoryBody).category
    return done(x, marks.categorise(x, asked.user, asked.path("conversation"), category, asked.key))


def _spam(x: Exchange, asked: Asked) -> BaseModel:
    block = asked.body(shapes.SpamBody).block
    return done(x, marks.spam(x, asked.user, asked.path("conversation"), block=block, key=asked.key))


def _not_spam(x: Exchange, asked: Asked) -> BaseModel:
    return done(x, marks.not_spam(x, asked.user, asked.path("conversation"), asked.key))


def _block(x: Exchange, asked: Asked) -> BaseModel:
    result = marks.block(x, asked.user, asked.path("contact"), asked.key)
    return presenting.contact_view(x, presenting.contact(x, str(result.subject)))


def _unblock(x: Exchange, asked: Asked) -> BaseModel:
    result = marks.unblock(x, asked.user, asked.path("contact"), asked.key)
    return presenting.contact_view(x, presenting.contact(x, str(result.subject)))


def _verify(x: Exchange, asked: Asked) -> BaseModel:
    body = asked.body(shapes.VerificationBody)
    made = proving.ask(x, asked.user, asked.path("contact"), body.channel, body.address, asked.key)
    return shapes.VerificationView(
        contact=made.contact, channel=str(made.channel), address=made.address, until=made.until
    )


def _suppression(one: Suppression) -> stops.SuppressionView:
    return stops.SuppressionView(
        channel=one.channel, address=one.address, reason=one.reason, source=one.source, at=one.at
    )


def _suppressions(x: Exchange, asked: Asked) -> BaseModel:
    asked.user.need("supervisor")
    found, mark = suppressions.suppressions(x, asked.query("channel"), asked.query("cursor"), asked.limit)
    return stops.SuppressionPage(suppressions=tuple(map(_suppression, found)), next=mark)


def _suppress(x: Exchange, asked: Asked) -> BaseModel:
    body = asked.body(stops.SuppressionBody)
    return _suppression(suppressions.stop(x, asked.user, body.channel, body.address, body.reason, asked.key))


def _lift(x: Exchange, asked: Asked) -> BaseModel:
    body = asked.body(stops.LiftBody)
    suppressions.lift(x, asked.user, body.channel, body.address, asked.key)
    return views.Done()


# --- search, audit -------------------------------------------------------------------------------------------------


def _search(x: Exchange, asked: Asked) -> BaseModel:
    contact = asked.query("contact")
    named = contact if contact is not None and not contact.startswith("p_") else None
    sought = finding.Sought(
        words=finding.words_of(asked.query("q")),
        name=finding.name_of(named),
        channel=finding.known_channel(asked.query("channel")),
        tag=asked.query("tag"),
        state=asked.query("state"),
        queue=asked.query("queue"),
        agent=asked.query("agent"),
        since=asked.time("since"),
    )
    person = contact if named is None else None
    return finding.search(x, sought, person, asked.query("address"), asked.query("cursor"), asked.limit)


def _audit(x: Exchange, asked: Asked) -> BaseModel:
    asked.user.need("admin")
    day, who, what, subject, cursor = map(asked.query, ("day", "who", "what", "subject", "cursor"))
    return auditing.audit(x, day=day, who=who, what=what, subject=subject, cursor=cursor, limit=asked.limit)


CALLS: Iterable[Call] = (
    *desk_calls.CALLS,
    *campaign_views.CALLS,
    *care_calls.CALLS,
    *consent_views.CALLS,
    *contact_row_views.CALLS,
    *decision_views.CALLS,
    *measure_views.CALLS,
    *score_views.CALLS,
    Call("post", "/v1/conversations/{conversation}/tags", _tag),
    Call("post", "/v1/conversations/{conversation}/category", _categorise),
    Call("post", "/v1/conversations/{conversation}/spam", _spam),
    Call("post", "/v1/conversations/{conversation}/not-spam", _not_spam),
    Call("post", "/v1/contacts/{contact}/block", _block),
    Call("post", "/v1/contacts/{contact}/unblock", _unblock),
    Call("post", "/v1/contacts/{contact}/verifications", _verify, 201),
    Call("get", "/v1/contacts/{contact}/events", _happened),
    Call("post", "/v1/events", _tell),
    Call("get", "/v1/saved-replies", _replies),
    Call("post", "/v1/saved-replies", _save_reply, 201),
    Call("post", "/v1/saved-replies/{reply}", _change_reply),
    Call("post", "/v1/saved-replies/{reply}/delete", _delete_reply),
    Call("get", "/v1/saved-replies/{reply}/render", _render_reply),
    Call("get", "/v1/search", _search),
    Call("get", "/v1/suppressions", _suppressions),
    Call("post", "/v1/suppressions", _suppress, 201),
    Call("post", "/v1/suppressions/lift", _lift),
    Call("get", "/v1/audit", _audit),
    Call("get", "/v1/clients", _clients),
    Call("post", "/v1/clients", _create_client, 201),
    Call("post", "/v1/clients/{client}/rotate", _rotate_client),
    Call("post", "/v1/clients/{client}/revoke", _revoke_client),
)
