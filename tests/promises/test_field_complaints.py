"""What users of other systems report, each by its number in the list of complaints, and that it does not happen here."""

from typing import Any

from router.conversations import State
from tests.crash.test_match import SMALL, customers, owners
from tests.crash.test_receive import sms
from tests.kit.crash import Ground, Scenario, settle
from tests.kit.offering import GENEL, act, desk, floor, history, later, load, presence, stands, told, writes
from tests.kit.promises import Seen, check, said
from tests.kit.world import CONFIG, World
from tests.promises.test_rules import TRIED, ruled


def resolve(world: World, conversation: str, user: str = "ayse") -> None:
    status, body = world.call("POST", f"/v1/conversations/{conversation}/resolve", {}, user=user)
    assert status == 200, body


def test_1_the_count_is_not_read_and_then_written(ground: Ground) -> None:
    """Ayşe has room for one. While her last room is being given away, another conversation asks for it."""

    def arrange(world: World) -> None:
        world.come_in("ayse")
        customers(world, 1)

    def meanwhile(world: World, _: Any) -> bool:
        world._queue("match")[1]._pending_messages.clear()
        customers(world, 1, first=5)
        world.work("match")
        return True

    def one_of_two(world: World, _: Any) -> None:
        assert sorted(owners(world), key=str) == [None, "ayse"]

    ground.run(Scenario("one room", arrange, one_of_two, queue="match", other=meanwhile, config=SMALL), "pause")


def test_1_two_agents_accept_and_one_has_it(world: World) -> None:
    world.sms()
    world.pump()
    world.come_in("ayse", "mehmet")
    (conversation,) = world.conversations()
    took = [world.call("POST", f"/v1/conversations/{conversation.id}/take", {}, user=u)[0] for u in ("ayse", "mehmet")]
    assert took == [200, 409]


def test_1_one_offer_is_made_to_one_agent_and_counts_until_it_is_answered(ground: Ground) -> None:
    """Two pages of one agent accept it: it is accepted once. A colleague's page cannot. Her room is taken from the offer on."""
    world = ground.begin(floor({**GENEL, "ayse": {"skills": ["genel", "chat"], "units": 3}}))
    world.come_in("ayse")
    one, other = writes(world, 1), writes(world, 2)
    assert (stands(world, one), stands(world, other)) == (("offered", "ayse"), ("waiting", None))
    path = f"/v1/conversations/{one.id}/accept"
    assert [world.call("POST", path, {}, user=user)[0] for user in ("mehmet", "ayse", "ayse")] == [403, 200, 409]
    settle(world)
    check(world)
    assert (stands(world, one), load(world, "ayse").free) == (("active", "ayse"), 0)
    assert stands(world, other) == ("waiting", None)


def test_2_freed_capacity_goes_to_the_oldest_not_the_newest(ground: Ground) -> None:
    world = ground.begin(SMALL)
    world.come_in("ayse")
    customers(world, 4)
    world.pump()
    for done in range(3):
        held = world.conversations()[done]
        assert held.agent == "ayse"
        resolve(world, held.id)
        customers(world, 1, first=20 + done)  # somebody new comes at the very moment
        world.pump()
    settle(world)
    check(world)
    assert owners(world)[3] == "ayse"
    assert owners(world)[4:] == [None, None, None]


def test_2_a_reopened_conversation_goes_to_somebody_who_is_in(world: World) -> None:
    world.come_in("ayse")
    world.sms("Merhaba")
    world.pump()
    (conversation,) = world.conversations()
    resolve(world, conversation.id)
    world.pump()
    assert world.call("POST", "/v1/agents/ayse/presence", {"presence": "offline"})[0] == 200
    world.come_in("mehmet")
    world.sms("Bir şey daha")
    settle(world)
    check(world)
    (conversation,) = world.conversations()
    assert (conversation.state, conversation.agent) == (State.ACTIVE, "mehmet")


def test_2_a_reopened_conversation_does_not_go_to_somebody_off_shift(ground: Ground) -> None:
    """She forgot to set herself offline when her shift was over."""
    hours = [{"name": "morning", "zone": "UTC", "open": {"mon-fri": ["08:00-12:00"]}}]
    agents: dict[str, Any] = {
        "ayse": {"skills": ["genel", "chat"], "hours": "morning"},
        "mehmet": {"skills": ["genel", "chat"]},
    }
    world = ground.begin(floor(agents, routing={"offers": {}}, calendars=hours))
    world.come_in("ayse")
    one = writes(world)
    act(world, "ayse", "resolve", one)
    world.pass_time(hours=4)
    writes(world, text="Bir şey daha")
    assert (world.now.hour, load(world, "ayse").presence, stands(world, one)) == (13, "online", ("waiting", None))
    world.come_in("mehmet")
    world.pump()
    assert stands(world, one) == ("active", "mehmet")
    act(world, "mehmet", "resolve", one)
    world.pass_time(hours=19)  # the next morning
    writes(world, text="Son bir şey")
    assert stands(world, one) == ("active", "mehmet"), "who had it last, and is free"
    settle(world)
    check(world)


def test_2_an_agent_without_permission_to_reply_is_not_picked(ground: Ground) -> None:
    agents: dict[str, Any] = {**GENEL, "ayse": {"skills": {"genel": 5, "chat": 5}, "brands": ["default"]}}
    world = ground.begin(floor(agents, routing={"offers": {}}))
    world.come_in("ayse")
    world.mail("Where is my order?", to="help@shop.example")
    settle(world)
    check(world)
    (one,) = world.conversations()
    assert stands(world, one) == ("waiting", None)
    assert act(world, "ayse", "take", one, status=409)["detail"] == "ayse cannot take it: permission:shop"
    world.come_in("mehmet")
    world.pump()
    assert stands(world, one) == ("active", "mehmet")


def test_2_who_may_not_answer_is_not_picked(world: World) -> None:
    """The expert is in and idle, and has not the skill."""
    world.come_in("usta")
    world.sms()
    settle(world)
    check(world)
    assert owners(world) == [None]


def test_3_anybody_can_tell_why_it_was_not_assigned(world: World) -> None:
    world.come_in("usta")
    world.come_in("ayse")
    assert world.call("POST", "/v1/agents/ayse/presence", {"presence": "away"})[0] == 200
    world.sms()
    settle(world)
    (conversation,) = world.conversations()
    told = {}
    for role in ("supervisor", "agent"):
        status, body = world.call("GET", f"/v1/conversations/{conversation.id}", role=role)
        assert status == 200
        (decision,) = [entry["detail"] for entry in body["history"] if entry["what"] == "decision"]
        assert decision["agent"] is None
        told[role] = decision["excluded"]
    assert told["supervisor"] == {"presence:away": ["ayse"], "presence:offline": ["mehmet"], "skill:genel": ["usta"]}
    assert told["agent"] == {"presence:away": 1, "presence:offline": 1, "skill:genel": 1}


def test_3_every_agent_has_the_first_reason_that_kept_it_from_them(ground: Ground) -> None:
    """Of a floor on which everybody is kept from it by something else; and what became of it is told step by step."""
    agents: dict[str, Any] = {
        "abla": {"skills": ["genel"], "hours": "night"},
        "ayse": {"skills": ["genel", "chat"]},
        "bora": {"skills": ["genel"], "brands": ["shop"]},
        "deniz": {"skills": ["genel"], "units": 2},
        "ece": {"skills": ["genel"], "limits": {"sms": 0}},
        "mehmet": {"skills": ["genel", "chat"]},
        "yeni": {"skills": ["chat"]},
    }
    night = [{"name": "night", "zone": "UTC", "open": {"mon-fri": ["20:00-24:00"]}}]
    world = ground.begin(floor(agents, calendars=night, presences=[{"name": "training"}]))
    world.come_in(*agents)
    presence(world, "mehmet", "training")
    one = writes(world)
    world.pass_time(seconds=5)
    path = f"/v1/conversations/{one.id}"
    assert world.call("POST", path + "/decline", {"reason": "Tanıdığım"})[0] == 200
    world.pass_time(seconds=1)
    world.pump()
    status, body = world.call("GET", path, role="supervisor")
    assert status == 200
    offered, declined, waits = body["history"]
    assert (offered["what"], offered["detail"]["agent"], offered["detail"]["chosen"]) == ("decision", "ayse", ["only"])
    assert (declined["what"], declined["who"], declined["detail"]["reason"]) == ("decline", "ayse", "Tanıdığım")
    assert waits["detail"]["excluded"] == {
        "presence:training": ["mehmet"], "presence:offline": ["usta"], "hours": ["abla"], "permission:default": ["bora"],
        "skill:genel": ["yeni"], "declined": ["ayse"], "capacity": ["deniz"], "limit:sms": ["ece"],
    }  # fmt: skip
    assert (waits["detail"]["fit"], waits["detail"]["agent"]) == ([], None)
    settle(world)
    check(world)


def test_4_a_missed_offer_does_not_empty_the_floor(ground: Ground) -> None:
    """Ten agents have gone to lunch and left their desks open. All stay in; who comes back works on as if nothing had been."""
    agents: dict[str, Any] = {f"agent{n}": {"skills": ["genel", "chat"]} for n in range(10)}
    world = ground.begin(floor(agents))
    world.come_in(*agents)
    world.pump()
    waiting = [writes(world, number) for number in range(5)]
    for _ in range(8):
        later(world, seconds=30)
    missed_by = {detail["agent"] for one in waiting for _, _, detail in history(world, one, "missed")}
    assert missed_by == set(agents), "everybody was asked"
    assert [load(world, agent).presence for agent in agents] == ["online"] * 10
    assert any(load(world, agent).missed >= 3 for agent in agents), "some are paused, and still in"
    assert {stands(world, one)[0] for one in waiting} <= {"waiting", "offered"}
    presence(world, "agent7", "online")  # back at the desk
    for _ in range(8):
        for one in [c for c in world.conversations() if (c.state, c.agent) == ("offered", "agent7")]:
            act(world, "agent7", "accept", one)
        later(world, seconds=30)
    busy = [stands(world, one) for one in waiting]
    assert busy.count(("active", "agent7")) == 4, "as many as there is room for"
    settle(world)
    check(world)


def test_5_what_happens_to_an_offer_shows_up_without_a_reload(ground: Ground) -> None:
    world = ground.begin(floor())
    desk(world, "ayse")
    desk(world, "mehmet")
    world.come_in("ayse")
    world.pass_time(seconds=1)
    world.come_in("mehmet")
    one = writes(world)
    later(world, seconds=30)
    assert told(world, "ayse") == ["offered", "missed"]
    assert told(world, "mehmet") == ["offered"]
    act(world, "sef", "assign", one, {"agent": "ayse"}, role="supervisor")
    assert told(world, "mehmet") == ["offered", "changed"]
    assert told(world, "ayse") == ["offered", "missed", "changed"]
    act(world, "sef", "resolve", one, role="supervisor")
    assert told(world, "ayse")[-1] == "changed"
    settle(world)
    check(world)


def test_5_what_is_new_shows_up_without_a_reload(world: World) -> None:
    status, body = world.call("POST", "/v1/socket-tickets", {})
    assert status == 201
    assert world.socket("CONNECT", "desk=", protocols=["santral.v1", f"ticket.{body['ticket']}"])["statusCode"] == 200
    world.come_in("ayse")
    world.sms("Merhaba")
    world.pump()
    (conversation,) = world.conversations()
    world.sms("Orada mısınız?")
    world.pump()
    told = [f for c, f in world.pushes if c == "desk=" and f.get("conversation") == conversation.id]
    assert [frame["reason"] for frame in told] == ["assigned", "message"]


def test_5_a_page_whose_connection_broke_finds_what_it_missed_by_its_cursor(world: World) -> None:
    connection = world.open_chat()
    world.come_in("ayse")
    world.frame(connection, {"type": "message", "id": "1", "text": "Merhaba"})
    world.pump()
    (page,) = world.frame(connection, {"type": "resume", "after": None})
    world.socket("DISCONNECT", connection)
    world.pass_time(seconds=5)
    world.reply(world.conversations()[0].id, "Buyurun")
    world.pump()
    again = world.open_chat()
    (missed,) = world.frame(again, {"type": "resume", "after": page["cursor"]})
    known = {message["id"] for message in page["messages"]}  # it may start a little before the cursor: pages go by ids
    assert [message["text"] for message in missed["messages"] if message["id"] not in known] == ["Buyurun"]


def test_11_a_webhook_that_comes_again_while_the_first_is_at_work_makes_no_duplicate(ground: Ground) -> None:
    def once(world: World, _: Any) -> None:
        assert list(said(world).values()) == [["Merhaba"]]

    ground.run(Scenario("webhook again", lambda _: None, once, sms), "pause")


def test_11_an_album_in_parallel_is_one_conversation(world: World) -> None:
    for picture in range(4):
        fields = {
            "MessageSid": f"MM{picture:032d}", "AccountSid": "AC" + "1" * 32, "From": "+15550199", "To": "+15550100", "Body": "",
            "NumMedia": "1", "MediaUrl0": f"https://api.twilio.com/media/{picture}", "MediaContentType0": "image/jpeg",
        }  # fmt: skip
        assert world.webhook("twilio", "sms", fields)["statusCode"] == 200
    settle(world)
    check(world)
    (texts,) = said(world).values()
    assert len(texts) == 4


def test_12_two_different_messages_214_ms_apart_are_one_conversation(world: World) -> None:
    world.come_in("ayse")
    world.sms("1")
    world.work("inbound")
    world.pass_time(milliseconds=214)
    world.sms("2")
    settle(world)
    check(world)
    assert list(said(world).values()) == [["1", "2"]]


def test_13_the_customers_message_stands_before_the_answer_when_the_workers_lag(world: World) -> None:
    world.come_in("ayse")
    world.mail("1")
    world.pump()
    (conversation,) = world.conversations()
    world.pass_time(minutes=1)
    world.mail("2")  # taken, and not routed yet
    world.pass_time(minutes=1)
    world.reply(conversation.id, "3")
    world.pass_time(hours=2)
    settle(world)
    assert said(world)[conversation.id] == ["1", "2", "3"]


def test_14_mail_of_an_outage_of_two_days_comes_in_at_its_own_time(world: World) -> None:
    """The notification was held back; the mail lay in the bucket all the while."""
    posted = [world.post_mail(text) for text in ("1", "2")]
    written = world.now
    world.pass_time(days=2)
    for notification in reversed(posted):
        world.mail_event(notification)
    settle(world)
    check(world)
    (conversation,) = world.conversations()
    assert conversation.waiting_since == written
    assert conversation.first_response.breached  # it is late, and says so
    assert sorted(said(world)[conversation.id]) == ["1", "2"]


def test_15_an_empty_message_id_neither_joins_strangers_nor_blocks_the_mailbox(world: World) -> None:
    for sender in ("a@example.org", "b@example.org", "c@example.org"):
        raw = f"From: {sender}\r\nTo: destek@example.com\r\nMessage-ID: <>\r\nSubject: s\r\n\r\n{sender}\r\n"
        world.mail(raw=raw.encode(), sender=sender)
    settle(world)
    check(world)
    assert sorted(said(world).values()) == [["a@example.org"], ["b@example.org"], ["c@example.org"]]


def test_16_a_quoted_ticket_number_joins_nobody(world: World) -> None:
    world.mail("Gizli", sender="musteri@example.net")
    world.pump()
    (theirs,) = world.conversations()
    for subject in (f"Re: Sipariş {theirs.id}", f"[Ticket#{theirs.number}]", f"Re: [#{theirs.contact}] Sipariş"):
        world.mail("Merak ettim", sender="yabanci@elsewhere.example", subject=subject, dmarc="FAIL")
    settle(world)
    check(world)
    assert said(world)[theirs.id] == ["Gizli"]


def test_17_a_reply_whose_references_were_rewritten_is_still_in_its_conversation(world: World) -> None:
    world.come_in("ayse")
    world.mail("1")
    world.pump()
    (conversation,) = world.conversations()
    world.pass_time(seconds=1)
    world.reply(conversation.id, "2")
    world.pump()
    world.pass_time(seconds=1)
    world.mail("3", headers={"References": "<rewritten@apple.example>", "In-Reply-To": "<rewritten@apple.example>"})
    settle(world)
    check(world)
    assert list(said(world).values()) == [["1", "2", "3"]]


def test_17_one_mail_to_two_of_our_inboxes_is_one_message(world: World) -> None:
    world.mail("1", to=["destek@example.com", "support@example.com"])
    settle(world)
    check(world)
    assert list(said(world).values()) == [["1"]]


def test_a_rule_that_fails_is_recorded_and_skipped_and_the_conversation_reaches_its_default_target(
    ground: Ground,
) -> None:
    """What it asks for is not asked; the rules beside it count, and the queue's steps end as ever."""
    rules = ruled(
        {"name": "numbers", "when": TRIED, "queue": "uzman", "require": [{"needs": "uzman", "seconds": 3600}]},
        {"name": "all", "tags": ["new"], "priority": 3},
    )["rules"]
    agents: dict[str, Any] = {"ayse": {"skills": {"genel": 1, "chat": 1}}, "mehmet": {"skills": {"genel": 3}}}
    queue = {"steps": [{"needs": "genel>=3", "seconds": 60}]}
    world = ground.begin(floor(agents, queue, routing={"offers": {}}, rules=rules))
    world.come_in("ayse", "usta")
    one = writes(world)
    ((_, _, decided),) = history(world, one, "decision")
    assert decided["rules"]["failed"] == {"numbers": "a text is not a whole number"}
    assert list(decided["rules"]["matched"]) == ["all"]
    assert (one.queue, one.tags, one.priority, decided["needs"]) == ("genel", ("new",), 3, "genel>=3")
    assert world.counts["RuleFailed"] == 1
    later(world, seconds=60)
    assert stands(world, one) == ("active", "ayse")
    settle(world)
    check(world)
    assert not Seen.of(world).line


def test_no_complaint_depends_on_how_many_inboxes_there_are() -> None:
    """The tests above need two inboxes in one brand, and one in another."""
    brands = [inbox.get("brand", "default") for inbox in CONFIG["inboxes"] if inbox["channel"] == "email"]
    assert sorted(brands) == ["default", "default", "shop"]
