"""Events reach the bus and webhooks, are tried again and given to a person, by the functions themselves."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from router.aws.configs import Configs
from router.aws.dynamo import put
from router.aws.rows import message_item
from router.catalogue import EVENTS
from router.config import Config
from router.errors import Rejected, Temporary, Unknown
from router.messages import Message
from router.webhooks import MAX_ATTEMPTS, SCHEDULE, signature
from router.wire import HttpRequest
from tests.kit.crash import failing, watching
from tests.kit.events import table_of_the_template
from tests.kit.listening import WEBHOOK_SECRET
from tests.kit.world import CONFIG, World

HOOK: dict[str, Any] = {"name": "crm", "url": "https://crm.example.com/x", "events": ["message.*"], "secret": "crm"}
LISTENING = {**CONFIG, "webhooks": [HOOK]}
ADMIN: dict[str, Any] = {"user": "admin", "role": "admin"}


@pytest.fixture
def world() -> Iterator[World]:
    with World(LISTENING, streaming=True) as made:
        yield made


def bus(world: World) -> list[str]:
    """What the bus took, by type."""
    assert world.bus is not None
    return world.bus.types()


def failed(world: World) -> list[dict[str, Any]]:
    """What waits for an administrator."""
    status, body = world.call("GET", "/v1/webhook-deliveries", **ADMIN)
    assert status == 200, body
    return list(body["deliveries"])


def post(world: World, path: str, **how: Any) -> tuple[int, dict[str, Any]]:
    """An administrator decides."""
    return world.call("POST", f"/v1/{path}", {}, **{**ADMIN, **how})


def test_a_message_s_way_is_told_in_order_and_once(world: World) -> None:
    world.come_in("ayse")
    world.sms("İade istiyorum")
    world.pump()
    (conversation,) = world.conversations()
    world.reply(conversation.id)
    world.pump()
    sent = json.loads(world.receiver.posts[-1].body)["data"]["message"]
    fields = {"MessageSid": "SM1", "MessageStatus": "delivered", "AccountSid": "AC" + "1" * 32}
    world.webhook("twilio", "sms", fields, query=f"send={sent}")
    world.pump()
    world.call("POST", f"/v1/conversations/{conversation.id}/resolve", {})
    world.pump()
    assert sorted(bus(world)) == sorted([
        "agent.presence_changed", "message.received", "conversation.opened", "contact.created", "conversation.assigned",
        "message.sent", "message.delivered", "conversation.resolved",
    ])  # fmt: skip
    assert [event["type"] for event in world.receiver.events] == [
        "message.received",
        "message.sent",
        "message.delivered",
    ]
    assert world.bus is not None
    versions = [e["data"]["version"] for e in world.bus.events if e["subject"] == conversation.id]
    assert versions == sorted(versions)
    for event in world.bus.events:
        EVENTS[event["type"]].model_validate(event)


def test_p11_what_leaves_holds_ids_and_nothing_of_the_customer(world: World) -> None:
    world.come_in("ayse")
    world.mail("Merhaba, 4711 nerede?", sender="Zeynep Kaya <zeynep@example.net>", subject="Gizli")
    world.frame(world.open_chat(), {"type": "message", "id": "1", "text": "Merhaba 4711"})
    world.pump()
    assert world.bus is not None
    text = json.dumps([*world.bus.events, *world.receiver.events]) + repr([p.headers for p in world.receiver.posts])
    for personal in ("4711", "Zeynep", "zeynep@example.net", "Gizli", "Merhaba", "+1555"):
        assert personal not in text


def test_a_call_is_signed_and_the_same_event_has_the_same_id_in_each_attempt(world: World) -> None:
    world.receiver.answer = lambda _: 500
    world.sms()
    world.pump()
    world.receiver.answer = None
    world.pass_time(seconds=4)
    world.pump()
    assert len(world.receiver.posts) == 1, "not before its time"
    world.pass_time(seconds=1)
    world.pump()
    first, second = world.receiver.posts
    assert first.body == second.body
    assert first.headers["webhook-id"] == second.headers["webhook-id"] == json.loads(first.body)["id"]
    at = int(second.headers["webhook-timestamp"])
    assert at == int(first.headers["webhook-timestamp"]) + 5
    assert second.headers["webhook-signature"] == signature(
        WEBHOOK_SECRET, second.headers["webhook-id"], at, second.body
    )
    world.pass_time(minutes=30)
    world.sweep()
    world.pump()
    assert len(world.receiver.posts) == 2


def test_both_secrets_sign_while_they_change(world: World) -> None:
    secrets = {"crm": WEBHOOK_SECRET, "crm_previous": "whsec_" + "b2xkIHNlY3JldCBvZiBieXRlcw=="}
    world.x.hook_secrets = lambda name: (secrets[name], secrets[f"{name}_previous"])
    world.sms()
    world.pump()
    assert len(world.receiver.posts[0].headers["webhook-signature"].split(" ")) == 2


@pytest.mark.parametrize(
    "trouble",
    [500, 302, 404, 429, Temporary("no connection"), Unknown("no answer"), Rejected("not on the open internet")],
)
def test_it_is_tried_by_the_schedule_and_then_listed(world: World, trouble: int | Exception) -> None:
    def answer(_: HttpRequest) -> int:
        if isinstance(trouble, Exception):
            raise trouble
        return trouble

    world.receiver.answer = answer
    world.sms()
    world.pump()
    for number, delay in enumerate(SCHEDULE):
        assert len(world.receiver.posts) == number + 1
        world.pass_time(seconds=delay.total_seconds() - 60 if delay > timedelta(minutes=15) else delay.total_seconds())
        if delay > timedelta(minutes=15):
            world.pump()
            assert len(world.receiver.posts) == number + 1, "not before its time"
            world.pass_time(seconds=5)
            world.sweep()
        world.pump()
    assert len(world.receiver.posts) == MAX_ATTEMPTS
    (one,) = failed(world)
    assert (one["webhook"], one["type"], one["attempts"]) == ("crm", "message.received", MAX_ATTEMPTS)
    assert str(trouble) in one["reason"]
    (item,) = world.items("W#")
    assert "due" not in item
    assert item["ttl"] - world.now.timestamp() == pytest.approx(30 * 86400, abs=120)
    world.sweep()
    assert world.counts["FailedWebhooks"] >= 1


def test_what_was_delivered_goes_away_after_three_days(world: World) -> None:
    world.sms()
    world.pump()
    (item,) = world.items("W#")
    assert (item["st"], item["ttl"]) == ("delivered", int(world.now.timestamp()) + 3 * 86400)
    assert "due" not in item


def test_an_administrator_sends_it_again_or_lets_it_go_once(world: World) -> None:
    world.receiver.answer = lambda _: 410
    world.sms()
    world.sms(sender="+15550198")
    world.pump()
    assert len(world.receiver.posts) == 1, "the first 410 switches it off"
    first, second = sorted(failed(world), key=lambda one: "410" not in one["reason"])
    assert "410" in first["reason"]
    assert "switched off" in second["reason"]
    (shown,) = world.call("GET", "/v1/webhooks", **ADMIN)[1]["webhooks"]
    assert (shown["host"], shown["enabled"]) == ("crm.example.com", True)
    assert shown["switched_off_at"]
    assert "/x" not in json.dumps(shown)

    world.sms(sender="+15550197")
    world.pump()
    assert len(world.items("W#")) == 2, "what is switched off hears nothing"

    assert post(world, f"webhook-deliveries/{first['id']}/resend")[0] == 409
    assert post(world, "webhooks/crm/switch-on", role="supervisor")[0] == 403
    assert post(world, "webhooks/crm/switch-on", key="on")[0] == 200
    assert post(world, "webhooks/crm/switch-on", key="on")[0] == 200
    assert post(world, "webhooks/crm/switch-on")[0] == 409
    assert post(world, "webhooks/nobody/switch-on")[0] == 404
    world.receiver.answer = None
    assert post(world, f"webhook-deliveries/{first['id']}/resend", role="supervisor")[0] == 403
    assert post(world, f"webhook-deliveries/{first['id']}/resend", key="again")[0] == 200
    assert post(world, f"webhook-deliveries/{first['id']}/resend", key="again")[0] == 200
    assert post(world, f"webhook-deliveries/{second['id']}/discard")[0] == 200
    assert post(world, f"webhook-deliveries/{second['id']}/discard")[0] == 409
    assert post(world, "webhook-deliveries/w_nothing/resend")[0] == 404
    world.pump()
    assert [event["id"] for event in world.receiver.events[1:]] == [first["event"]]
    assert failed(world) == []
    _, audit = world.call("GET", "/v1/audit", **ADMIN)
    done = [entry["what"] for entry in audit["entries"] if entry["subject"].startswith("webhook:")]
    assert sorted(done) == ["discard", "resend", "switch on"]
    assert world.call("GET", "/v1/webhook-deliveries", role="supervisor")[0] == 403


def test_a_webhook_taken_out_of_the_configuration_leaves_its_deliveries_to_a_person(world: World) -> None:
    world.sms()
    world.work("inbound")
    world.publish()
    world.apply(Config.model_validate({**CONFIG, "version": "test-2"}))
    world.pump()
    (one,) = failed(world)
    assert "removed from the configuration" in one["reason"]
    assert world.receiver.posts == []
    assert post(world, f"webhook-deliveries/{one['id']}/resend")[0] == 409


def test_a_secret_that_is_missing_is_said_and_works_as_soon_as_it_is_stored(world: World) -> None:
    secrets = world.x.hook_secrets
    for stored in ((), ("not a secret",)):
        world.x.hook_secrets = lambda name, stored=stored: stored  # type: ignore[misc]
        world.sms(sender=f"+1555010{len(stored)}")
        world.pump()
        assert world.receiver.posts == []
        item = world.items("W#")[-1]
        assert item["er"] == "there is no whsec_ secret 'crm' in the provider secret"
    world.x.hook_secrets = secrets
    world.pass_time(seconds=5)
    world.pump()
    assert len(world.receiver.posts) == 2


def test_an_outage_of_the_bus_loses_nothing_and_keeps_the_order(world: World) -> None:
    world.sms("bir")
    world.pump()
    before = bus(world)
    with failing(world, "put_events"):
        world.sms("iki")
        world.work("inbound")
        assert world.publish() == 0
    assert bus(world) == before
    world.pump()
    assert bus(world)[len(before) :] == ["message.received"]
    assert [event["type"] for event in world.receiver.events] == ["message.received"] * 2


def test_a_record_that_nobody_can_read_is_set_aside_and_holds_up_nothing(world: World) -> None:
    table = world.dynamodb
    table.put_item(
        TableName="santral", Item={"pk": {"S": "M#m_x"}, "sk": {"S": "m"}, "cv": {"S": "?"}, "d": {"B": b"\x09?"}}
    )
    world.sms()
    world.pump()
    assert "message.received" in bus(world)
    aside = world._queue("aside")[1]._messages
    (body,) = [json.loads(message.body) for message in aside]
    assert (body["pk"], body["sk"], body["why"]) == ("M#m_x", "m", "ValueError")
    assert world.counts["StreamRecordUnread"] == 1


def test_what_is_said_can_be_searched_until_it_is_withdrawn(world: World) -> None:
    world.come_in("ayse")
    world.sms("ISPARTA'dan SİPARİŞ")
    world.pump()
    (conversation,) = world.conversations()
    world.reply(conversation.id, "Bakıyorum")
    world.call("POST", f"/v1/conversations/{conversation.id}/notes", {"text": "Kargo şubesi?"})
    world.pump()
    rows = world.items("X#")
    assert sorted(row["t"] for row in rows) == ["bakiyorum", "isparta'dan siparis", "kargo subesi?"]
    assert {row["c"] for row in rows} == {conversation.id}
    assert {row["pk"][:12] for row in rows} == {"X#2026-03-02"}
    (said,) = [row["sk"].partition("#")[2] for row in rows if "isparta" in row["t"]]
    found = world.x.table.message(said)
    assert isinstance(found, Message)
    withdrawn = message_item(found.model_copy(update={"text": ""}), conversation.id)
    world.x.table.commit(put("message", withdrawn))
    world.pump()
    assert sorted(row["t"] for row in world.items("X#")) == ["bakiyorum", "kargo subesi?"]
    assert bus(world).count("message.received") == 1


def test_where_nobody_listens_nothing_is_written_for_them() -> None:
    with World(streaming=True) as world:
        world.sms()
        world.pump()
        assert world.items("W#") == []
        assert len(bus(world)) == 3


def test_a_new_webhook_hears_from_now_on(world: World) -> None:
    more = {**HOOK, "name": "reports", "events": ["*"]}
    Configs(world.x.table.dynamo).apply(Config.model_validate({**LISTENING, "version": "v2", "webhooks": [HOOK, more]}))
    world.x.look_again()
    world.sms()
    world.pump()
    assert [event["type"] for event in world.receiver.events].count("message.received") == 2


def test_a_message_costs_one_batch_for_the_search_and_one_for_the_bus_where_nobody_else_listens() -> None:
    with World(streaming=True) as world:
        world.sms()
        world.work("inbound")
        world.x.config()
        with watching(world) as watch:
            world.publish()
        assert watch.calls == ["batch_write_item", "put_events"]


def test_telling_others_costs_routing_nothing() -> None:
    calls = []
    for streaming in (False, True):
        with World(LISTENING, streaming=streaming) as world:
            world.sms()
            with watching(world) as watch:
                world.work("inbound")
            calls.append(watch.calls)
    assert calls[0] == calls[1]


def test_an_item_that_names_an_index_s_key_gives_it_the_type_the_table_wants(world: World) -> None:
    world.receiver.answer = lambda request: 410 if "conversation" in str(request.body) else 204
    world.sms()
    world.pump()
    wanted = {d["AttributeName"]: d["AttributeType"] for d in table_of_the_template()["AttributeDefinitions"]}
    types = {"S": str, "N": int}
    assert {item["pk"].partition("#")[0] for item in world.items()} >= {"W", "X", "HOOK", "M", "P"}
    for item in world.items():
        for name, kind in wanted.items():
            assert isinstance(item.get(name, types[kind]()), types[kind]), (item["pk"], name)
