"""A long day in a world: every path that touches AWS, once."""

from __future__ import annotations

import base64
import json
from typing import Any

import functions.measure
import functions.publish
import functions.timer
from router.config import Config
from router.conversations import Conversation, State
from router.messages import ChannelName, Provider, Receipt, ReceiptStatus
from router.receive import reported
from router.signals import Due
from router.wire import HttpResponse
from tests.kit.events import LambdaContext, sqs_record
from tests.kit.grants import Ledger
from tests.kit.meta import call, page_call
from tests.kit.promises import Seen
from tests.kit.providers import PNG
from tests.kit.users import code_sent, connected, session, user_token
from tests.kit.world import CONFIG, World

LONG = "uzun " * 2000
WITH_A_FILE = (
    b"From: a@example.net\r\nTo: destek@example.com\r\nMessage-ID: <2@example.net>\r\n"
    b"Content-Type: text/csv\r\nContent-Disposition: attachment; filename=a.csv\r\n\r\na,b\r\n"
)
OFFERED_FOR = 30  # seconds
HOOK = {"secret": "crm", "url": "https://crm.example.com/hook", "events": ["*"]}
QUIET, CHECKED = (
    'history.eventsInDays("a.b", 3) == 0',
    ["==", ["ask", "history", "eventsInDays", "a.b", 3], ["const", 0]],
)
ROOMY: dict[str, Any] = {
    **CONFIG,
    "agents": [{**agent, "units": 500, "limits": {}} for agent in CONFIG["agents"]],
    "inboxes": [
        *(one | ({"secret": "chat"} if one["name"] == "chat" else {}) for one in CONFIG["inboxes"]),
        {"name": "page", "channel": "messenger", "address": "1040001", "queue": "genel", "secret": "meta"},
    ],
    "queues": [
        queue | ({"offer_seconds": OFFERED_FOR, "wrap_up_seconds": 20} if queue["name"] == "uzman" else {})
        for queue in CONFIG["queues"]
    ],
    "pools": [{"name": "main", "pause_after": 2, "missed_seconds": 0}],
    "templates": [
        {
            "name": "selam",
            "purpose": "transactional",
            "channels": {
                "sms": {"en": "Hello"},
                "email": {"en": {"subject": "Hello", "text": "Hello"}},
                "webchat": {"en": "Hello"},
            },
        },
        {
            "name": "anket",
            "purpose": "transactional",
            "needs": {"survey": "x"},
            "channels": {"sms": {"en": "How was it? {{ survey }}"}},
        },
    ],
    "campaigns": [
        {
            "name": "herkese",
            "brand": "default",
            "starts": {"by_hand": True},
            "when": QUIET,
            "checked": CHECKED,
            "steps": [{"send": "selam"}],
            "heeds": [],
        },
        {
            "name": "sonra",
            "brand": "default",
            "starts": {"event": "purchase.completed"},
            "heeds": [],
            "exits": ["reply", "order.cancelled"],
            "steps": [
                {"send": "selam"},
                {"wait": "5m"},
                {"send": "anket", "survey": "csat"},
                {"wait": "1d"},
                {"send": "selam"},
            ],
        },
    ],
    "outreach": {"hours": [{"send": {"mon-sun": ["00:00-24:00"]}}]},
    "webhooks": [{**HOOK, "name": "crm"}, {**HOOK, "name": "gone", "url": "https://gone.example.com"}],
}


class Day:
    """Everything that can happen, once."""

    def __init__(self, world: World, ledger: Ledger) -> None:
        self.world = world
        self.ledger = ledger

    def live(self) -> None:
        """Morning to evening."""
        self.arrive()
        self.files()
        self.chat()
        self.answer()
        self.answer_with_files()
        self.go_wrong()
        self.go_elsewhere()
        self.prove()
        self.wait_in_vain()
        self.offer()
        self.move_house()
        self.desk()
        self.tell()
        self.sweep_up()
        self.measure()
        self.reach_out()

    def arrive(self) -> None:
        """Every kind of thing comes in."""
        world = self.world
        world.come_in("ayse", "mehmet")
        world.sms("Merhaba")
        world.sms(LONG, sender="+15550101")
        world.webhook("twilio", "sms", {"Body": "\x00", "From": "?"})
        world.webhook("twilio", "sms", {"Body": LONG, "From": "?"})
        world.mail("Merhaba")
        world.mail(LONG, to="yeni@example.com")
        raw = b"From: a@example.net\r\nTo: destek@example.com\r\nMessage-ID: <1@example.net>\r\n\r\n" + LONG.encode()
        notification = world.post_mail("x", raw=raw)
        notification["content"] = base64.b64encode(raw).decode()
        world.mail_event(notification)
        world.pump()

    def files(self) -> None:
        """A customer sends a picture, which comes at the second try; the owner's page is gone by then."""
        world = self.world
        world.providers.files = lambda _: HttpResponse(503)
        world.mms("image/png")
        world.pump()
        world.providers.files = None
        world.pass_time(seconds=31)
        sms = self.find("sms")
        for gone in (False, True):
            world.ring()
            world.x.sockets.open(f"f{world.serial()}=", f"A#{sms.agent}", {"agent": sms.agent}, world.now)
            self.ledger.gone = gone
            world.pump()
            self.ledger.gone = False
            world.mms("image/png")
            world.work("inbound")
        world.pump()
        world.mms("image/png")
        world.work("inbound")
        world.sqs.purge_queue(QueueUrl=world.urls["media"])  # lost on its way: the sweep will ask again
        world.providers.files = lambda _: HttpResponse(200, {}, b'{"name": "Nesrin Aksoy"}')
        call(world, "messenger", "page", page_call(("1040001", "7301482295", "m_1", "Merhaba")))
        world.pump()
        world.providers.files = None

    def chat(self) -> None:
        """A visitor and an agent on their sockets."""
        world = self.world
        status, ticket = world.call("POST", "/v1/socket-tickets", {}, user="ayse")
        assert status == 201
        opened = world.socket("CONNECT", "desk=", protocols=["santral.v1", f"ticket.{ticket['ticket']}"])
        assert opened["statusCode"] == 200
        visitor = world.open_chat()
        world.frame(visitor, {"type": "message", "id": "1", "text": "Merhaba"})
        world.frame(visitor, {"type": "message", "id": "2", "text": "ş" * 3900})
        world.pump()
        conversation = self.find("webchat")
        world.frame(visitor, {"type": "typing"})
        world.frame("desk=", {"type": "typing", "conversation": conversation.id})
        sent = world.reply(conversation.id, user=conversation.agent or "")["message"]["id"]
        world.pump()
        world.frame(visitor, {"type": "ack", "message": sent})
        world.frame(visitor, {"type": "resume", "after": None})
        world.pump()
        world.socket("DISCONNECT", visitor)
        world.socket("DISCONNECT", "desk=")

    def prove(self) -> None:
        """A visitor proves an address by a code, which joins what waits from there; another is the company's user."""
        world = self.world
        world.pass_time(seconds=1)
        self.presence("away")
        visitor = world.open_chat("ziyaretci9")
        world.frame(visitor, {"type": "message", "id": "1", "text": "Merhaba"})
        world.mail("Ben de buradayım", sender="uc@example.net")
        world.pump()
        world.frame(visitor, {"type": "prove", "id": "p1", "channel": "email", "address": "uc@example.net"})
        world.pump()
        (proved,) = world.frame(visitor, {"type": "code", "code": code_sent(world)})
        assert proved["type"] == "proved"
        known = connected(world, session(world, user_token=user_token(world, email="dort@example.net")))
        world.frame(known, {"type": "message", "id": "1", "text": "İlk mesajım"})  # a known person's first conversation
        contact = next(c.contact for c in world.conversations() if c.address == "uc@example.net")
        body = {"channel": "email", "address": "bes@example.net"}
        assert world.call("POST", f"/v1/contacts/{contact}/verifications", body)[0] == 201
        asked = {
            "text": "Merhaba",
            "inbox": "shop",
            "address": "uc@example.net",
        }  # a known person's first one of a brand
        status, begun = world.call("POST", "/v1/conversations", asked)
        assert status == 200, begun
        self.presence("online")
        world.pump()

    def answer(self) -> None:
        """Answers leave by every provider, and come back as receipts."""
        world = self.world
        for channel in ("email", "sms"):
            conversation = self.find(channel)
            sent = world.reply(conversation.id, user=conversation.agent or "")["message"]["id"]
            world.pump()
            if channel == "email":
                mail = {
                    "messageId": "0102-000002",
                    "destination": ["musteri@example.net"],
                    "timestamp": "2026-03-02T09:00:00Z",
                }
                world.mail_event(
                    {"eventType": "Delivery", "mail": mail, "delivery": {"recipients": ["musteri@example.net"]}}
                )
            else:
                fields = {"MessageSid": "SM1", "MessageStatus": "delivered", "AccountSid": "AC" + "1" * 32}
                world.webhook("twilio", "sms", fields, query=f"send={sent}")
        world.pump()
        # a page that is gone when the hint comes
        self.ledger.gone = True
        for handle in (self.open_desks, lambda: world.sms("Alo"), world.pump, self.reply_again, world.pump):
            self.open_desks()
            handle()
        self.ledger.gone = False

    def answer_with_files(self) -> None:
        """Files go out by each channel, and are got again, a mail's own too."""
        world = self.world
        for channel in ("email", "sms", "webchat"):
            conversation = self.find(channel)
            asked = {"filename": "a.png", "content_type": "image/png", "size": len(PNG)}
            status, made = world.call("POST", "/v1/attachments", asked)
            assert status == 201
            world.s3.put_object(Bucket="blobs", Key=f"uploads/{made['id']}", Body=PNG, ContentType="image/png")
            path, body = f"/v1/conversations/{conversation.id}/replies", {"attachments": [made["id"]]}
            status, done = world.call("POST", path, body, user=conversation.agent)
            assert status == 200, done
            assert world.call("GET", f"/v1/messages/{done['message']['id']}/attachments/0")[0] == 200
            world.pump()
        visitor = world.open_chat()
        world.frame(visitor, {"type": "resume", "after": None})
        world.mail(raw=WITH_A_FILE)
        world.pump()
        with_file = next(m.id for m, _ in Seen.of(world).inbound.values() if m.channel == "email" and m.attachments)
        assert world.call("GET", f"/v1/messages/{with_file}/attachments/0")[0] == 200

    def open_desks(self) -> None:
        """Open pages of the agents and of a visitor."""
        x = self.world.x
        for name in ("ayse", "mehmet"):
            x.sockets.open(f"{name}{self.world.serial()}=", f"A#{name}", {"agent": name}, self.world.now)
            x.sockets.agent_connected("main", name, f"{name}{self.world.serial()}=")
        chat = self.find("webchat")
        x.sockets.open(f"v{self.world.serial()}=", f"V#{chat.contact}", {"visitor": "v"}, self.world.now)

    def reply_again(self) -> None:
        """To a visitor whose page is gone, by an agent whose colleague's page is gone."""
        chat = self.find("webchat")
        self.world.reply(chat.id, user=chat.agent or "")
        sms = self.find("sms")
        other = "mehmet" if sms.agent == "ayse" else "ayse"
        self.world.call("POST", f"/v1/conversations/{sms.id}/transfer", {"agent": other}, user=sms.agent)

    def go_wrong(self) -> None:
        """Queue messages nobody can route, a provider that is down, a delivery that nobody knows the end of."""
        world = self.world
        for body in ("{}", json.dumps({"m": {"inbox": "gone", "raw_ref": "intake:202603020900/0/x", "text": LONG}})):
            world.sqs.send_message(
                QueueUrl=world.urls["inbound"],
                MessageBody=body,
                MessageGroupId="g",
                MessageDeduplicationId=str(world.serial()),
            )
        world.pump()
        sms = self.find("sms")
        busy, refused, down = HttpResponse(429), HttpResponse(400, {}, b'{"code": 21610}'), HttpResponse(503)
        for answer in (busy, refused, down):
            world.providers.answer = lambda _, answer=answer: answer
            world.reply(sms.id, user=sms.agent or "")
            world.pump()
            world.pass_time(seconds=20)
            world.ring()
            world.pump()
        world.providers.answer = None
        # a timer of something that moved is set again
        early = {"pk": "P#p_1", "sk": "open#default", "at": round(world.now.timestamp() * 1000) + 60_000}
        message = {"MessageId": "1", "ReceiptHandle": "1", "Body": json.dumps(early)}
        functions.timer.handler({"Records": [sqs_record(message)]}, LambdaContext())

    def go_elsewhere(self) -> None:
        """What one channel refuses goes by another, at once or when a receipt says so; a watermark tells what was read."""
        world = self.world
        world.sms("Merhaba", sender="+15550108")
        world.mail("Merhaba", sender="iki@example.net")
        world.pump()
        sms, mail = (
            next(c for c in world.conversations() if c.address == address)
            for address in ("+15550108", "iki@example.net")
        )
        path = f"/v1/contacts/{sms.contact}/join"
        assert world.call("POST", path, {"contact": mail.contact}, user=sms.agent)[0] == 200
        world.pump()
        path = f"/v1/conversations/{sms.id}/replies"
        boss: dict[str, Any] = {"user": "mehmet", "role": "supervisor"}
        refused = HttpResponse(400, {}, b'{"code": 21612}')
        world.providers.answer = lambda asked: refused if "twilio" in asked.url else world.providers.take(asked)
        assert world.call("POST", path, {"text": "Buyurun", "via": "sms"}, **boss)[0] == 200
        world.pump()
        world.providers.answer = None
        _, done = world.call("POST", path, {"text": "Buyurun", "via": "destek"}, **boss)
        world.pump()
        told = {"messageId": "0102-000003", "destination": ["iki@example.net"], "timestamp": "2026-03-02T09:00:00Z"}
        tags = {"tags": {"santral-send": [done["message"]["id"]]}}
        bounce = {"bounceType": "Permanent", "bouncedRecipients": [{"emailAddress": "iki@example.net"}]}
        world.mail_event({"eventType": "Bounce", "mail": told | tags, "bounce": bounce})
        world.pump()
        seen = Receipt(
            id="r_seen", channel=ChannelName.SMS, provider=Provider.META, inbox="sms", status=ReceiptStatus.READ,
            provider_status="read", recipient="+15550108", upto=world.now, at=world.now, received_at=world.now,
        )  # fmt: skip
        world.x.queues.send([reported(world.x.key, seen)])
        world.pump()

    def wait_in_vain(self) -> None:
        """Nobody answers in time, nobody is there, a wake-up comes late, and then somebody comes."""
        world = self.world
        self.visit("ziyaretci2")
        world.pump()
        self.ledger.gone = True
        world.pass_time(seconds=61)
        self.open_desks()
        world.ring()
        self.ledger.gone = False
        self.presence("away")
        self.visit("ziyaretci3")
        world.work("inbound")
        late = world.take("match")
        world.handle("match", late)
        world.pass_time(seconds=61)
        world.ring()
        self.presence("online")
        self.ledger.gone = True
        self.open_desks()
        world.handle("match", late)
        self.ledger.gone = False
        world.pump()

    def offer(self) -> None:
        """Somebody is offered a conversation, misses it twice, is paused, comes back, accepts, resolves and wraps up."""
        world = self.world
        world.come_in("usta")
        world.mail("Bir uzmana", sender="uzmanlik@example.net")
        world.pump()
        mail = next(c for c in world.conversations() if c.address == "uzmanlik@example.net")
        path = f"/v1/conversations/{mail.id}"
        assert world.call("POST", f"{path}/transfer", {"queue": "uzman"}, user=mail.agent)[0] == 200
        for notice in (world.ring, world.sweep):  # by its timer, and without
            world.pump()
            assert world.x.table.conversation(mail.id).state is State.OFFERED  # type: ignore[union-attr]
            world.pass_time(seconds=OFFERED_FOR + 1)
            notice()
        assert world.x.table.load("main", "usta").paused_until is not None  # type: ignore[union-attr]
        world.come_in("usta")
        world.pump()
        assert world.call("POST", f"{path}/accept", {}, user="usta")[0] == 200
        assert world.call("POST", f"{path}/resolve", {}, user="usta")[0] == 200
        world.pump()

    def move_house(self) -> None:
        """A conversation is on its way to a pool that its queue has left by then."""
        world = self.world
        world.sms("Merhaba", sender="+15550109")
        world.work("inbound")
        moved = [queue | ({"pool": "annex"} if queue["name"] == "genel" else {}) for queue in ROOMY["queues"]]
        agents = [*ROOMY["agents"], {"name": "can", "display_name": "Can", "skills": ["genel"], "pool": "annex"}]
        world.apply(Config.model_validate({**ROOMY, "version": "moved", "queues": moved, "agents": agents}))
        world.pump(sweep_too=True)
        assert next(c for c in world.conversations() if c.address == "+15550109").pool == "annex"
        world.apply(Config.model_validate({**ROOMY, "version": "moved-back"}))
        world.pump(sweep_too=True)
        assert next(c for c in world.conversations() if c.address == "+15550109").pool == "main"
        self.presence("away")
        world.sms("Merhaba", sender="+15550110")
        world.pump()
        world.pass_time(minutes=61)  # it stands in a line, and is due
        world.apply(Config.model_validate({**ROOMY, "version": "moved-again", "queues": moved, "agents": agents}))
        world.x.queues.send([Due(shard, f"due.{shard}") for shard in range(world.x.table.due_shards)], world.now)
        world.pump()  # before a sweep has seen that version
        assert next(c for c in world.conversations() if c.address == "+15550110").pool == "annex"
        world.apply(Config.model_validate({**ROOMY, "version": "moved-back"}))
        world.pump(sweep_too=True)
        self.presence("online")
        world.pump()

    def visit(self, visitor: str) -> None:
        """A visitor asks for help."""
        self.world.frame(self.world.open_chat(visitor), {"type": "message", "id": "1", "text": "Kimse yok mu?"})

    def presence(self, presence: str) -> None:
        """All agents come or go."""
        for agent in ("ayse", "mehmet"):
            self.world.call("POST", f"/v1/agents/{agent}/presence", {"presence": presence}, user=agent)

    def desk(self) -> None:
        """Everything an agent, a supervisor and an administrator can do."""
        world = self.world
        sms = self.find("sms")
        boss: dict[str, Any] = {"user": "mehmet", "role": "supervisor"}
        path = f"/v1/conversations/{sms.id}"
        for method, target, body in (
            ("GET", "/v1/me", None), ("GET", "/v1/conversations", None), ("GET", path, None), ("GET", f"{path}/messages", None),
            ("POST", f"{path}/notes", {"text": "not"}), ("POST", f"{path}/transfer", {"queue": "genel"}),
            ("POST", f"{path}/take", {}), ("POST", f"{path}/resolve", {}), ("POST", f"{path}/reopen", {}),
            ("GET", "/v1/agents", None), ("GET", "/v1/agents/ayse", None), ("GET", f"/v1/contacts/{sms.contact}", None),
            ("POST", f"/v1/contacts/{sms.contact}", {"name": "Zeynep"}),
        ):  # fmt: skip
            status, answer = world.call(method, target, body, **boss)
            assert status in (200, 409), (target, answer)
        assert world.call("GET", "/v1/audit", role="admin", user="admin")[0] == 200
        decision = next(item["sk"].partition("#")[2] for item in world.items("H#") if item["wt"] == "decision")
        path = f"/v1/decisions/{decision}"
        assert world.call("GET", f"{path}/replay", query="from=archive", **boss)[1]["same"]
        assert world.call("GET", path, **boss)[0] == 200
        self.clear(boss)
        world.pump()

    def clear(self, boss: dict[str, Any]) -> None:
        """What waits for a person: sent again, let go, or read again now that there is an inbox for it."""
        world = self.world
        new = {**CONFIG["inboxes"][0], "name": "yeni", "address": "yeni@example.com"}
        world.apply(Config.model_validate({**ROOMY, "version": "test-2", "inboxes": [*ROOMY["inboxes"], new]}))
        _, parked = world.call("GET", "/v1/parked", **boss)
        for send in parked["parked"]:
            assert world.call("POST", f"/v1/parked/{send['id']}/resend", {}, **boss)[0] == 200
        _, kept = world.call("GET", "/v1/quarantine", **boss)
        statuses = [
            world.call("POST", f"/v1/quarantine/{entry['id']}/retry", {}, **boss)[0] for entry in kept["quarantine"]
        ]
        assert set(statuses) == {200, 422}
        _, kept = world.call("GET", "/v1/quarantine", **boss)
        assert world.call("POST", f"/v1/quarantine/{kept['quarantine'][0]['id']}/discard", {}, **boss)[0] == 200

    def tell(self) -> None:
        """Others hear of it, or do not: a webhook that is busy, one that is gone, a record that nobody can read."""
        world = self.world
        boss: dict[str, Any] = {"user": "admin", "role": "admin"}
        bad = {"dynamodb": {"Keys": {"pk": {"S": "M#m_1"}, "sk": {"S": "m"}}, "SequenceNumber": "1"}}
        functions.publish.handler({"Records": [bad]}, LambdaContext())
        world.receiver.answer = lambda request: 410 if "gone" in request.url else 503
        world.sms("Duydunuz mu?", sender="+15550106")
        world.pump()
        world.receiver.answer = None
        world.pass_time(seconds=6)
        world.pump()
        _, failed = world.call("GET", "/v1/webhook-deliveries", **boss)
        first, second, *_ = (delivery["id"] for delivery in failed["deliveries"])
        for path in (
            "webhooks/gone/switch-on",
            f"webhook-deliveries/{first}/resend",
            f"webhook-deliveries/{second}/discard",
        ):
            assert world.call("POST", f"/v1/{path}", {}, **boss)[0] == 200
        assert world.call("GET", "/v1/webhooks", **boss)[0] == 200
        world.sqs.purge_queue(QueueUrl=world.urls["hooks"])

    def reach_out(self) -> None:
        """Campaigns: one by hand, one that events set off, whose waits end by a timer and by the sweep, and which an answer ends."""
        world = self.world
        boss: dict[str, Any] = {"user": "admin", "role": "admin"}
        assert world.call("POST", "/v1/campaigns/herkese/run", {"confirmed": True}, **boss)[0] == 200
        self.ledger.gone = True
        world.pump()
        self.ledger.gone = False
        for sender in ("+15550201", "+15550202", "+15550204"):
            about = {"contact": {"channel": "sms", "address": sender}, "create": True}
            assert world.call("POST", "/v1/events", {"type": "purchase.completed", **about}, **boss)[0] in (200, 201)
        detail = {"contact": {"channel": "sms", "address": "+15550203"}, "create": True}
        told = {"source": "shop", "time": world.now.isoformat(), "detail": detail}
        for number, what in enumerate(("purchase.completed", "order.cancelled")):
            world.sqs.send_message(
                QueueUrl=world.urls["happen"], MessageBody=json.dumps({**told, "id": str(number), "detail-type": what})
            )
            world.pump()
        world.pump()
        world.pass_time(minutes=5)
        world.ring()
        world.pump()
        world.sms("5", sender="+15550201")
        world.sms("Merhaba", sender="+15550202")
        world.pump()
        world.pass_time(days=1)
        world.sweep()
        world.pump()

    def sweep_up(self) -> None:
        """What queues lost and timers missed, the sweep finds."""
        world = self.world
        world.sms("kayıp " + LONG, sender="+15550104")
        world.mail("kayıp")
        world.sqs.purge_queue(QueueUrl=world.urls["inbound"])
        sms = self.find("sms")
        world.reply(sms.id, user=sms.agent or "")
        world.sqs.purge_queue(QueueUrl=world.urls["outbound"])
        self.presence("away")
        world.sms("kimse var mı", sender="+15550105")
        world.pump()
        self.ledger.gone = True
        for _ in range(5):
            world.pass_time(minutes=15)
            self.open_desks()
            world.sweep()
        self.ledger.gone = False
        self.presence("online")
        world.pump(sweep_too=True)
        world.pass_time(hours=25)  # lines that stayed empty are forgotten
        for _ in range(6):
            world.sweep()
        self.presence("online")
        world.x.sockets.agent_connected("main", "mehmet", None)  # the desk is closed
        for _ in range(2):
            world.sweep()
            world.pass_time(minutes=3)
        assert world.x.table.load("main", "mehmet").presence == "away"  # type: ignore[union-attr]

    def measure(self) -> None:
        """Hours are counted; a supervisor reads them."""
        for _ in range(2):
            functions.measure.handler({}, LambdaContext())
            self.world.sms("sayılır")
            self.world.pump()
            self.world.pass_time(hours=2)
        for path in ("measures", "measures/now"):
            assert self.world.call("GET", f"/v1/{path}", role="supervisor")[0] == 200

    def find(self, channel: str) -> Conversation:
        """A conversation of a channel."""
        found: list[Conversation] = [c for c in self.world.conversations() if c.channel == channel]
        return found[0]
