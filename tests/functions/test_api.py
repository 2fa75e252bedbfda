"""The API as its callers meet it: roles, errors, paging, once per Idempotency-Key."""

import pytest

from functions import api
from tests.kit.events import LambdaContext, http_event
from tests.kit.world import World


@pytest.fixture
def conversation(world: World) -> str:
    """One conversation that Ayşe has."""
    world.come_in("ayse")
    world.sms("Merhaba")
    world.pump()
    world.pass_time(seconds=1)
    return str(world.conversations()[0].id)


def test_a_caller_without_a_role_is_refused(world: World) -> None:
    status, body = world.call("GET", "/v1/conversations", role="")
    assert (status, body["title"]) == (403, "Not allowed")


def test_an_agent_may_not_see_parked_sends_and_a_supervisor_may(world: World) -> None:
    assert world.call("GET", "/v1/parked")[0] == 403
    assert world.call("GET", "/v1/parked", role="supervisor") == (200, {"parked": [], "next": None})


def test_an_unknown_path_is_a_problem_document(world: World) -> None:
    status, body = world.call("GET", "/v1/nothing")
    assert (status, body["status"]) == (404, 404)


def test_a_known_path_with_another_method_names_those_it_has(world: World, conversation: str) -> None:
    for method, path, allowed in (
        ("DELETE", "/v1/conversations", "GET, POST"),
        ("PUT", f"/v1/conversations/{conversation}", "GET"),
        ("GET", f"/v1/conversations/{conversation}/replies", "POST"),
        ("PATCH", "/v1/clients", "GET, POST"),
    ):
        event = http_event(method, path, b"", {})
        event["requestContext"]["authorizer"] = {"jwt": {"claims": {"username": "ayse", "cognito:groups": "[agent]"}}}
        answer = api.handler(event, LambdaContext())
        headers = {name.lower(): value for name, value in answer["headers"].items()}
        assert (answer["statusCode"], headers["allow"]) == (405, allowed), path
        assert headers["content-type"] == "application/problem+json"


def test_an_unknown_conversation_is_not_found(world: World) -> None:
    for name in ("c_nothing.default.1", "nonsense", "c_..", "c_a.b.01"):
        assert world.call("GET", f"/v1/conversations/{name}")[0] == 404


def test_a_misspelt_field_is_named(world: World, conversation: str) -> None:
    status, body = world.call("POST", f"/v1/conversations/{conversation}/replies", {"txt": "x"})
    assert status == 422
    assert body["field"] in ("text", "txt")


def test_a_body_that_is_no_json_is_invalid_and_not_a_fault(world: World, conversation: str) -> None:
    event = http_event("POST", f"/v1/conversations/{conversation}/replies", b"{", {"idempotency-key": "k"})
    event["requestContext"]["authorizer"] = {"jwt": {"claims": {"username": "ayse", "cognito:groups": "[agent]"}}}
    assert api.handler(event, LambdaContext())["statusCode"] == 422


def test_a_post_without_an_idempotency_key_is_refused(world: World, conversation: str) -> None:
    status, body = world.call("POST", f"/v1/conversations/{conversation}/resolve", key=None)
    assert (status, body["field"]) == (422, "Idempotency-Key")


def test_the_same_key_sends_one_reply(world: World, conversation: str) -> None:
    first = world.reply(conversation, "Tek", key="k1")
    again = world.reply(conversation, "Tek", key="k1")
    world.pump()
    assert first["message"]["id"] == again["message"]["id"]
    assert len(world.providers.calls) == 1
    assert world.texts(conversation) == ["Merhaba", "Tek"]


def test_the_same_key_with_another_request_is_refused(world: World, conversation: str) -> None:
    world.reply(conversation, "Bir", key="k1")
    status, _ = world.call("POST", f"/v1/conversations/{conversation}/replies", {"text": "İki"}, key="k1")
    assert status == 422


def test_two_users_may_use_the_same_key(world: World, conversation: str) -> None:
    world.reply(conversation, "Bir", key="k1")
    status, _ = world.call("POST", f"/v1/conversations/{conversation}/notes", {"text": "not"}, user="mehmet", key="k1")
    assert status == 200


def test_an_agent_cannot_answer_a_colleague_s_conversation_but_a_supervisor_can(
    world: World, conversation: str
) -> None:
    path = f"/v1/conversations/{conversation}/replies"
    status, body = world.call("POST", path, {"text": "Ben de"}, user="mehmet")
    assert (status, "ayse" in body["detail"]) == (403, True)
    assert world.call("POST", path, {"text": "Ben de"}, user="sef", role="supervisor")[0] == 200


def test_a_note_is_seen_by_colleagues_and_never_leaves(world: World, conversation: str) -> None:
    status, body = world.call("POST", f"/v1/conversations/{conversation}/notes", {"text": "dikkat"}, user="mehmet")
    assert (status, body["message"]["direction"]) == (200, "note")
    world.pump()
    assert world.providers.calls == []
    assert world.texts(conversation) == ["Merhaba", "dikkat"]


def test_resolve_frees_the_agent_and_reopen_waits_again(world: World, conversation: str) -> None:
    assert world.call("GET", "/v1/agents/ayse")[1]["free"] == 9
    assert world.call("POST", f"/v1/conversations/{conversation}/resolve")[1]["conversation"]["state"] == "resolved"
    assert world.call("GET", "/v1/agents/ayse")[1]["free"] == 12
    assert world.call("POST", f"/v1/conversations/{conversation}/resolve")[0] == 409
    assert world.call("POST", f"/v1/conversations/{conversation}/replies", {"text": "x"})[0] == 409
    world.call("POST", f"/v1/conversations/{conversation}/reopen")
    world.pump()
    assert world.call("GET", f"/v1/conversations/{conversation}")[1]["conversation"]["state"] == "active"


def test_freed_capacity_takes_the_oldest_of_the_line_first(world: World) -> None:
    world.come_in("ayse")
    for number in range(6):
        world.sms(f"{number}", sender=f"+1555020{number}")
        world.pass_time(seconds=1)
        world.pump()
    waiting = world.call("GET", "/v1/conversations", query="state=waiting")[1]["conversations"]
    assert [c["preview"] for c in waiting] == ["4", "5"]
    mine = world.call("GET", "/v1/conversations", query="agent=ayse")[1]["conversations"]
    world.call("POST", f"/v1/conversations/{mine[0]['id']}/resolve")
    world.pump()
    waiting = world.call("GET", "/v1/conversations", query="state=waiting")[1]["conversations"]
    assert [c["preview"] for c in waiting] == ["5"]


def test_a_waiting_conversation_says_why_nobody_took_it(world: World) -> None:
    world.sms("Kimse yok mu?")
    world.pump()
    (conversation,) = world.conversations()
    history = world.call("GET", f"/v1/conversations/{conversation.id}")[1]["history"]
    assert (history[0]["what"], history[0]["detail"]["agent"]) == ("decision", None)
    world.pass_time(seconds=1)
    world.come_in("ayse")
    world.pump()
    history = world.call("GET", f"/v1/conversations/{conversation.id}")[1]["history"]
    assert [entry["detail"].get("agent") for entry in history] == [None, "ayse"]


def test_take_obeys_skill_and_capacity(world: World) -> None:
    world.sms("Ben bekliyorum")
    world.pump()
    (conversation,) = world.conversations()
    world.come_in("usta")
    status, body = world.call("POST", f"/v1/conversations/{conversation.id}/take", user="usta")
    assert (status, "skill" in body["detail"]) == (409, True)
    assert world.call("POST", f"/v1/conversations/{conversation.id}/take", user="ayse")[0] == 409  # not in


def test_a_transfer_to_a_queue_waits_there_and_to_an_agent_moves_the_load(world: World, conversation: str) -> None:
    world.come_in("mehmet", "usta")
    path = f"/v1/conversations/{conversation}/transfer"
    assert world.call("POST", path, {"agent": "usta"})[0] == 409  # not skilled for this queue
    assert world.call("POST", path, {"agent": "mehmet", "note": "sende"})[1]["conversation"]["agent"] == "mehmet"
    assert world.call("GET", "/v1/agents/ayse")[1]["free"] == 12
    assert world.call("GET", "/v1/agents/mehmet")[1]["free"] == 9
    world.call("POST", path, {"queue": "uzman"}, user="mehmet")
    world.pump()
    found = world.call("GET", f"/v1/conversations/{conversation}")[1]["conversation"]
    assert (found["queue"], found["agent"]) == ("uzman", "usta")
    assert world.call("GET", "/v1/agents/mehmet")[1]["free"] == 12


def test_a_transfer_names_exactly_one_target_that_exists(world: World, conversation: str) -> None:
    path = f"/v1/conversations/{conversation}/transfer"
    for body in ({}, {"queue": "uzman", "agent": "usta"}, {"queue": "yok"}, {"agent": "yok"}):
        assert world.call("POST", path, body)[0] == 422


def test_lists_page_without_gaps_or_repeats(world: World) -> None:
    for number in range(7):
        world.sms(f"{number}", sender=f"+1555030{number}")
        world.pass_time(seconds=1)
    world.pump()
    seen: list[str] = []
    cursor = ""
    for _ in range(10):
        _, body = world.call("GET", "/v1/conversations", query=f"state=waiting&limit=3{cursor}")
        seen += [c["preview"] for c in body["conversations"]]
        if body["next"] is None:
            break
        cursor = f"&cursor={body['next']}"
    assert seen == [str(n) for n in range(7)]


def test_a_foreign_cursor_and_a_silly_limit_are_invalid(world: World, conversation: str) -> None:
    assert world.call("GET", "/v1/conversations", query="cursor=%21%21")[0] == 422
    assert world.call("GET", "/v1/conversations", query="limit=0")[0] == 422
    assert world.call("GET", "/v1/conversations", query="state=open")[0] == 422
    for cursor in ("x", "%7E", "1772442000000", "1772442000000%23", "1772442000000%23" + "a" * 2000):
        for path in ("parked", "quarantine", "webhook-deliveries", "suppressions", "audit", "search"):
            query = f"cursor={cursor}&channel=sms" if path == "suppressions" else f"cursor={cursor}"
            status, body = world.call("GET", f"/v1/{path}", role="admin", query=query)
            assert (status, body["field"]) == (422, "cursor"), path
        for way in ("after", "before"):
            path = f"/v1/conversations/{conversation}/messages"
            status, body = world.call("GET", path, query=f"{way}={cursor}")
            assert (status, body["field"]) == (422, way)


def test_messages_are_read_on_by_cursor(world: World, conversation: str) -> None:
    first = world.call("GET", f"/v1/conversations/{conversation}")[1]
    world.pass_time(seconds=5)
    world.sms("İkinci")
    world.pump()
    page = world.call(
        "GET", f"/v1/conversations/{conversation}/messages", query=f"after={first['cursor'].replace('#', '%23')}"
    )[1]
    assert [m["text"] for m in page["messages"]] == ["İkinci"]
    before = page["messages"][0]["cursor"].replace("#", "%23")
    page = world.call("GET", f"/v1/conversations/{conversation}/messages", query=f"before={before}")[1]
    assert [m["text"] for m in page["messages"]] == ["Merhaba"]


def test_a_contact_is_found_by_address_and_corrected_by_hand(world: World, conversation: str) -> None:
    _, found = world.call("GET", "/v1/contacts", query="channel=sms&address=%2B15550199")
    assert [c["id"] for c in found["conversations"]] == [conversation]
    _, saved = world.call("POST", f"/v1/contacts/{found['id']}", {"name": "Zeynep", "language": "tr"})
    assert (saved["name"], saved["language"]) == ("Zeynep", "tr")
    assert world.call("GET", "/v1/contacts", query="channel=sms&address=%2B100")[0] == 404
    assert world.call("GET", "/v1/contacts", query="channel=sms&address=+15550199")[1]["id"] == found["id"]


def test_a_corrected_name_is_the_conversation_s_and_stays_whatever_the_customer_calls_themselves(world: World) -> None:
    world.mail("Merhaba", sender="DNZ 1903 <musteri@example.net>")
    world.pump()
    (before,) = world.conversations()
    assert before.name == "DNZ 1903"
    assert world.call("POST", f"/v1/contacts/{before.contact}", {"name": "Deniz Kaya"})[0] == 200
    _, listed = world.call("GET", "/v1/conversations")
    assert [c["customer"] for c in listed["conversations"]] == ["Deniz Kaya"]
    _, found = world.call("GET", "/v1/search", query="contact=den")
    assert [hit["conversation"]["id"] for hit in found["hits"]] == [before.id]
    world.pass_time(seconds=5)
    world.mail("Yine ben", sender="DNZ 1903 <musteri@example.net>")
    world.pump()
    (after,) = world.conversations()
    assert (after.name, after.preview) == ("Deniz Kaya", "Yine ben")


def test_the_audit_says_who_did_what(world: World, conversation: str) -> None:
    world.reply(conversation)
    world.pass_time(seconds=1)
    world.call("POST", f"/v1/conversations/{conversation}/resolve")
    assert world.call("GET", "/v1/audit", role="supervisor")[0] == 403
    _, body = world.call("GET", "/v1/audit", role="admin", query="day=2026-03-02")
    assert [(e["who"], e["what"]) for e in body["entries"]] == [
        ("ayse", "presence"),
        ("ayse", "reply"),
        ("ayse", "resolve"),
    ]
    assert world.call("GET", "/v1/audit", role="admin", query="day=yesterday")[0] == 422


def test_only_oneself_or_a_supervisor_sets_presence(world: World) -> None:
    path = "/v1/agents/ayse/presence"
    assert world.call("POST", path, {"presence": "online"}, user="mehmet")[0] == 403
    assert world.call("POST", path, {"presence": "away"}, user="sef", role="supervisor")[1]["presence"] == "away"
    assert world.call("POST", path, {"presence": "asleep"})[0] == 422


def test_an_agent_who_is_away_gets_nothing_new_and_keeps_the_old(world: World, conversation: str) -> None:
    world.call("POST", "/v1/agents/ayse/presence", {"presence": "away"})
    world.sms("Bir başkası", sender="+15550555")
    world.pump()
    states = {c.id: c.state for c in world.conversations()}
    assert states.pop(conversation) == "active"
    assert list(states.values()) == ["waiting"]


def test_pages_are_served_with_a_strict_policy_and_nothing_outside_them(world: World) -> None:
    def get(path: str) -> dict[str, object]:
        return dict(api.handler(http_event("GET", path, b"", {}), LambdaContext()))

    assert get("/desk")["statusCode"] == 200
    assert get("/chat/chat")["statusCode"] == 200
    assert get("/chat/yok")["statusCode"] == 404
    for path in ("/web/..%2Fpyproject.toml", "/web/.hidden", "/web/nothing.js", "/web/../pyproject.toml"):
        assert get(path)["statusCode"] == 404


def test_a_chat_session_is_renewed_for_the_same_visitor_only(world: World) -> None:
    status, first = world.call("POST", "/chat/chat/sessions", {"name": "Zeynep"}, user=None)
    assert status == 201
    _, again = world.call("POST", "/chat/chat/sessions", {"session": first["session"]}, user=None)
    assert again["visitor"] == first["visitor"]
    assert world.call("POST", "/chat/chat/sessions", {"session": first["session"][:-2] + "xx"}, user=None)[0] == 403
    assert world.call("POST", "/chat/yok/sessions", {}, user=None)[0] == 404
    assert world.call("POST", "/chat/sms/sessions", {}, user=None)[0] == 404


def test_a_ticket_opens_one_socket_once_and_only_in_time(world: World) -> None:
    ticket = world.call("POST", "/v1/socket-tickets")[1]["ticket"]
    assert world.socket("CONNECT", "a=", protocols=["santral.v1", f"ticket.{ticket}"])["statusCode"] == 200
    assert world.socket("CONNECT", "b=", protocols=["santral.v1", f"ticket.{ticket}"])["statusCode"] == 401
    late = world.call("POST", "/v1/socket-tickets")[1]["ticket"]
    world.pass_time(seconds=31)
    assert world.socket("CONNECT", "c=", protocols=["santral.v1", f"ticket.{late}"])["statusCode"] == 401
    assert world.socket("CONNECT", "d=", protocols=["santral.v1"])["statusCode"] == 401
