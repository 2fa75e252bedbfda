"""A story of made histories: every kind of entry has its sentence, in both languages, and nothing in a history breaks it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from string import Formatter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router import explaining_words as words
from router.config import Config
from router.conversations import Conversation, State
from router.decisions import packed
from router.explaining_facts import FACTS
from router.explaining_needs import NEEDS
from router.explaining_reader import PHRASES, Reader
from router.explaining_reasons import CHOSEN, REASONS
from router.explaining_story import TELLS, story
from router.explaining_telling import Line
from router.messages import ChannelName
from router.records import Entry
from tests.kit.amount import times

ROOT = Path(__file__).resolve().parent.parent.parent
START = datetime(2026, 3, 1, 20, 0, tzinfo=UTC)
CONFIG = Config.model_validate(
    {
        "version": "v1",
        "queues": [{"name": "genel", "skill": "genel"}, {"name": "uzman", "skill": "uzman"}],
        "inboxes": [{"name": "sms", "channel": "twilio", "address": "+15550100", "queue": "genel"}],
        "agents": [
            {"name": "ali", "display_name": "Ali", "skills": ["genel"]},
            {"name": "ayse", "display_name": "Ayşe", "skills": ["genel"]},
            {"name": "emma", "display_name": "Emma", "skills": ["uzman"]},
        ],
        "presences": [{"name": "mola", "label": {"tr": "Mola", "en": "Break"}}],
        "routing": {"offers": {"sms": 30}},
        "rules": [{"name": "all", "tags": ["x"]}],
    }
)


def conversation(**fields: Any) -> Conversation:
    known: dict[str, Any] = {
        "contact": "p_a", "group": "default", "number": 1, "state": State.ACTIVE, "channel": ChannelName.SMS, "inbox": "sms",
        "queue": "genel", "pool": "main", "units": 3, "priority": 5, "address": "+15550199", "opened_at": START,
    }  # fmt: skip
    return Conversation(**(known | fields))


def reader(language: str = "en", *, names: bool = True, zone: str = "UTC") -> Reader:
    return Reader(language, zone, CONFIG, names)


def entry(what: str, detail: dict[str, Any] | None = None, *, who: str = "ayse", after: float = 60) -> Entry:
    at = START + timedelta(seconds=after)
    return Entry(f"h_{what}{after}", "c_a.default.1", at, what, who, detail or {})


def told(*entries: Entry, language: str = "en", names: bool = True, of: Conversation | None = None) -> list[Line]:
    def version(name: object) -> Config | None:
        return CONFIG if name == "v1" else None

    return story(reader(language, names=names), of or conversation(), version, entries, START + timedelta(minutes=3))


def texts(*entries: Entry, language: str = "en", names: bool = True, of: Conversation | None = None) -> list[str]:
    return [line.text for line in told(*entries, language=language, names=names, of=of)][1:]


def decision(agent: str | None, *, after: float = 0, **fields: Any) -> Entry:
    detail = {
        "v": 2, "config": "v1", "policy": "default", "pool": "main", "conversation": "c_a.default.1", "agent": agent, "queue": "genel",
        "channel": "sms", "units": 3, "priority": 5, "needs": "genel", "rung": 0, "waited_ms": round(after * 1000), "target_s": 3600,
        "score": [0, 0.25], "fit": packed(0b001 if agent else 0), "excluded": {"presence:away": packed(2), "skill:genel": packed(4)},
        **({"chosen": ["only"]} if agent else {}),
    }  # fmt: skip
    return entry("decision", detail | fields, who="match", after=after)


def test_every_kind_of_entry_of_a_conversation_s_history_is_known() -> None:
    written = {"resend", "discard", "spam", "block", "opted_out", "opted_in", "take", "assign", "transfer", "decision"}
    for path in (ROOT / "router").glob("*.py"):
        source = path.read_text()
        written |= set(re.findall(r'\baudit\(x, user, \w+, "(\w+)"', source))
        written |= set(re.findall(r'\.history\(\s*(?:before\.id|after\.id|conversation\.id|subject), "(\w+)"', source))
    assert {"reply", "accept", "missed", "returned", "merged", "start"} <= written
    assert written - set(TELLS) == set()


def test_every_phrase_is_there_in_both_languages_with_the_same_parts() -> None:
    tables = [PHRASES, FACTS, CHOSEN, NEEDS, words.STATES]
    for key, said in [item for table in tables for item in table.items()]:
        assert set(said) == set(words.LANGUAGES), key
        english, turkish = ({name for _, name, _, _ in Formatter().parse(said[one]) if name} for one in words.LANGUAGES)
        assert english - {"n"} == turkish - {"n"}, key
    for kind, forms in REASONS.items():
        assert [len(forms[language]) for language in words.LANGUAGES] == [3, 3], kind


def test_no_turkish_suffix_hangs_on_a_name_a_number_or_a_time() -> None:
    for table in (PHRASES, FACTS, CHOSEN):
        for key, said in table.items():
            assert not re.search(r"}['’]?\w", said["tr"]), key


SAID: dict[str, tuple[dict[str, Any], str, str]] = {
    "accept": ({}, "Ayşe accepted.", "Ayşe kabul etti."),
    "decline": ({"reason": "lunch"}, "Ayşe declined.", "Ayşe geri çevirdi."),
    "take": ({"decision": {"waited_ms": 1000, "needs": "genel"}}, "Ayşe took it by hand.", "Ayşe görüşmeyi kendisi üstlendi."),
    "assign": ({"agent": "emma"}, "Ayşe gave it to Emma.", "Ayşe görüşmeyi atadı, yeni temsilci Emma."),
    "transfer": ({"queue": "uzman"}, "Ayşe handed it to the queue “uzman”.", "Ayşe görüşmeyi “uzman” kuyruğuna aktardı."),
    "snooze": ({"until": "2026-03-02T08:00:00+00:00"}, "Ayşe put it aside until 08:00 on 2 March.",
               "Ayşe görüşmeyi erteledi (bitiş: 2 Mart 08:00)."),
    "resolve": ({}, "Ayşe resolved it.", "Ayşe görüşmeyi çözdü."),
    "reopen": ({}, "Ayşe reopened it: it was in the line once more.", "Ayşe görüşmeyi yeniden açtı, görüşme yeniden sıraya girdi."),
    "reply": ({"message": "m_1"}, "Ayşe answered the customer.", "Ayşe müşteriye yanıt verdi."),
    "note": ({}, "Ayşe wrote a note.", "Ayşe not yazdı."),
    "tag": ({"add": ["vip"], "remove": []}, "Ayşe tagged it: vip.", "Ayşe etiket ekledi: vip."),
    "category": ({"from": None, "to": "iade"}, "Ayşe said what it is about: iade.", "Ayşe konusunu belirledi: iade."),
    "spam": ({}, "Ayşe marked it as spam.", "Ayşe istenmeyen olarak işaretledi."),
    "not_spam": ({"unblocked": True}, "Ayşe said that it is no spam: it was in the line once more.",
                 "Ayşe istenmeyen olmadığını belirtti, görüşme yeniden sıraya girdi."),
    "block": ({}, "Ayşe blocked the customer, and it was resolved with that.", "Ayşe müşteriyi engelledi, görüşme böylece çözüldü."),
    "verification": ({"channel": "sms"}, "Ayşe had a one-time code sent by SMS, to prove an address.",
                     "Ayşe bir adresi doğrulamak için SMS üzerinden tek kullanımlık kod gönderdi."),
    "resend": ({"message": "m_1"}, "Ayşe had a message sent again.", "Ayşe bir mesajı yeniden gönderdi."),
    "discard": ({}, "Ayşe decided that a message stays unsent.", "Ayşe bir mesajın gönderilmemesine karar verdi."),
    "warning": ({"target": "next_response", "share": 75, "due_at": "2026-03-01T21:00:00+00:00"},
                "75 % of the time for the next answer had passed; it was due at 21:00.",
                "Sonraki yanıt süresinin yüzde 75 kadarı geçti (süre sonu: 21:00)."),
    "breach": ({"target": "promise", "share": 100, "due_at": "2026-03-01T20:00:00+00:00"},
               "What was promised was due at 20:00 and had not been done.", "Verilen sözün süresi doldu (20:00), söz tutulmamıştı."),
    "reminder": ({"target": "resolution", "share": 102, "due_at": "2026-03-01T20:00:00+00:00"},
                 "It was still not resolved.", "Görüşme hâlâ çözülmemişti."),
    "parted": ({}, "Ayşe said that they are two people: what is somebody else's went its own way.",
               "Ayşe iki ayrı kişi olduklarını belirtti, başkasına ait olanlar ayrıldı."),
}  # fmt: skip


@pytest.mark.parametrize("what", SAID)
def test_what_people_do_is_told_with_their_names(what: str) -> None:
    detail, english, turkish = SAID[what]
    assert texts(entry(what, detail)) == [english]
    assert texts(entry(what, detail), language="tr") == [turkish]


def test_what_nobody_does_is_told_too() -> None:
    kinds = [
        entry("missed", {"agent": "ali", "in_a_row": 3, "paused_until": "2026-03-01T20:06:00+00:00"}, who="clock", after=1),
        entry("awake", {}, who="clock", after=2),
        entry("left", {"channel": "webchat"}, who="customer", after=8),
        entry("returned", {"from": "ali"}, who="absence", after=3),
        entry("breach", {"due_at": "2026-03-01T20:00:04+00:00"}, who="clock", after=4),
        entry("opted_out", {"channel": "sms"}, who="customer", after=5),
        entry("opted_in", {"channel": "sms"}, who="customer", after=6),
        entry("merged", {"conversation": "c_a.default.1", "left": "c_b.default.1"}, who="proof", after=7),
        entry("withdrawn", {"agent": "ali", "decision": "d_1", "presence": "away"}, who="ali", after=7.5),
    ]  # fmt: skip
    lines = told(*kinds)[1:]
    assert [line.text for line in lines] == [
        "Ali did not answer the offer in time.",
        "The snooze was over: it was in the line once more.",
        "Ali was away and the customer waited for an answer, so it went back into the line.",
        "The first answer was due at 20:00:04 and had not been given.",
        "The customer asked that nothing more is sent by SMS.",
        "The customer wants messages by SMS again.",
        "Another conversation of the same person became part of it.",
        "Ali was not there to answer (away), so the offer was withdrawn.",
        "The customer left the chat before anybody had answered.",
    ]
    assert lines[0].details == ["After 3 missed offers in a row Ali is paused until 20:06, or until they do something."]
    assert lines[-3].details == ["A proof showed that they are one person."]
    assert lines[-2].details == ["It counts neither as declined nor as missed."]
    assert texts(kinds[-1], language="tr") == ["Ali yerinde değildi (uzakta). Öneri geri çekildi."]


def test_an_unknown_kind_is_a_plain_line_and_a_part_of_ours_is_santral() -> None:
    assert texts(entry("polished", who="client:crm")) == ["The program “crm”: polished."]
    assert texts(entry("polished", who="clock"), language="tr") == ["Santral: polished."]


def test_an_entry_that_cannot_be_read_is_a_plain_line_and_the_story_goes_on() -> None:
    bad = decision("ali", excluded={"hours": "no mask"})
    lines = texts(bad, entry("snooze", {"until": None}, after=1), entry("resolve", after=2))
    assert lines == ["A decision was made whose record cannot be read here.", "Ayşe: snooze.", "Ayşe resolved it."]


def test_a_decision_names_colleagues_to_supervisors_and_counts_them_for_agents() -> None:
    line = told(decision("ali"))[1]
    assert line.text == "It was offered to Ali, with 30 seconds to accept."
    assert line.details == [
        "It asked for: “genel”.",
        "Why Ali: nobody else could take it.",
        "Why not the others: Ayşe (away); Emma (without “genel”).",
        "Score 0.25 under the policy “default”: it had waited 0 seconds, priority 5, target 1 hour.",
    ]
    assert (line.decision, line.config) == ("h_decision0", "v1")
    line = told(decision("ali"), names=False)[1]
    assert line.details[2:] == ["Why not the others: 1 away; 1 without “genel”."]
    assert line.decision is None


def test_a_decision_whose_version_is_gone_is_told_by_numbers() -> None:
    line = told(decision("ali", config="gone", fit=packed(0b11)))[1]
    assert line.text == "It was given to Ali."  # whether it was an offer, that version said
    assert line.details[1:4] == [
        "Why Ali: nobody else could take it.",
        "One other could have taken it as well.",
        "Why not the others: 1 away; 1 without “genel”.",
    ]


def test_a_decision_of_an_older_format_is_told() -> None:
    old: dict[str, Any] = {
        "agent": None, "policy": "fifo", "config": "v0", "pool": "main", "queue": "genel", "skill": "genel", "channel": "sms", "units": 3,
        "priority": 5, "waited_ms": 12, "fit": [], "excluded": {"capacity": ["ayse"], "presence:offline": ["ali"], "skill:genel": ["emma"]},
    }  # fmt: skip
    line = told(entry("decision", old, who="match", after=0))[1]
    assert line.text == "Nobody could take it then, so it waited. It asked for: “genel”."
    assert line.details == ["Why nobody: Ayşe (not enough room); Ali (offline); Emma (without “genel”)."]
    taken = old | {"agent": "ali", "fit": [["ali", 12, 40], ["ayse", 6, 3]], "excluded": {}}
    line = told(entry("decision", taken, who="match", after=0))[1]
    assert (line.text, line.details) == (
        "It was given to Ali.", ["It asked for: “genel”.", "Could have taken it as well: Ayşe."]
    )  # fmt: skip


def test_what_the_customer_did_in_between_shows_in_the_next_decision() -> None:
    story = [
        decision("ali"),
        entry("accept", who="ali", after=5),
        entry("resolve", who="ali", after=10),
        decision("ayse", after=100, waited_ms=10_000),
        decision(None, after=110, waited_ms=20_000, channel="whatsapp"),
        decision("ali", after=120, waited_ms=30_000, channel="whatsapp", queue="uzman"),
    ]
    assert texts(*story)[3:] == [
        "The customer wrote again, so it was in the line once more.",
        "It was offered to Ayşe, with 30 seconds to accept.",
        "The customer went on by WhatsApp, so the offer to Ayşe was withdrawn.",
        "Nobody else could take it then, so it waited on. It asked for: “genel”.",
        "From then on its queue was “uzman”.",
        "It was given to Ali.",
    ]
    again = told(*story)[4]
    assert again.at == START + timedelta(seconds=90)  # when they wrote, not when it was decided


def test_a_message_ends_a_snooze_without_an_entry_of_its_own() -> None:
    until = {"until": "2026-03-02T08:00:00+00:00"}
    lines = texts(decision("ali"), entry("snooze", until, who="ali", after=5), decision("ali", after=50, waited_ms=0))
    assert lines[2] == "The customer wrote, which ended the snooze: it was in the line once more."


def test_within_a_millisecond_what_frees_it_stands_before_what_the_matcher_made_of_it() -> None:
    lines = texts(decision("ali"), decision("ayse", after=9), entry("decline", who="ali", after=9))
    assert lines[1:] == ["Ali declined.", "It was offered to Ayşe, with 30 seconds to accept."]


def test_steps_that_were_over_stand_between_two_decisions_at_their_time() -> None:
    kind = {
        "q": "uzman",
        "ch": "sms",
        "un": 3,
        "pr": 5,
        "t": 3600,
        "b": "default",
        "l": "en",
        "rq": '[[60, "x>=3"], [60, ["x", "y"]]]',
    }
    seen = {"kinds": [kind], "rows": [["c_a.default.1", 0, 0, None, []]]}
    first = decision(None, needs="x>=3", queue="uzman", seen=seen)
    lines = told(first, decision("emma", after=125, needs="uzman", queue="uzman", rung=120, seen=seen))
    assert [(round((line.at - START).total_seconds()), line.text) for line in lines if line.what == "step"] == [
        (60, "After 1 minute of waiting it asked for: “x” and “y”."),
        (120, "After 2 minutes of waiting it asked for: “uzman”."),
    ]
    assert (
        "Steps: at once “x” at level 3 or higher; after 1 minute “x” and “y”; after 2 minutes “uzman”."
        in lines[1].details
    )


def test_who_competed_and_who_waited_too_long_is_told_to_supervisors() -> None:
    more: dict[str, Any] = {
        "others": 2,
        "next": [["c_b.default.1", 0, 0.125], ["c_c.default.1", 0, 0.1]],
        "score": [1, 20000.0],
        "tier": "gold",
    }
    details = told(decision("ali", **more))[1].details
    assert details[-3:] == [
        "It had waited so long that it went before all others.",
        "Score 20000 under the policy “default”: it had waited 0 seconds, priority 5, target 1 hour.",
        "2 other conversations could have been matched at that moment; the next was c_b.default.1 (score 0.125).",
    ]
    assert told(decision("ali", **more))[0].details == ["Priority 5, tier gold; to be answered within 1 hour."]
    assert not any("core" in line for line in told(decision("ali", **more), names=False)[1].details)


def test_a_supervisor_s_word_says_what_it_overruled() -> None:
    made = {"overruled": "presence:mola", "waited_ms": 90_000, "needs": "genel", "config": "v1"}
    detail = {"agent": "ali", "from": "emma", "note": "Sen al", "decision": made}
    line = told(decision(None), entry("assign", detail, who="ayse"))[2]
    assert line.details == [
        "It had waited 1 minute 30 seconds and asked for: “genel”.",
        "Emma had it before.",
        "That overruled what kept it from Ali: in the state “Break”.",
        "With the note: “Sen al”",
    ]


def test_who_only_had_it_offered_did_not_have_it_before() -> None:
    given = entry("assign", {"agent": "emma", "from": "ali"}, who="ayse", after=5)
    assert told(decision("ali"), given)[2].details == ["The offer to Ali was withdrawn."]
    assert told(decision("ali"), given, language="tr")[2].details == ["Ali için yapılan öneri geri çekildi."]
    assert told(decision("ali"), entry("accept", who="ali", after=3), given)[3].details == ["Ali had it before."]


def test_what_a_supervisor_overruled_is_a_colleague_s_reason_and_told_to_supervisors_only() -> None:
    made = {"overruled": "presence:mola", "waited_ms": 90_000, "needs": "genel", "config": "v1"}
    line = told(decision(None), entry("assign", {"agent": "ali", "decision": made}, who="ayse"), names=False)[2]
    assert line.details == ["It had waited 1 minute 30 seconds and asked for: “genel”."]


def test_the_reason_somebody_gave_for_declining_is_for_supervisors() -> None:
    declined = entry("decline", {"reason": "doktor"})
    assert told(declined)[1].details == ["The reason given: “doktor”"]
    assert told(declined, names=False)[1].details == []


def test_answers_in_a_row_are_one_line() -> None:
    replies = [entry("reply", after=60 * n) for n in range(1, 4)]
    lines = texts(*replies, entry("reply", who="ali", after=300), entry("note", after=400))
    assert lines == [
        "Ayşe answered the customer 3 times, the last time at 20:03.", "Ali answered the customer.", "Ayşe wrote a note.",
    ]  # fmt: skip


RULES = {
    "message": "m_1",
    "config": "v1",
    "matched": {
        "complaint": {
            "message.text": {"words": ["şikayet*", "iade"]},
            "message.channel": "sms",
            "contact.known": False,
        },
        "third": {
            "conversation.contactsInDays(complaint, 30)": 3,
            "now.getDayOfWeek(Europe/Istanbul)": 0,
            "open(ofis)": False,
        },
        "odd": {"weather.rain": True, "inbox.language": "tr", "contact.name": {}, "message.language": "de"},
        "all": {},
    },
    "failed": {"numbers": "a text is not a whole number"},
}


def test_rules_are_told_with_their_grounds_once() -> None:
    lines = told(decision(None, rules=RULES), decision("ali", after=9, rules=RULES))
    assert lines[0].details[1:] == [
        "The rule “complaint” matched because the message says “şikayet*” and “iade”, it came by SMS and the customer is new.",
        (
            "The rule “third” matched because it is the customer's visit number 3 about “complaint” within 30 days, it was a Sunday in "
            "Europe/Istanbul and it came outside the hours “ofis”."
        ),
        (
            "The rule “odd” matched because weather.rain is true, its inbox is for Turkish, the customer's name fits and the message "
            "is in German."
        ),
        "The rule “all” holds for everything.",
        "The rule “numbers” had no answer for this message and was passed over: “a text is not a whole number”.",
    ]
    assert not any("rule" in detail for line in lines[1:] for detail in line.details)
    turkish = told(decision(None, rules=RULES), language="tr", names=False)[0].details
    assert turkish[1:3] == [
        "“complaint” kuralı geçerli oldu, çünkü mesajda “şikayet*” ve “iade” geçiyor, SMS üzerinden geldi ve müşteri yeni.",
        (
            "“third” kuralı geçerli oldu, çünkü müşteri son 30 gün içinde “complaint” konusuyla 3 kez geldi, günlerden Pazar "
            "(Europe/Istanbul) ve “ofis” saatleri dışında geldi."
        ),
    ]
    assert turkish[-1] == "“numbers” kuralı bu mesajda sonuç vermedi ve atlandı: “a text is not a whole number”."


def test_rules_on_a_message_that_nothing_is_decided_on_yet_are_told() -> None:
    fresh = conversation(state=State.WAITING, waiting_since=START, because=RULES)
    assert "“complaint”" in told(of=fresh)[0].details[0]
    back = conversation(state=State.WAITING, waiting_since=START + timedelta(seconds=90), because=RULES)
    lines = told(decision("ali"), entry("resolve", after=60), of=back)
    assert (lines[-1].text, len(lines[-1].details)) == ("The customer wrote again, so it was in the line once more.", 5)


def test_a_conversation_that_we_began_begins_so() -> None:
    assert [line.text for line in told(entry("start", {"inbox": "sms"}, after=0))] == [
        "Ayşe wrote to the customer first."
    ]


def test_times_spans_and_requirements_read_as_they_are_said() -> None:
    istanbul = reader("tr", zone="Europe/Istanbul")
    assert istanbul.day(START) == "1 Mart 2026 Pazar"
    assert reader().day(START) == "Sunday, 1 March 2026"
    assert (istanbul.clock(START), istanbul.clock(START + timedelta(hours=2), START)) == ("23:00", "2 Mart 01:00")
    assert [reader().span(n) for n in (0, 1, 59, 3600, 3661, 90061)] == [
        "0 seconds", "1 second", "59 seconds", "1 hour", "1 hour 1 minute", "1 day 1 hour",
    ]  # fmt: skip
    assert istanbul.span(95) == "1 dakika 35 saniye"
    needs = "billing>=3 and (tr or en) and not trainee"
    assert reader().needs(needs) == "“billing” at level 3 or higher, (Turkish or English) and not “trainee”"
    assert istanbul.needs(needs) == (
        "en az 3. seviye “billing” ve (Türkçe veya İngilizce), ayrıca “trainee” becerisinin olmaması"
    )
    assert (reader().points(0.0047299), istanbul.points(0.0047299), istanbul.points(20000.4)) == (
        "0.00473",
        "0,00473",
        "20000",
    )
    assert istanbul.capital("ışık") == "Işık"
    assert istanbul.capital("izmir") == "İzmir"
    assert reader().people([f"a{n}" for n in range(30)]).endswith("a19 and 10 more")


def test_each_reason_is_put_to_the_reader_too() -> None:
    reasons = (
        "presence:mola",
        "hours",
        "paused",
        "wrap-up",
        "permission:shop",
        "skill:not x",
        "declined",
        "capacity",
        "limit:sms",
        "new:1",
    )
    assert [reader("tr").reason(one, form=2, units=3) for one in reasons] == [
        "“Mola” durumunda görünüyorsunuz",
        "mesai saatlerinizin dışındasınız",
        "art arda öneri kaçırdığınız için size ara verildi; herhangi bir işlem yapmanız arayı bitirir",
        "son görüşmenizi toparlıyorsunuz",
        "“shop” müşterilerine yanıt verme izniniz yok",
        "“x” beceriniz yüzünden uygun değilsiniz",
        "geri çevirdiğiniz, kaçırdığınız ya da aktardığınız için size yeniden sorulmasına daha var",
        "yeterli yeriniz yok: 3 birim gerekiyor",
        "SMS görüşmelerinde sınırınıza ulaştınız",
        "1",
    ]


_JSON: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=9)
    | st.sampled_from(["v1", "match", "ali"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=6,
)
_FIELDS = ("v", "agent", "from", "decision", "until", "due_at", "excluded", "fit", "rules", "score", "needs", "seen", "waited_ms", "rung",
           "config", "queue", "channel", "skill", "note", "add", "chosen", "next", "others", "units", "priority", "target_s",
           "policy", "paused_until", "left", "reason")  # fmt: skip


@settings(max_examples=times(120), deadline=None)
@given(
    st.lists(
        st.builds(
            lambda what, change, after: entry(what, {**decision("ali").detail, **change} if what == "decision" else change, after=after),
            st.sampled_from([*TELLS, "unknown"]),
            st.dictionaries(st.sampled_from(_FIELDS), _JSON, max_size=4),
            st.integers(0, 99),
        ),
        max_size=6,
    ),
    st.sampled_from(words.LANGUAGES),
    st.booleans(),
)  # fmt: skip
def test_whatever_a_history_holds_each_entry_is_told_and_nothing_breaks(
    entries: list[Entry], language: str, names: bool
) -> None:
    lines = told(*entries, language=language, names=names)
    assert lines
    assert all(line.text for line in lines)


def test_a_deadline_is_told_with_what_was_done_about_it() -> None:
    late = {"target": "next_response", "share": 100, "due_at": "2026-03-01T20:00:04+00:00"}
    actions = [
        {"priority": [5, 3], "queue": ["genel", "uzman"], "relaxed": True, "watchers": ["ayse", "ali"]},
        {
            "told": "m_1",
            "voucher": "OZUR-7K4M-Q2XD",
            "call": {"promise": "call_1", "due_at": "2026-03-01T22:00:00+00:00"},
        },
        {"told": None, "desk": True, "mailed": ["lead@example.com"], "webhooks": ["crm"]},
    ]
    history = [
        entry("warning", {**late, "share": 75}, who="clock", after=3),
        entry("breach", {**late, "actions": actions}, who="clock", after=4),
        entry("reminder", {**late, "share": 101}, who="clock", after=5),
    ]
    _, warning, breach, reminder = told(*history)
    assert warning.text == "75 % of the time for the next answer had passed; it was due at 20:00:04."
    assert breach.text == "The next answer was due at 20:00:04 and had not been given."
    assert reminder.text == "The next answer had still not been given."
    assert breach.details == [
        "Its priority was raised from 5 to 3.",
        "It moved to the queue “uzman”.",
        "From then on it asked for what it would have asked for in the end.",
        "Watching from then on: Ayşe and Ali.",
        "The customer was written to.",
        "The code for the customer: OZUR-7K4M-Q2XD.",
        "Somebody was to call the customer by 22:00.",
        "The customer was not written to: the channel was closed, or they had enough messages that day.",
        "The desks of those concerned were told.",
        "Mail went to lead@example.com.",
        "Webhooks that were told: crm.",
    ]
    turkish = told(*history, language="tr")
    assert turkish[2].text == "Sonraki yanıtın süresi doldu (20:00:04), yanıt verilmemişti."
    assert turkish[2].details[1] == "“uzman” kuyruğuna taşındı."
    assert "Mail" not in " ".join(told(*history, names=False)[2].details)


@pytest.mark.parametrize("target", ["accept", "first_response", "next_response", "resolution", "promise"])
@pytest.mark.parametrize("what", ["warning", "breach", "reminder"])
def test_every_stage_of_every_target_has_its_sentence(what: str, target: str) -> None:
    detail = {"target": target, "share": 75, "due_at": None}
    for language in words.LANGUAGES:
        assert (
            texts(entry(what, detail, who="clock"), language=language)[0]
            != texts(entry("unknown", detail, who="clock"), language=language)[0]
        )
