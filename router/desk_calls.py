"""The calls of those who answer: conversations, files, agents and contacts."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import BaseModel

from router import (
    browsing,
    contact_views,
    desk,
    desk_bodies,
    handing,
    offers,
    people,
    presenting,
    promising,
    scoring,
    views,
)
from router.asked import Asked, Call
from router.attachments import open_file
from router.errors import Invalid
from router.exchange import Exchange
from router.explaining import explain
from router.explaining_deadlines import explain_deadlines
from router.file_views import FileLinkView, UploadBody, UploadView
from router.presenting import done
from router.profile import Changes
from router.scores import ScoreKind
from router.starting import Start, start
from router.uploads import new_upload
from router.way_views import inbox_view


def _me(x: Exchange, asked: Asked) -> BaseModel:
    who = asked.user
    agent = x.config().agent(who.name)
    return views.MeView(
        name=who.name,
        display_name=agent.display_name if agent else who.name,
        roles=tuple(role for role in ("agent", "supervisor", "admin") if role in who.roles),
        presence=presenting.agent_by_name(x, who.name).presence if agent else None,
        presences=x.config().presence_names,
        presence_labels={one.name: dict(one.label) for one in x.config().presences if one.label},
        queues=tuple(queue.name for queue in x.config().queues),
        inboxes=tuple(inbox_view(x, inbox) for inbox in x.config().inboxes),
    )


# --- conversations -------------------------------------------------------------------------------------------------


def _conversations(x: Exchange, asked: Asked) -> BaseModel:
    state, queue, agent, contact, tag, cursor = map(
        asked.query, ("state", "queue", "agent", "contact", "tag", "cursor")
    )
    watching = asked.query("watching")
    if watching not in (None, "me"):
        raise Invalid("write me: one's own", field="watching")
    watcher = asked.user.name if watching is not None else None
    return browsing.conversations(
        x, state=state, queue=queue, agent=agent, contact=contact, tag=tag, watcher=watcher, cursor=cursor,
        limit=asked.limit,
    )  # fmt: skip


def _start(x: Exchange, asked: Asked) -> BaseModel:
    body = asked.body(desk_bodies.StartBody)
    wanted = Start(
        inbox=body.inbox,
        answer=body.answer(),
        contact=body.contact,
        address=body.address,
        subject=body.subject,
        queue=body.queue,
        language=body.language,
        name=body.name,
        attachments=body.attachments,
    )
    return done(x, start(x, asked.user, wanted, asked.key))


def _conversation(x: Exchange, asked: Asked) -> BaseModel:
    return presenting.detail(x, asked.path("conversation"), asked.user)


def _explanation(x: Exchange, asked: Asked) -> BaseModel:
    language, audience = asked.query("language"), asked.query("as")
    return explain(x, asked.user, asked.path("conversation"), language=language, audience=audience)


def _deadlines(x: Exchange, asked: Asked) -> BaseModel:
    return explain_deadlines(x, asked.user, asked.path("conversation"), language=asked.query("language"))


def _messages(x: Exchange, asked: Asked) -> BaseModel:
    after, before = asked.mark("after"), asked.mark("before")
    return presenting.messages(x, asked.path("conversation"), after=after, before=before, limit=asked.limit)


def _reply(x: Exchange, asked: Asked) -> BaseModel:
    body = asked.body(desk_bodies.ReplyBody)
    result = desk.reply(
        x,
        asked.user,
        asked.path("conversation"),
        body.answer(),
        asked.key,
        via=body.via,
        attachments=body.attachments,
        pledge=body.promise.pledge() if body.promise is not None else None,
    )
    return done(x, result)


def _note(x: Exchange, asked: Asked) -> BaseModel:
    text = asked.body(desk_bodies.NoteBody).text
    return done(x, desk.note(x, asked.user, asked.path("conversation"), text, asked.key))


def _resolve(x: Exchange, asked: Asked) -> BaseModel:
    return done(x, desk.resolve(x, asked.user, asked.path("conversation"), asked.key))


def _reopen(x: Exchange, asked: Asked) -> BaseModel:
    return done(x, desk.reopen(x, asked.user, asked.path("conversation"), asked.key))


def _take(x: Exchange, asked: Asked) -> BaseModel:
    return done(x, handing.take(x, asked.user, asked.path("conversation"), asked.key))


def _accept(x: Exchange, asked: Asked) -> BaseModel:
    return done(x, offers.accept(x, asked.user, asked.path("conversation"), asked.key))


def _decline(x: Exchange, asked: Asked) -> BaseModel:
    reason = asked.body(desk_bodies.DeclineBody).reason
    return done(x, offers.decline(x, asked.user, asked.path("conversation"), reason, asked.key))


def _assign(x: Exchange, asked: Asked) -> BaseModel:
    body = asked.body(desk_bodies.AssignBody)
    return done(x, handing.assign(x, asked.user, asked.path("conversation"), body.agent, body.note, asked.key))


def _snooze(x: Exchange, asked: Asked) -> BaseModel:
    until = asked.body(desk_bodies.SnoozeBody).until
    return done(x, handing.snooze(x, asked.user, asked.path("conversation"), until, asked.key))


def _transfer(x: Exchange, asked: Asked) -> BaseModel:
    body = asked.body(desk_bodies.TransferBody)
    result = handing.transfer(
        x,
        asked.user,
        asked.path("conversation"),
        queue=body.queue,
        agent=body.agent,
        needs=body.skill,
        seconds=body.seconds,
        text=body.note,
        key=asked.key,
    )
    return done(x, result)


# --- promises and scores -------------------------------------------------------------------------------------------


def _promise(x: Exchange, asked: Asked) -> BaseModel:
    pledge = asked.body(desk_bodies.PledgeBody).pledge()
    return done(x, promising.promise(x, asked.user, asked.path("conversation"), pledge, asked.key))


def _keep(x: Exchange, asked: Asked) -> BaseModel:
    return done(x, promising.keep(x, asked.user, asked.path("conversation"), asked.path("promise"), asked.key))


def _take_back(x: Exchange, asked: Asked) -> BaseModel:
    return done(x, promising.take_back(x, asked.user, asked.path("conversation"), asked.path("promise"), asked.key))


def _quality(x: Exchange, asked: Asked) -> BaseModel:
    body = asked.body(desk_bodies.QualityBody)
    return done(
        x, scoring.judge(x, asked.user, asked.path("conversation"), body.score, body.text, body.agent, asked.key)
    )


def _satisfaction(x: Exchange, asked: Asked) -> BaseModel:
    body = asked.body(desk_bodies.SatisfactionBody)
    kind = ScoreKind(body.kind)
    return done(x, scoring.rate(x, asked.user, asked.path("conversation"), kind, body.score, body.text, asked.key))


# --- files ---------------------------------------------------------------------------------------------------------


def _upload(x: Exchange, asked: Asked) -> BaseModel:
    body = asked.body(UploadBody)
    made, url, expires_at = new_upload(x, asked.user, body.filename, body.content_type, body.size)
    return UploadView(id=made.id, upload_url=url, content_type=made.content_type, expires_at=expires_at)


def _open_attachment(x: Exchange, asked: Asked) -> BaseModel:
    number = asked.path("number")
    place = int(number) if number.isascii() and number.isdigit() and len(number) < 4 else -1
    url, expires_at, name, kind, size = open_file(x, asked.path("message"), place)
    return FileLinkView(url=url, expires_at=expires_at, filename=name, content_type=kind, size=size)


# --- people --------------------------------------------------------------------------------------------------------


def _agents(x: Exchange, _: Asked) -> BaseModel:
    return views.AgentList(agents=presenting.agents(x))


def _agent(x: Exchange, asked: Asked) -> BaseModel:
    return presenting.agent_by_name(x, asked.path("agent"))


def _presence(x: Exchange, asked: Asked) -> BaseModel:
    desk.set_presence(x, asked.user, asked.path("agent"), asked.body(desk_bodies.PresenceBody).presence, asked.key)
    return presenting.agent_by_name(x, asked.path("agent"))


def _find_contact(x: Exchange, asked: Asked) -> BaseModel:
    channel, address = asked.query("channel"), asked.query("address")
    if channel is None or address is None:
        raise Invalid("say ?channel= and ?address=", field="address")
    return presenting.contact_view(x, presenting.contact_by_address(x, channel, address))


def _contact(x: Exchange, asked: Asked) -> BaseModel:
    return presenting.contact_view(x, presenting.contact(x, asked.path("contact")))


def _save_contact(x: Exchange, asked: Asked) -> BaseModel:
    body = asked.body(contact_views.ContactBody)
    changes = Changes(
        body.name, body.language, body.preferred, body.zone, body.birthday, body.tags, body.attributes
    )  # fmt: skip
    desk.save_contact(x, asked.user, asked.path("contact"), changes, asked.key)
    return _contact(x, asked)


def _join(x: Exchange, asked: Asked) -> BaseModel:
    people.join(x, asked.user, asked.path("contact"), asked.body(contact_views.JoinBody).contact, asked.key)
    return _contact(x, asked)


def _separate(x: Exchange, asked: Asked) -> BaseModel:
    people.separate(x, asked.user, asked.path("contact"), asked.body(contact_views.JoinBody).contact, asked.key)
    return _contact(x, asked)


CALLS: Iterable[Call] = (
    Call("get", "/v1/me", _me),
    Call("get", "/v1/conversations", _conversations),
    Call("post", "/v1/conversations", _start),
    Call("get", "/v1/conversations/{conversation}", _conversation),
    Call("get", "/v1/conversations/{conversation}/explanation", _explanation),
    Call("get", "/v1/conversations/{conversation}/sla", _deadlines),
    Call("get", "/v1/conversations/{conversation}/messages", _messages),
    Call("post", "/v1/conversations/{conversation}/replies", _reply),
    Call("post", "/v1/conversations/{conversation}/notes", _note),
    Call("post", "/v1/conversations/{conversation}/resolve", _resolve),
    Call("post", "/v1/conversations/{conversation}/reopen", _reopen),
    Call("post", "/v1/conversations/{conversation}/take", _take),
    Call("post", "/v1/conversations/{conversation}/accept", _accept),
    Call("post", "/v1/conversations/{conversation}/decline", _decline),
    Call("post", "/v1/conversations/{conversation}/assign", _assign),
    Call("post", "/v1/conversations/{conversation}/snooze", _snooze),
    Call("post", "/v1/conversations/{conversation}/transfer", _transfer),
    Call("post", "/v1/conversations/{conversation}/promises", _promise),
    Call("post", "/v1/conversations/{conversation}/promises/{promise}/keep", _keep),
    Call("post", "/v1/conversations/{conversation}/promises/{promise}/take-back", _take_back),
    Call("post", "/v1/conversations/{conversation}/quality", _quality),
    Call("post", "/v1/conversations/{conversation}/satisfaction", _satisfaction),
    Call("post", "/v1/attachments", _upload, 201),
    Call("get", "/v1/messages/{message}/attachments/{number}", _open_attachment),
    Call("get", "/v1/agents", _agents),
    Call("get", "/v1/agents/{agent}", _agent),
    Call("post", "/v1/agents/{agent}/presence", _presence),
    Call("get", "/v1/contacts", _find_contact),
    Call("get", "/v1/contacts/{contact}", _contact),
    Call("post", "/v1/contacts/{contact}", _save_contact),
    Call("post", "/v1/contacts/{contact}/join", _join),
    Call("post", "/v1/contacts/{contact}/separate", _separate),
)
