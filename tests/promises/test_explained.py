"""P6, in plain words: anybody can read why a conversation is where it is, and why nobody has taken it yet (complaint 3)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from router.config import Config
from santral.cel import check as checked
from tests.kit.crash import settle
from tests.kit.offering import Agents, act, floor, later, now, presence, writes
from tests.kit.world import CONFIG, World

On = Callable[[Mapping[str, Any]], World]
NIGHT = datetime(2026, 3, 1, 20, 0, tzinfo=UTC)
COMPLAINT = {
    "name": "vip-complaint",
    "when": 'message.text.mentions(["şikayet*"]) && message.channel == "sms"',
    "queue": "uzman",
    "priority": 1,
    "tier": "gold",
    "require": [{"needs": ["uzman>=3", "language"], "seconds": 60}],
}
SHOP: dict[str, Any] = {
    **CONFIG,
    "version": "v-1",
    "inboxes": [inbox | {"language": "tr"} for inbox in CONFIG["inboxes"]],
    "routing": {"offers": {"sms": 30}},
    "calendars": [{"name": "ofis", "zone": "Europe/Istanbul", "open": {"mon-sun": ["09:00-18:00"]}}],
    "answers": [{"queue": "uzman", "hours": "ofis"}],
    "presences": [{"name": "mola", "label": {"tr": "Mola", "en": "Break"}}],
    "agents": [
        {"name": "usta", "display_name": "Usta Kaya", "skills": {"uzman": 5}, "languages": {"tr": 5}},
        {"name": "zehra", "display_name": "Zehra Ak", "skills": {"uzman": 3}, "languages": {"tr": 5}},
        {"name": "emma", "display_name": "Emma Clarke", "skills": {"uzman": 1}, "languages": ["en"]},
        {"name": "can", "display_name": "Can Er", "skills": {"uzman": 4}, "languages": ["tr"], "hours": "ofis"},
        {
            "name": "ayse",
            "display_name": "Ayşe Yıl",
            "skills": {"uzman": 4, "genel": 1, "chat": 1},
            "languages": ["tr"],
        },
    ],
}
SHOP["rules"] = [COMPLAINT | {"checked": checked(str(COMPLAINT["when"]), Config.model_validate(SHOP))}]


def explained(
    world: World,
    conversation: Any,
    *,
    user: str = "sef",
    role: str = "supervisor",
    status: int = 200,
    language: str | None = None,
    audience: str | None = None,
) -> dict[str, Any]:
    """The API's explanation of a conversation."""
    path = f"/v1/conversations/{getattr(conversation, 'id', conversation)}/explanation"
    got, body = world.call(
        "GET",
        path,
        user=user,
        role=role,
        query=urlencode({name: value for name, value in (("language", language), ("as", audience)) if value}),
    )
    assert got == status, body
    return body


def page(body: dict[str, Any]) -> str:
    """As somebody reads it, without the ids that change."""
    lines = [body["title"], body["note"]]
    day = None
    for line in body["story"]:
        if line["day"] != day:
            day = line["day"]
            lines.append(day)
        lines.append(f"{line['clock']} {line['text']}")
        lines += [f"- {detail}" for detail in line["details"]]
    lines += [f"> {text}" for text in (*body["now"]["text"], *filter(None, [body["now"]["you"]]))]
    return re.sub(r"c_[a-z0-9]{24}", "c_…", "\n".join(lines))


def the_sunday_night(on: On) -> tuple[World, Any]:
    """A complaint on a Sunday night: the best agent declines, the second lets it pass; nobody else may have it yet."""
    world = on(SHOP)
    world.now = NIGHT
    for agent in ("usta", "zehra", "emma"):
        world.come_in(agent)
    presence(world, "ayse", "mola")
    conversation = writes(world, text="Şikayetim var, numaram 5550")
    world.pass_time(seconds=12)
    act(world, "usta", "decline", conversation, {"reason": "öğle yemeği"})
    later(world, seconds=31)
    return world, conversation


def to_its_end(world: World, conversation: Any) -> None:
    """The step relaxes, the third accepts, answers and resolves it."""
    later(world, seconds=20)
    world.pass_time(seconds=7)
    act(world, "emma", "accept", conversation)
    for _ in range(2):
        world.pass_time(minutes=1)
        world.reply(conversation.id, "Bakıyorum", user="emma")
    world.pass_time(minutes=2)
    act(world, "emma", "resolve", conversation)


WHOLE = """\
+15550199, by SMS, in the queue “uzman”
Time zone: Europe/Istanbul.
Sunday, 1 March 2026
23:00 The customer wrote by SMS. The conversation began in the queue “uzman”.
- Priority 1, tier gold; to be answered within 1 hour.
- The rule “vip-complaint” matched because the message says “şikayet*” and it came by SMS.
23:00 It was offered to Usta Kaya, with 30 seconds to accept.
- It asked for: “uzman” at level 3 or higher and Turkish.
- Why Usta Kaya: of those who could take it the most skilled (level 5).
- Could have taken it as well: Zehra Ak.
- Why not the others: Ayşe Yıl (in the state “Break”); Can Er (offline); Emma Clarke (without “uzman” at level 3 or higher).
- Steps: at once “uzman” at level 3 or higher and Turkish; after 1 minute “uzman”.
- Score 0.00473 under the policy “default”: it had waited 0 seconds, priority 1, target 1 hour.
23:00:12 Usta Kaya declined.
- The reason given: “öğle yemeği”
23:00:12 It was offered to Zehra Ak, with 30 seconds to accept.
- Why Zehra Ak: nobody else could take it.
- Why not the others: Ayşe Yıl (in the state “Break”); Can Er (offline); Emma Clarke (without “uzman” at level 3 or higher); \
Usta Kaya (not to be asked again so soon).
- Score 0.00485 under the policy “default”: it had waited 12 seconds, priority 1, target 1 hour.
23:00:43 Zehra Ak did not answer the offer in time.
23:00:43 Nobody else could take it then, so it waited on. It asked for: “uzman” at level 3 or higher and Turkish.
- Why nobody: Ayşe Yıl (in the state “Break”); Can Er (offline); Emma Clarke (without “uzman” at level 3 or higher); \
Usta Kaya and Zehra Ak (not to be asked again so soon).
- Score 0.00517 under the policy “default”: it had waited 43 seconds, priority 1, target 1 hour.
23:01 After 1 minute of waiting it asked for: “uzman”.
23:01:03 It was offered to Emma Clarke, with 30 seconds to accept.
- Why Emma Clarke: nobody else could take it.
- Why not the others: Ayşe Yıl (in the state “Break”); Can Er (offline); Usta Kaya and Zehra Ak (not to be asked again so soon).
- Score 0.00539 under the policy “default”: it had waited 1 minute 3 seconds, priority 1, target 1 hour.
23:01:10 Emma Clarke accepted.
23:02:10 Emma Clarke answered the customer 2 times, the last time at 23:03:10.
23:05:10 Emma Clarke resolved it.
> It is resolved."""


def test_p6_a_sunday_night_reads_like_a_story_to_a_supervisor(on: On) -> None:
    world, conversation = the_sunday_night(on)
    to_its_end(world, conversation)
    body = explained(world, conversation)
    assert page(body) == WHOLE
    decisions = [line for line in body["story"] if line["what"] == "decision"]
    assert all(world.x.table.decision(line["decision"]) is not None for line in decisions)  # each can be replayed
    assert {line["config"] for line in decisions} == {"v-1"}


IN_TURKISH = """\
+15550199, SMS üzerinden, “uzman” kuyruğu
Saat dilimi: Europe/Istanbul.
1 Mart 2026 Pazar
23:00 Müşteri SMS üzerinden yazdı. Görüşme “uzman” kuyruğunda başladı.
- Öncelik 1, müşteri sınıfı gold; yanıt süresi 1 saat.
- “vip-complaint” kuralı geçerli oldu, çünkü mesajda “şikayet*” geçiyor ve SMS üzerinden geldi.
23:00 Usta Kaya görüşme için öneri aldı, kabul süresi 30 saniye.
- Aranan: en az 3. seviye “uzman” ve Türkçe.
- Neden Usta Kaya: alabilecekler arasında becerisi en yüksek olandı (seviye 5).
- Alabilecek diğer kişiler: Zehra Ak.
- Neden diğerleri değil: Ayşe Yıl (“Mola” durumunda); Can Er (çevrimdışı); Emma Clarke (en az 3. seviye “uzman” becerisi yok).
- Adımlar: önce en az 3. seviye “uzman” ve Türkçe; 1 dakika sonra “uzman”.
- “default” politikasına göre puanı 0,00473: bekleme 0 saniye, öncelik 1, hedef 1 saat.
23:00:12 Usta Kaya geri çevirdi.
- Belirttiği neden: “öğle yemeği”
23:00:12 Zehra Ak görüşme için öneri aldı, kabul süresi 30 saniye.
- Neden Zehra Ak: alabilecek başka kimse yoktu.
- Neden diğerleri değil: Ayşe Yıl (“Mola” durumunda); Can Er (çevrimdışı); Emma Clarke (en az 3. seviye “uzman” becerisi yok); \
Usta Kaya (yeniden sormak için erken).
- “default” politikasına göre puanı 0,00485: bekleme 12 saniye, öncelik 1, hedef 1 saat.
23:00:43 Zehra Ak öneriyi zamanında yanıtlamadı.
23:00:43 O an alabilecek başka kimse yoktu, beklemeyi sürdürdü. Aranan: en az 3. seviye “uzman” ve Türkçe.
- Neden kimse alamadı: Ayşe Yıl (“Mola” durumunda); Can Er (çevrimdışı); Emma Clarke (en az 3. seviye “uzman” becerisi yok); \
Usta Kaya ve Zehra Ak (yeniden sormak için erken).
- “default” politikasına göre puanı 0,00517: bekleme 43 saniye, öncelik 1, hedef 1 saat.
23:01 Bekleme 1 dakika sürünce aranan değişti: “uzman”.
23:01:03 Emma Clarke görüşme için öneri aldı, kabul süresi 30 saniye.
- Neden Emma Clarke: alabilecek başka kimse yoktu.
- Neden diğerleri değil: Ayşe Yıl (“Mola” durumunda); Can Er (çevrimdışı); Usta Kaya ve Zehra Ak (yeniden sormak için erken).
- “default” politikasına göre puanı 0,00539: bekleme 1 dakika 3 saniye, öncelik 1, hedef 1 saat.
23:01:10 Emma Clarke kabul etti.
23:02:10 Emma Clarke müşteriye 2 kez yanıt verdi (sonuncusu 23:03:10).
23:05:10 Emma Clarke görüşmeyi çözdü.
> Görüşme çözüldü."""


def test_p6_the_same_reads_so_in_turkish(on: On) -> None:
    world, conversation = the_sunday_night(on)
    to_its_end(world, conversation)
    assert page(explained(world, conversation, language="tr")) == IN_TURKISH


FOR_AGENTS = """\
+15550199, by SMS, in the queue “uzman”
Time zone: Europe/Istanbul.
Sunday, 1 March 2026
23:00 The customer wrote by SMS. The conversation began in the queue “uzman”.
- Priority 1, tier gold; to be answered within 1 hour.
- The rule “vip-complaint” matched because the message says “şikayet*” and it came by SMS.
23:00 It was offered to Usta Kaya, with 30 seconds to accept.
- It asked for: “uzman” at level 3 or higher and Turkish.
- Why Usta Kaya: of those who could take it the most skilled (level 5).
- One other could have taken it as well.
- Why not the others: 1 in the state “Break”; 1 offline; 1 without “uzman” at level 3 or higher.
23:00:12 Usta Kaya declined.
23:00:12 It was offered to Zehra Ak, with 30 seconds to accept.
- Why Zehra Ak: nobody else could take it.
- Why not the others: 1 in the state “Break”; 1 offline; 1 without “uzman” at level 3 or higher; 1 not to be asked again so soon.
23:00:43 Zehra Ak did not answer the offer in time.
23:00:43 Nobody else could take it then, so it waited on. It asked for: “uzman” at level 3 or higher and Turkish.
- Why nobody: 1 in the state “Break”; 1 offline; 1 without “uzman” at level 3 or higher; 2 not to be asked again so soon.
23:01 After 1 minute of waiting it asked for: “uzman”.
23:01:03 It was offered to Emma Clarke, with 30 seconds to accept.
- Why Emma Clarke: nobody else could take it.
- Why not the others: 1 in the state “Break”; 1 offline; 2 not to be asked again so soon.
23:01:10 Emma Clarke accepted.
23:02:10 Emma Clarke answered the customer 2 times, the last time at 23:03:10.
23:05:10 Emma Clarke resolved it.
> It is resolved."""


def test_p6_an_agent_reads_the_same_story_with_numbers_of_colleagues(on: On) -> None:
    world, conversation = the_sunday_night(on)
    to_its_end(world, conversation)
    assert page(explained(world, conversation, user="emma", role="agent")) == FOR_AGENTS


BEKLEYEN = """\
+15550199, SMS üzerinden, “uzman” kuyruğu
Saat dilimi: Europe/Istanbul.
1 Mart 2026 Pazar
23:00 Müşteri SMS üzerinden yazdı. Görüşme “uzman” kuyruğunda başladı.
- Öncelik 1, müşteri sınıfı gold; yanıt süresi 1 saat.
- “vip-complaint” kuralı geçerli oldu, çünkü mesajda “şikayet*” geçiyor ve SMS üzerinden geldi.
23:00 Usta Kaya görüşme için öneri aldı, kabul süresi 30 saniye.
- Aranan: en az 3. seviye “uzman” ve Türkçe.
- Neden Usta Kaya: alabilecekler arasında becerisi en yüksek olandı (seviye 5).
- Alabilecek bir kişi daha vardı.
- Neden diğerleri değil: 1 kişi “Mola” durumunda; 1 kişi çevrimdışı; 1 kişinin en az 3. seviye “uzman” becerisi yok.
23:00:12 Usta Kaya geri çevirdi.
23:00:12 Zehra Ak görüşme için öneri aldı, kabul süresi 30 saniye.
- Neden Zehra Ak: alabilecek başka kimse yoktu.
- Neden diğerleri değil: 1 kişi “Mola” durumunda; 1 kişi çevrimdışı; 1 kişinin en az 3. seviye “uzman” becerisi yok; \
1 kişiye yeniden sormak için erken.
23:00:43 Zehra Ak öneriyi zamanında yanıtlamadı.
23:00:43 O an alabilecek başka kimse yoktu, beklemeyi sürdürdü. Aranan: en az 3. seviye “uzman” ve Türkçe.
- Neden kimse alamadı: 1 kişi “Mola” durumunda; 1 kişi çevrimdışı; 1 kişinin en az 3. seviye “uzman” becerisi yok; \
2 kişiye yeniden sormak için erken.
> Bekleme süresi 43 saniye. Aranan: en az 3. seviye “uzman” ve Türkçe.
> İlk yanıt için son saat: 2 Mart 00:00.
> Neden henüz kimse almadı: 1 kişi “Mola” durumunda; 1 kişi çevrimdışı; 1 kişinin en az 3. seviye “uzman” becerisi yok; \
2 kişiye yeniden sormak için erken.
> 23:01 itibarıyla aranan: “uzman”. Şu an yerinde olanlardan 1 kişi o zaman alabilir.
> 23:01:43 itibarıyla daha önce öneri alan bir kişiye yeniden sorulabilir.
> 23:02:12 itibarıyla size yeniden sorulabilir.
> Kimin alabileceğine az önce bakıldı (saat 23:00:43); bu bakış kayda geçmedi.
> Siz: geri çevirdiğiniz, kaçırdığınız ya da aktardığınız için size yeniden sorulmasına daha var (bitiş: 23:02:12)."""


def test_3_an_agent_reads_why_nobody_has_taken_it_yet_in_turkish(on: On) -> None:
    world, conversation = the_sunday_night(on)
    before = world.x.table.history_of(conversation.id)
    body = explained(world, conversation, user="usta", role="agent", language="tr-TR")
    assert page(body) == BEKLEYEN
    assert (body["audience"], body["now"]["colleagues"], body["now"]["steps"], body["now"]["score"]) == (
        "agent",
        [],
        [],
        None,
    )
    assert not any(line["decision"] or line["config"] for line in body["story"])
    assert world.x.table.history_of(conversation.id) == before  # what was judged now is kept nowhere


def test_3_a_supervisor_reads_everybody_s_reason_the_steps_and_when_it_changes(on: On) -> None:
    world, conversation = the_sunday_night(on)
    standing = explained(world, conversation)["now"]
    assert [(one["agent"], one["reason"], one["text"]) for one in standing["colleagues"]] == [
        ("ayse", "presence:mola", "in the state “Break”"),
        ("can", "presence:offline", "offline"),
        ("emma", "skill:uzman>=3", "without “uzman” at level 3 or higher"),
        ("usta", "declined", "not to be asked again so soon"),
        ("zehra", "declined", "not to be asked again so soon"),
    ]
    assert standing["colleagues"][3]["until"] == "2026-03-01T20:02:12Z"
    assert [(step["after_seconds"], step["needs"], step["state"]) for step in standing["steps"]] == [
        (0, "uzman>=3 and tr", "now"), (60, "uzman", "coming"),
    ]  # fmt: skip
    assert (standing["could"], standing["config"], standing["needs"]) == (0, "v-1", "uzman>=3 and tr")
    assert [(reason["reason"], reason["count"]) for reason in standing["reasons"]] == [
        ("presence:mola", 1), ("presence:offline", 1), ("skill:uzman>=3", 1), ("declined", 2),
    ]  # fmt: skip
    assert "From 23:01:43 on Zehra Ak may be asked again." in standing["text"]


def test_a_step_that_relaxed_while_nobody_could_take_it_is_told_with_why_not(on: On) -> None:
    world, conversation = the_sunday_night(on)
    presence(world, "emma", "away")
    world.pass_time(seconds=30)
    step = {"clock": "23:01", "text": "After 1 minute of waiting it asked for: “uzman”."}
    *_, before = explained(world, conversation)["story"]
    assert {name: before[name] for name in step} == step  # its timer has not rung yet
    later(world, seconds=0)
    body = explained(world, conversation)
    *_, told_, wait = body["story"]
    assert {name: told_[name] for name in step} == step
    assert wait["text"] == "Nobody else could take it then, so it waited on. It asked for: “uzman”."
    assert wait["details"][0].startswith("Why nobody: ")
    assert "Emma" in wait["details"][0]
    assert body["now"]["text"][0] == "It has been waiting for 1 minute 13 seconds and asks for: “uzman”."
    assert [step["state"] for step in body["now"]["steps"]] == ["past", "now"]


def test_3_own_reasons_by_presence_hours_pause_room_and_another_pool(on: On) -> None:
    agents: Agents = {
        "ayse": {"skills": ["genel"], "units": 3},
        "gece": {"skills": ["genel", "chat"], "hours": "gece"},
        "vize": {"skills": ["genel"], "pool": "other"},
        "shop": {"skills": ["genel"], "brands": ["shop"]},
    }
    hours = [{"name": "gece", "zone": "UTC", "open": {"mon-sun": ["20:00-24:00"]}}]
    more = [*CONFIG["queues"], {"name": "vize", "skill": "genel", "pool": "other"}]
    world = on(floor(agents, calendars=hours, queues=more, routing={}))
    world.come_in("ayse", "gece", "vize", "shop", "usta")
    writes(world, 1)
    conversation = writes(world, 2)

    def you(agent: str) -> str:
        return str(explained(world, conversation, user=agent, role="agent")["now"]["you"])

    assert you("ayse") == "You: you do not have enough room: it takes 3 units."
    assert you("gece") == "You: you are outside your working hours (until 20:00)."
    assert you("vize") == "You: you work in the pool “other”, and this waits in the pool “main”."
    assert you("shop") == "You: you may not answer customers of “default”."
    assert you("usta") == "You: you do not have “genel”."
    assert you("nobody") == "None"  # who is no agent has no reason of their own
    assert "Outside working hours: the first is back at 20:00." in explained(world, conversation)["now"]["text"]


def test_where_time_changes_nothing_that_is_said(on: On) -> None:
    world = on(floor(routing={}))
    world.come_in("usta")
    conversation = writes(world)
    told = explained(world, conversation, language="tr")["now"]["text"]
    assert "Bekleme tek başına bir şeyi değiştirmez: birinin gelmesi ya da boşalması gerek." in told


def test_a_pause_and_a_wrap_up_say_when_they_are_over(on: On) -> None:
    pools = [{"name": "main", "pause_after": 2, "missed_seconds": 0}]
    agents: Agents = {"ayse": {"skills": ["genel"]}, "ali": {"skills": ["genel"]}}
    world = on(floor(agents, queue={"wrap_up_seconds": 45}, pools=pools))
    world.come_in("ayse", "ali")
    presence(world, "ali", "away")
    conversation = writes(world)
    later(world, seconds=31)
    later(world, seconds=31)
    body = explained(world, conversation, user="ayse", role="agent")
    missed = [line for line in body["story"] if line["what"] == "missed"]
    assert missed[-1]["details"] == [
        "After 2 missed offers in a row Ayse is paused until 09:06:02, or until they do something."
    ]
    told = body["now"]
    assert told["you"] == "You: you are paused after missing several offers; anything you do ends it (until 09:06:02)."
    assert "Paused after missed offers: the first is back at 09:06:02." in told["text"]

    presence(world, "ali", "online")
    act(world, "ali", "accept", conversation)
    act(world, "ali", "resolve", conversation)
    other = writes(world, 2)
    told = explained(world, other, user="ali", role="agent")["now"]
    assert told["you"] == "You: you are still finishing your last conversation (until 09:01:47)."


def test_who_could_take_it_right_now_is_said(on: On) -> None:
    world = on(floor())
    conversation = writes(world)
    world.call(
        "POST", "/v1/agents/ayse/presence", {"presence": "online"}, user="ayse"
    )  # the pool has not been matched since
    told = explained(world, conversation)["now"]
    assert told["could"] == 1
    assert (
        "Could take it now: Ayse. Unless something more urgent goes first, the next match gives it to Ayse."
        in told["text"]
    )
    told = explained(world, conversation, user="ayse", role="agent")["now"]
    assert told["you"] == "You: you could take it."
    assert (
        "One colleague could take it now and gets it at the next match, unless something more urgent goes first."
        in told["text"]
    )


def test_a_conversation_whose_queue_is_gone_is_explained(on: On) -> None:
    world = on(floor())
    conversation = writes(world)
    kept = [queue for queue in CONFIG["queues"] if queue["name"] != "genel"]
    inboxes = [inbox | {"queue": "uzman"} if inbox["queue"] == "genel" else inbox for inbox in CONFIG["inboxes"]]
    world.apply(Config.model_validate(floor(queues=kept, inboxes=inboxes, version="later")))
    body = explained(world, conversation)
    assert "The conversation began in the queue “genel”." in body["story"][0]["text"]
    assert body["now"]["text"][0].startswith("Its queue “genel” is no longer in the configuration")
    settle(world)
    texts = [line["text"] for line in explained(world, conversation)["story"]]
    assert "From then on its queue was “uzman”." in texts


def test_a_past_conversation_is_explained_and_one_that_became_part_of_another(on: On) -> None:
    world = on(floor())
    world.come_in("ayse")
    first = writes(world)
    act(world, "ayse", "accept", first)
    act(world, "ayse", "resolve", first)
    world.pass_time(days=9)
    second = writes(world)
    assert second.id != first.id
    body = explained(world, first)
    assert [line["what"] for line in body["story"]] == ["began", "decision", "accept", "resolve"]
    assert body["now"]["text"] == ["It is closed for good."]

    other = writes(world, 7)
    world.call("POST", f"/v1/contacts/{second.contact}/join", {"contact": other.contact})
    world.pump()
    body = explained(world, second)
    assert any(line["text"].startswith("In the other thread: The customer wrote by SMS.") for line in body["story"])
    assert {line["conversation"] for line in body["story"]} == {None, other.id}
    assert "Another conversation of the same person became part of it." in [line["text"] for line in body["story"]]
    away = explained(world, other)
    assert away["story"][-1]["text"] == f"It became part of another conversation of the same person: {second.id}."
    assert away["now"]["text"] == [f"It is part of another conversation: {second.id}."]


def test_how_it_stands_is_said_in_every_state(on: On) -> None:
    world = on(floor())
    world.come_in("ayse")
    conversation = writes(world)

    def standing() -> str:
        return str(explained(world, conversation)["now"]["text"][0])

    assert standing() == "It is offered to Ayse, until 09:00:30."
    act(world, "ayse", "accept", conversation)
    assert standing() == "Ayse has it, and the customer waits for an answer."
    world.pass_time(seconds=5)
    world.reply(conversation.id)
    assert standing() == "Ayse has it, and it is the customer's turn."
    until = (world.now + timedelta(days=1)).isoformat()
    act(world, "ayse", "snooze", conversation, {"until": until})
    assert standing() == "It is put aside until 09:00:05 on 3 March, or until the customer writes; it stays with Ayse."
    act(world, "ayse", "resolve", conversation)
    assert standing() == "It is resolved."


def test_several_pages_of_history_are_told_whole_and_unknown_entries_too(on: On) -> None:
    world = on(floor())
    conversation = writes(world)
    for number in range(230):
        at = world.now + timedelta(seconds=number)
        entry = world.x.table.history(conversation.id, "polished", f"user{number}", {}, at, f"h_{number}")
        world.x.table.commit(entry)
    body = explained(world, conversation)
    assert [line["text"] for line in body["story"]].count("user229: polished.") == 1
    assert len(body["story"]) == 232


def test_decisions_whose_version_is_gone_are_told_by_numbers(on: On, monkeypatch: pytest.MonkeyPatch) -> None:
    world, conversation = the_sunday_night(on)
    world.apply(Config.model_validate(SHOP | {"version": "v-2"}))
    monkeypatch.setattr(world.x, "version", _gone)  # nothing tells any more who stood where in its masks
    body = explained(world, conversation)
    texts = [line["text"] for line in body["story"]]
    assert texts[1] == "It was given to Usta Kaya."
    assert (
        "Why not the others: 1 in the state “Break”; 1 offline; 1 without “uzman” at level 3 or higher."
        in body["story"][1]["details"]
    )


def test_a_state_that_is_no_longer_there_is_told_by_its_label_of_then(on: On) -> None:
    world, conversation = the_sunday_night(on)
    act(world, "sef", "assign", conversation, {"agent": "ayse"}, role="supervisor")
    told = explained(world, conversation)["story"]
    assert "“Break”" in told[1]["details"][3]
    assert any("“Break”" in detail for detail in told[-1]["details"])  # over which the assignment went
    turkish = explained(world, conversation, language="tr")["story"]
    world.apply(Config.model_validate(SHOP | {"version": "v-2", "presences": []}))
    assert explained(world, conversation)["story"] == told
    assert explained(world, conversation, language="tr")["story"] == turkish


def test_an_offer_withdrawn_in_a_state_that_is_no_longer_there_is_told_by_its_label_of_then(on: On) -> None:
    world = on(floor(presences=[{"name": "mola", "label": {"en": "Break"}}]))
    world.come_in("ayse")
    conversation = writes(world)
    world.pass_time(seconds=1)
    presence(world, "ayse", "mola")
    world.apply(Config.model_validate(floor()))
    (line,) = [line for line in explained(world, conversation)["story"] if line["what"] == "withdrawn"]
    assert "in the state “Break”" in line["text"]


def _gone(version: str) -> Config:
    raise ValueError(version)


def test_what_the_customer_wrote_is_not_repeated(on: On) -> None:
    world, conversation = the_sunday_night(on)
    to_its_end(world, conversation)
    for language in ("en", "tr"):
        assert "5550 " not in page(explained(world, conversation, language=language))
        assert "numaram" not in str(explained(world, conversation, language=language))
        assert "Bakıyorum" not in str(explained(world, conversation, language=language))


def test_who_may_read_what(on: On) -> None:
    world, conversation = the_sunday_night(on)
    before = now(world, conversation)
    explained(world, conversation, user="ayse", role="agent", status=403, audience="supervisor")
    assert explained(world, conversation, audience="agent")["audience"] == "agent"
    assert explained(world, "c_nobody.default.1", status=404)["status"] == 404
    assert explained(world, conversation, status=422, language="fr")["detail"] == "language is one of en, tr"
    assert explained(world, conversation, status=422, audience="king")["detail"] == "'as' is agent or supervisor"
    assert explained(world, conversation)["language"] == "en"
    assert now(world, conversation) == before  # reading changed nothing
