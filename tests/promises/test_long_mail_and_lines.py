"""What reviews found: each of these once lost, looped or blocked."""

from __future__ import annotations

import json
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest

from router.aws.dynamo import update
from router.config import Config
from router.errors import Unknown
from router.messages import ChannelName, Direction, Message, Parsed, Party, Provider
from router.receive import accept
from router.records import Call
from router.wire import HttpRequest, HttpResponse
from tests.kit.promises import check
from tests.kit.world import CONFIG, World


@pytest.mark.parametrize("letters", ["Здравствуйте, мир. ", "İstanbul'da yağmur. ", "plain words, many of them. "])
def test_p1_a_very_long_mail_is_stored_cut_and_says_so(world: World, letters: str) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Message-ID"] = "musteri@example.net", "destek@example.com", "<long@example.net>"
    text = (letters * 7_000)[:125_000]
    mail.set_content(text + "\n\n> alıntı\n")
    mail.add_alternative(f"<p>{text}</p>", subtype="html")
    world.mail(raw=mail.as_bytes())
    world.pump()
    (conversation,) = world.conversations()
    (message,) = world.x.table.messages(conversation.id)
    assert isinstance(message, Message)
    assert message.text.startswith(letters.strip()[:10])
    assert "left out" in " ".join(message.problems)
    assert world.counts.get("QueueMissed", 0) == 0


def test_p7_a_line_of_large_work_does_not_hold_back_small_work_behind_it(world: World) -> None:
    for number in range(12):
        world.mail(sender=f"m{number}@example.net")
        world.pump()
    world.pass_time(minutes=1)
    world.sms("Küçük iş")
    world.pump()
    small: dict[str, Any] = {
        **CONFIG,
        "version": "small",
        "agents": [{**CONFIG["agents"][0], "units": 5}, *CONFIG["agents"][1:]],
    }
    world.apply(Config.model_validate(small))
    world.come_in("ayse")
    world.pump()
    assert [c.preview for c in world.conversations() if c.agent == "ayse"] == ["Küçük iş"]


def test_p7_a_queue_that_moves_to_another_skill_takes_its_line_along(world: World) -> None:
    world.sms("Bekliyorum")
    world.pump()
    world.sweep()
    queues = [{**q, "skill": "uzman", "pool": "main"} if q["name"] == "genel" else q for q in CONFIG["queues"]]
    world.apply(Config.model_validate({**CONFIG, "version": "moved", "queues": queues}))
    world.come_in("usta")
    world.pump()
    world.sweep()
    world.pump()
    (conversation,) = world.conversations()
    assert conversation.agent == "usta"
    check(world)


def test_p5_an_agent_moved_to_another_pool_is_not_served_from_both(world: World) -> None:
    world.come_in("ayse")
    for number in range(4):
        world.sms(sender=f"+1555040{number}")
    world.pump()
    agents = [{**a, "pool": "vip"} if a["name"] == "ayse" else a for a in CONFIG["agents"]]
    queues = [*CONFIG["queues"], {"name": "vip", "skill": "genel", "pool": "vip"}]
    world.apply(Config.model_validate({**CONFIG, "version": "vip", "agents": agents, "queues": queues}))
    world.call("POST", f"/v1/conversations/{world.conversations()[0].id}/resolve", role="supervisor")
    world.sms("Beşinci", sender="+15550499")
    world.pump()
    assert [c.agent for c in world.conversations() if c.preview == "Beşinci"] == [None]


def test_p10_a_forged_bounce_that_names_our_message_id_changes_nothing(world: World) -> None:
    world.come_in("ayse")
    world.mail()
    world.pump()
    (conversation,) = world.conversations()
    send = world.reply(conversation.id)["message"]["id"]
    world.pump()
    wire = f"{world.x.table.sends([send])[send].external_id}@{world.x.mail_host}"
    raw = (
        "From: mailer-daemon@evil.example\r\nTo: destek@example.com\r\nSubject: Undelivered\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nIt failed.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; x\r\n\r\n"
        "Final-Recipient: rfc822; musteri@example.net\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n"
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <{wire}>\r\nX-Santral-Send: {send}\r\n\r\n--b--\r\n"
    ).encode()
    world.mail(raw=raw, sender="mailer-daemon@evil.example", dmarc="FAIL")
    world.pump()
    assert world.x.table.sends([send])[send].shown == "sent"


def test_p1_what_a_person_discarded_does_not_come_back_from_the_ledger(world: World) -> None:
    world.sms("Merhaba")
    world.lose_version()
    gone = {**CONFIG, "version": "gone", "inboxes": [i for i in CONFIG["inboxes"] if i["name"] != "sms"]}
    world.apply(Config.model_validate(gone))
    world.pump()
    _, page = world.call("GET", "/v1/quarantine", role="supervisor")
    (entry,) = page["quarantine"]
    assert world.call("POST", f"/v1/quarantine/{entry['id']}/discard", role="supervisor")[0] == 200
    for _ in range(4):
        world.pass_time(minutes=20)
        world.sweep()
        world.pump()
    assert world.call("GET", "/v1/quarantine", role="supervisor")[1]["quarantine"] == []


def test_one_broken_item_does_not_stop_the_sweep(world: World) -> None:
    world.mail()
    world.pump()
    (item,) = [i for i in world.items("P#") if i["sk"].startswith("open#")]
    newer = update("newer", (item["pk"], item["sk"]), "SET #d = :x, #due = :soon", {"x": b"\x09newer", "soon": 1})
    world.x.table.commit(newer)
    world.sms("Öteki", sender="+15550777")
    world.pump()
    world.come_in("ayse")
    world.pass_time(hours=2)
    world.sweep()
    assert world.counts["SweepFailed"] >= 1
    assert "ParkedSends" in world.counts


def test_a_reply_that_its_channel_cannot_carry_is_refused_before_it_is_stored(world: World) -> None:
    world.come_in("ayse")
    world.sms()
    world.pump()
    (conversation,) = world.conversations()
    status, body = world.call("POST", f"/v1/conversations/{conversation.id}/replies", {"text": "ş" * 16_001})
    assert (status, body["field"]) == (422, "text")


def test_p4_a_page_that_comes_back_reads_what_was_stored_late(world: World) -> None:
    world.come_in("ayse")
    connection = world.open_chat()
    world.frame(connection, {"type": "message", "id": "1", "text": "Merhaba"})
    world.pump()
    (conversation,) = world.conversations()
    world.pass_time(seconds=10)
    world.reply(conversation.id, "Buyurun")
    world.pass_time(seconds=10)
    late = f"{round((world.now + timedelta(seconds=30)).timestamp() * 1000):013d}#m_zzz"
    (page,) = world.frame(connection, {"type": "resume", "after": late})
    assert "Buyurun" in [m["text"] for m in page["messages"]]
    assert page["cursor"] == late


def test_p4_a_long_absence_is_read_on_in_frames_that_a_socket_takes_and_asked_for_once(world: World) -> None:
    connection = world.open_chat()
    for number in range(40):
        world.frame(connection, {"type": "message", "id": f"c{number}", "text": f"{number} " + "ж" * 3_900})
        world.pass_time(seconds=10)
        world.pump()
    pages = world.frame(connection, {"type": "resume", "after": "0"})
    assert len(pages) > 1
    assert all(len(json.dumps(page, ensure_ascii=False).encode()) < 128 * 1024 for page in pages)
    assert [page["more"] for page in pages] == [False] * len(pages)
    read = [message["text"].split()[0] for page in pages for message in page["messages"]]
    assert read == [str(number) for number in range(40)]
    (again,) = world.frame(connection, {"type": "resume", "after": pages[-1]["cursor"]})
    assert {m["text"].split()[0] for m in again["messages"]} <= {str(n) for n in range(27, 40)}


def test_p2_a_server_error_of_ses_is_not_repeated_blindly(world: World) -> None:
    from channels.email import Email

    for status in (500, 502, 504, 408):
        with pytest.raises(Unknown):
            Email().interpret(HttpResponse(status, {}, b"{}"))
    assert isinstance(world.providers.calls, list)
    assert HttpRequest("GET", "ses:").sign is None


def test_p1_a_message_that_no_cut_makes_fit_is_quarantined_and_not_queued(world: World) -> None:
    """No channel of today makes one; a later one may, and then it must neither loop nor be lost."""
    crowd = tuple(Party(address=f"kisi{n:05d}.soyadi{n:05d}@uzun.alan.adi.example.net") for n in range(9_000))
    message = Message(
        id="m_crowd",
        channel=ChannelName.EMAIL,
        provider=Provider.SES,
        inbox="destek",
        direction=Direction.INBOUND,
        sender=Party(address="a@example.net"),
        recipients=crowd,
        text="Merhaba",
        received_at=world.now,
    )
    accept(world.x, [(Call("email", "destek", world.now, body=b"x" * 9_000), Parsed(messages=(message,)))])
    assert [item["wy"] for item in world.items("Q#")] == [
        "the message's addresses, references or details are too large to keep"
    ]
    assert world.queued("inbound") == 0
    assert world.items("IN#") == []
