"""Campaigns are held against all that they name, and each fault is one sentence at its line; what may not be meant is pointed at."""

from __future__ import annotations

from pathlib import Path

import pytest

from router.config import Config
from santral.config_lint import findings
from santral.config_places import Places
from santral.config_words import PATTERNS
from santral.configuration import BadConfiguration, files, load

BASE = """
inboxes:
  - {name: mail, channel: email, address: destek@example.com, queue: genel}
  - {name: tel, channel: twilio, address: "+15005550006", queue: genel, secret: twilio}
queues: [{name: genel, skill: genel}]
agents: [{name: ayse, display_name: Ayşe, skills: [genel]}]
calendars: [{name: ofis, zone: Europe/Istanbul, open: {mon-fri: ["09:00-18:00"]}}]
segments: [{name: vip, when: contact.flag("vip")}]
templates:
  - {name: haber, purpose: marketing, needs: {name: Ada}, channels: {sms: {tr: "Merhaba {{ name }}"}}}
  - name: sehir
    purpose: marketing
    needs: {city: İzmir, note: x}
    optional: [note]
    channels: {sms: {tr: "{{ city }}{{ note | default('') }}"}}
  - name: siparis
    purpose: transactional
    needs: {order: {number: 1}}
    channels: {email: {tr: {subject: a, text: "{{ order.number }}"}}}
  - name: anket
    purpose: service
    needs: {survey: "https://example.com/s/1"}
    channels: {sms: {tr: "Nasildi? {{ survey }}", en: "How was it? {{ survey }}"}}
  - {name: linksiz, purpose: service, channels: {sms: {tr: "Nasildi? 1-5"}, email: {tr: {subject: x, text: "Nasıldı?"}}}}
  - {name: duyuru, purpose: service, channels: {telegram: {tr: x}, sms: {tr: x}}}
  - {name: kanal, purpose: service, channels: {telegram: {tr: x}}}
"""
HEAD = "campaigns:\n  - name: c\n"
ONE_OF = "write one of send, variants, wait, wait_for, when, stop"
EVENT_TYPE = "an event's type with a dot in it, such as purchase.completed"
HAND = "    starts: {by_hand: true}\n    segment: vip\n"
EVENT = "    starts: {event: order.paid}\n"


def loaded(directory: Path, text: str, base: str = BASE) -> Config:
    (directory / "base.yaml").write_text(base, "utf-8")
    (directory / "outreach.yaml").write_text(text, "utf-8")
    return load(directory)


def faults(directory: Path, text: str, base: str = BASE) -> list[str]:
    with pytest.raises(BadConfiguration) as raised:
        loaded(directory, text, base)
    return [str(fault) for fault in raised.value.faults]


def steps(*lines: str) -> str:
    return "    steps:\n" + "".join(f"      - {line}\n" for line in lines)


@pytest.mark.parametrize(
    "campaign",
    [
        HAND + steps("send: haber"),
        HAND + "    values: {city: {contact: sehir}}\n" + steps("send: sehir"),
        HAND
        + "    values: {city: Ankara}\n"
        + steps("variants: [{name: a, template: haber}, {name: b, template: sehir}]"),
        EVENT + "    values: {order: {event: order}}\n" + steps("send: siparis"),
        "    starts: {conversation: resolved}\n" + steps("{wait: 2h, at: '10:00'}", "{send: anket, survey: csat}"),
        HAND + "    channels: [email, sms]\n" + steps("send: duyuru"),
    ],
)
def test_a_campaign_that_can_be_sent_is_sound(tmp_path: Path, campaign: str) -> None:
    config = loaded(tmp_path, HEAD + campaign)
    assert len(config.campaigns) == 1
    assert Config.model_validate(config.model_dump(mode="json")) == config


@pytest.mark.parametrize(
    ("campaign", "told"),
    [
        (
            "    starts: {by_hand: true}\n    segment: vpi\n" + steps("send: haber"),
            "line 4, column 5: campaign 'c': segment: there is no segment 'vpi'; is 'vip' meant?",
        ),
        (
            HAND + steps("send: habr"),
            "line 6, column 9: campaign 'c': steps[0].send: there is no template 'habr'; is 'haber' meant?",
        ),
        (
            HAND + steps("send: haber", "{when: journey.replied, then: [{send: habr}]}"),
            "line 7, column 41: campaign 'c': steps[1].then[0].send: there is no template 'habr'; is 'haber' meant?",
        ),
        (
            HAND + steps("variants: [{name: a, template: haber}, {name: b, template: linksiz}]"),
            "line 6, column 9: campaign 'c': steps[0].variants: the templates of one step have one purpose, and 'haber' is marketing",
        ),
        (
            HAND + "    channels: [email, whatsapp]\n" + steps("send: haber"),
            "line 7, column 9: campaign 'c': steps[0].send: template 'haber' has no text for email, whatsapp; it has texts for sms",
        ),
        (
            HAND + "    channels: [email]\n" + steps("{send: duyuru, channels: [whatsapp]}"),
            "line 7, column 10: campaign 'c': steps[0].send: template 'duyuru' has no text for whatsapp; it has texts for sms, telegram",
        ),
        (
            HAND + "    values: {cty: Ankara}\n" + steps("send: sehir"),
            "line 7, column 9: campaign 'c': steps[0].send: template 'sehir' needs 'city', and `values` has none; is 'cty' meant?",
        ),
        (
            EVENT + "    values: {order: 1042}\n" + steps("send: siparis"),
            "line 6, column 9: campaign 'c': steps[0].send: template 'siparis' needs fields (number) as 'order'",
        ),
        (
            HAND + "    values: {city: {event: order.city}}\n" + steps("send: sehir"),
            "line 5, column 14: campaign 'c': values.city: there is no event to take it from",
        ),
        (
            HAND + steps("send: anket"),
            "line 6, column 9: campaign 'c': steps[0].send: template 'anket' needs 'survey', and the step asks for no score",
        ),
        (
            HAND + steps("{send: linksiz, survey: nps}"),
            "line 6, column 10: campaign 'c': steps[0].send: template 'linksiz' asks for no score in email.tr",
        ),
        (
            HAND + "    brand: acme\n" + steps("send: haber"),
            "line 5, column 5: campaign 'c': brand: no inbox has the brand 'acme'",
        ),
        (
            HAND + steps("send: kanal"),
            "line 6, column 9, campaigns[0].steps[0].send (c): 'kanal' is written for telegram, and no inbox can send that",
        ),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_told_at_its_line(tmp_path: Path, campaign: str, told: str) -> None:
    (found,) = faults(tmp_path, HEAD + campaign)
    assert found.startswith(f"outreach.yaml: {told}")


BRANDS = BASE.replace("queue: genel, secret", "queue: genel, brand: acme, secret")


def test_from_which_brand_it_leaves_is_asked_only_where_several_could_send_it(tmp_path: Path) -> None:
    both = BRANDS.replace("sms: {tr: x}}}", "sms: {tr: x}, email: {tr: {subject: a, text: x}}}}")
    assert faults(tmp_path, HEAD + HAND + steps("send: duyuru"), both) == [
        "outreach.yaml: line 2, column 5, campaigns[0] (c): from which brand does it leave? Write `brand`: one of acme, default"
    ]
    loaded(tmp_path, HEAD + HAND + "    brand: acme\n" + steps("send: duyuru"), both)
    loaded(tmp_path, HEAD + HAND + steps("send: haber"), BRANDS)
    (told,) = faults(tmp_path, HEAD + HAND + "    brand: default\n" + steps("send: haber"), BRANDS)
    assert told.endswith("'haber' is written for sms, and no inbox of brand 'default' can send that")


@pytest.mark.parametrize(
    ("outreach", "told"),
    [
        ("{rates: {mial: 3}}", "line 1, column 20: outreach: rates.mial: there is no inbox 'mial'; is 'mail' meant?"),
        ("{hours: [{holidays: offis}]}", "line 1, column 21: outreach: hours[0].holidays: there is no calendar 'offis'; is 'ofis' meant?"),
        ("{surveys: {queue: genl}}", "line 1, column 22: outreach: surveys.queue: there is no queue 'genl'; is 'genel' meant?"),
        ("{surveys: {low: {csat: 5}}}", "line 1, column 28: outreach: surveys.low.csat: 5 is no low score of those from 1 to 5"),
    ],
)  # fmt: skip
def test_what_holds_for_all_names_what_there_is(tmp_path: Path, outreach: str, told: str) -> None:
    assert faults(tmp_path, f"outreach: {outreach}\n") == [f"outreach.yaml: {told}"]


@pytest.mark.parametrize(
    ("campaign", "told"),
    [
        (HAND + steps("{send: haber, chanels: [sms]}"), "line 6, column 23, campaigns[0].steps[0].chanels (c): is not known here"),
        (
            HAND + steps("send: haber", "sned: haber"),
            f"line 7, column 9, campaigns[0].steps[1] (c): is no step; {ONE_OF}; is 'send' meant?",
        ),
        (
            HAND + steps("{send: haber, wait: 3d}"),
            "line 6, column 9, campaigns[0].steps[0] (c): is two things in one, send and wait; write one of them, or each by itself",
        ),
        (
            HAND + steps("send: haber", "wait: 3 days"),
            "line 7, column 9, campaigns[0].steps[1].wait (c): '3 days' is no length of time; write 30m, 2h, 3d or 1w",
        ),
        (HAND + steps("send: haber", "haber"), f"line 7, column 9, campaigns[0].steps[1] (c): is no step; {ONE_OF}"),
        (
            HAND + steps("send: haber", "{wait_for: Reply, within: 1d}"),
            f"line 7, column 10, campaigns[0].steps[1].wait_for (c): must be reply, click, or {EVENT_TYPE}",
        ),
        (
            HAND + steps("send: haber", "{wait: 3d, at: '25:00'}"),
            "line 7, column 20, campaigns[0].steps[1].at (c): must be a time such as 10:00",
        ),
        (
            HAND + steps("send: haber", "{wait: 3d, at: 10:00}"),
            "line 7, column 20, campaigns[0].steps[1].at (c): must be a text; YAML reads this as a number (10:00 too): write it in quotes",
        ),
        (
            HAND + steps("{when: 'true', then: [{wait_for: click}]}"),
            "line 6, column 31, campaigns[0].steps[0].then[0].within (c): is missing; write how long at most, such as within: 3d",
        ),
        (
            "    starts: {cron: 0 9 31 2 *, zone: Europe/Istanbul}\n    segment: vip\n" + steps("send: haber"),
            "line 3, column 14, campaigns[0].starts.cron (c): '0 9 31 2 *' never comes: no such month has such a day",
        ),
        (
            "    starts: {at: '2030-01-01T10:00', zone: Istanbul}\n    segment: vip\n" + steps("send: haber"),
            "line 3, column 38, campaigns[0].starts.zone (c): there is no time zone 'Istanbul'; write one such as Europe/Istanbul",
        ),
        (
            "    starts: {birthdy: '10:00'}\n    segment: vip\n" + steps("send: haber"),
            "line 3, column 5, campaigns[0].starts (c): says nothing of what sets it off; write one of at, cron, birthday, event, ",
        ),
        (
            "    starts: {event: order}\n" + steps("send: haber"),
            f"line 3, column 14, campaigns[0].starts.event (c): must be {EVENT_TYPE}",
        ),
        (
            HAND + "    values: {a: [1]}\n" + steps("send: haber"),
            "line 5, column 14, campaigns[0].values.a (c): is no value; write a text, a number, true, false, or a path under one of ",
        ),
        (
            HAND + "    exits: [complain]\n" + steps("send: haber"),
            f"line 5, column 13, campaigns[0].exits[0] (c): must be reply, complaint, click, or {EVENT_TYPE}",
        ),
        (HAND + "    steps: []\n", "line 5, column 5, campaigns[0].steps (c): needs at least one step"),
        (HAND, "line 2, column 5, campaigns[0].steps (c): is missing; write what it does, such as steps: [{send: a-template}]"),
        (HAND + "    steps: {send: haber}\n", "line 5, column 5, campaigns[0].steps (c): must be a list"),
        (
            "    starts: {cron: 0 9 * * *}\n    segment: vip\n" + steps("send: haber"),
            "line 3, column 13, campaigns[0].starts.zone (c): is missing; write zone: Europe/Istanbul, or recipient",
        ),
        (
            "    starts: {at: 2027-02-03 10:00:00, zone: recipient}\n    segment: vip\n" + steps("send: haber"),
            ("line 3, column 14, campaigns[0].starts.at (c): must be written with a T, without seconds or a zone: "
            'write "2027-02-03T10:00", in quotes'),
        ),
        (
            "    starts: {at: next Monday, zone: recipient}\n    segment: vip\n" + steps("send: haber"),
            'line 3, column 14, campaigns[0].starts.at (c): must be a time such as "2027-02-03T10:00", in quotes',
        ),
        (
            HAND + steps("send: haber", "wait: 4000d", "send: haber"),
            "line 7, column 9, campaigns[0].steps[1].wait (c): must be at most 366d",
        ),
        (
            HAND + steps("send: haber", "wait: 31622401", "send: haber"),
            "line 7, column 9, campaigns[0].steps[1].wait (c): must be at most 366d",
        ),
        (
            HAND + steps("send: haber", "wait: 0d", "send: haber"),
            "line 7, column 9, campaigns[0].steps[1].wait (c): must be longer than nothing",
        ),
        (
            HAND + steps("send: haber", "wait: 1.5", "send: haber"),
            "line 7, column 9, campaigns[0].steps[1].wait (c): 1.5 is no length of time; write 30m, 2h, 3d or 1w",
        ),
        (
            "    starts: {at: '2027-02-30T10:00', zone: recipient}\n    segment: vip\n" + steps("send: haber"),
            "line 3, column 14, campaigns[0].starts.at (c): there is no time '2027-02-30T10:00': day ",
        ),
        (HAND + "    importance: 101\n" + steps("send: haber"), "line 5, column 5, campaigns[0].importance (c): must be at most 100"),
        (HAND + "    importance: high\n" + steps("send: haber"), "line 5, column 5, campaigns[0].importance (c): must be a whole number"),
        (HAND + "    budget: {most: 0}\n" + steps("send: haber"), "line 5, column 14, campaigns[0].budget.most (c): must be more than 0"),
        (HAND + "    budget: 50\n" + steps("send: haber"), "line 5, column 5, campaigns[0].budget (c): must be a mapping"),
        (HAND + "    channels: [fax]\n" + steps("send: haber"), "line 5, column 16, campaigns[0].channels[0] (c): must be email, "),
        ("    starts: {by_hand: false}\n" + steps("send: haber"), "line 3, column 14, campaigns[0].starts.by_hand (c): must be true"),
        (HAND + "    enabled: perhaps\n" + steps("send: haber"), "line 5, column 5, campaigns[0].enabled (c): must be true or false"),
        (
            HAND + "    values: {'a b': 1}\n" + steps("send: haber"),
            "line 5, column 14, campaigns[0].values.a b (c): must be a name such as",
        ),
        (
            HAND + "    segmnt: vip\n" + steps("send: haber"),
            "line 5, column 5, campaigns[0].segmnt (c): is not known here; known are name, starts",
        ),
    ],
)  # fmt: skip
def test_a_field_that_is_wrong_is_one_fault_at_its_line(tmp_path: Path, campaign: str, told: str) -> None:
    (found,) = faults(tmp_path, HEAD + campaign)
    assert found.startswith(f"outreach.yaml: {told}")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("campaigns: [haber]\n", "line 1, column 13, campaigns[0]: must be a mapping"),
        ("outreach: [1]\n", "line 1, column 1, outreach: must be a mapping"),
        (
            "outreach: {currency: tl}\n",
            "line 1, column 12, outreach.currency: must be three capital letters such as TRY",
        ),
        ("outreach: {surveys: {every: 2y}}\n", "line 1, column 22, outreach.surveys.every: '2y' is no length of time"),
        ("outreach: {hours: [{send: {}}]}\n", "line 1, column 21, outreach.hours[0].send: needs at least one item"),
        (
            "templates: [{name: t, channels: {sms: {tr: x}}}]\n",
            "line 1, column 13, templates[0].purpose (t): is missing; write purpose: ",
        ),
    ],
)
def test_a_section_that_is_wrong_is_told_in_words_too(tmp_path: Path, text: str, told: str) -> None:
    base = "inboxes: [{name: mail, channel: email, address: destek@example.com, queue: genel}]\n"
    base += "queues: [{name: genel, skill: genel}]\nagents: [{name: ayse, display_name: Ayşe, skills: [genel]}]\n"
    (found,) = faults(tmp_path, text, base)
    assert found.startswith(f"outreach.yaml: {told}")


def test_every_pattern_of_the_configuration_has_its_words() -> None:
    found: set[str] = set()

    def look(node: object) -> None:
        if isinstance(node, dict):
            found.update(value for key, value in node.items() if key == "pattern" and isinstance(value, str))
            found.update(node.get("patternProperties", ()))
        for inner in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
            look(inner)

    look(Config.model_json_schema()["$defs"])
    told_by_themselves = {r"^\d{1,6} ?[smhdw]$"}  # spans
    assert found - told_by_themselves <= set(PATTERNS)


def test_what_is_sound_is_held_against_the_rest_though_something_is_not(tmp_path: Path) -> None:
    broken = BASE + "  - {name: kotu, purpose: marketng, channels: {}}\n"
    found = faults(tmp_path, HEAD + HAND + steps("send: habr", "send: kotu"), broken)
    assert sum("there is no template 'habr'" in line for line in found) == 1
    assert not any("there is no template 'kotu'" in line for line in found)  # it is there, with its own fault
    assert sum("templates[7].purpose (kotu)" in line for line in found) == 1


def linted(directory: Path, campaign: str, before: str = "") -> list[str]:
    config = loaded(directory, before + HEAD + campaign)
    told = [str(one) for one in findings(config, Places(files(directory)))]
    return [line for line in told if "outreach.yaml" in line or "segment" in line]


@pytest.mark.parametrize(
    ("campaign", "told"),
    [
        (HAND + steps("send: haber"), []),
        (
            "    starts: {at: '2020-01-01T10:00', zone: Europe/Istanbul}\n    segment: vip\n" + steps("send: haber"),
            ["Warning: outreach.yaml:3: campaign 'c': starts: its time, 2020-01-01T10:00, is past: nothing sets it off"],
        ),
        ("    starts: {at: '2090-01-01T10:00', zone: recipient}\n    segment: vip\n" + steps("send: haber"), []),
        ("    starts: {birthday: '10:00'}\n    segment: vip\n" + steps("send: haber"), []),
        (
            HAND + steps("send: haber", "wait: 3d"),
            ["Warning: outreach.yaml:7: campaign 'c': steps[1]: waits for nothing: nothing is sent after it"],
        ),
        (HAND + steps("send: haber", "{wait_for: reply, within: 3d, otherwise: [{stop: true}]}", "send: haber"), []),
        (
            HAND + steps("send: haber", "{wait_for: reply, within: 3d}", "send: haber"),
            [
                ("Note: outreach.yaml:7: campaign 'c': steps[1]: goes on the same way whether it happens or not: "
                "write `then` or `otherwise`, or only `wait`")
            ],
        ),
        (
            HAND + steps("send: haber", "{when: journey.replied, then: [{wait: 1d}], otherwise: [{send: haber}, {wait: 2d}]}"),
            [
                "Warning: outreach.yaml:7: campaign 'c': steps[1].then[0]: waits for nothing: nothing is sent after it",
                "Warning: outreach.yaml:7: campaign 'c': steps[1].otherwise[1]: waits for nothing: nothing is sent after it",
            ],
        ),
        (HAND + steps("send: haber", "{when: journey.replied, then: [{stop: true}]}", "wait: 1d", "send: haber"), []),
        (
            HAND + steps("send: haber", "{when: journey.replied, then: [{stop: true}]}"),
            ["Warning: outreach.yaml:7: campaign 'c': steps[1]: is of no use: nothing is sent in it or after it"],
        ),
        (
            HAND + steps("send: haber", "stop: true", "send: haber"),
            ["Warning: outreach.yaml:8: campaign 'c': steps[2]: is never reached: the step before it stops"],
        ),
        (
            HAND + "    values: {city: x}\n    budget: {most: 10}\n" + steps("send: haber"),
            [
                "Note: outreach.yaml:5: campaign 'c': values.city: none of its templates needs it",
                "Warning: outreach.yaml:6: campaign 'c': budget: outreach.prices has none for sms: what leaves there costs nothing",
            ],
        ),
        (
            HAND + "    when: 'contact.age >= 0 || contact.age < 0'\n" + steps("send: haber"),
            ["Warning: outreach.yaml:5: campaign 'c': when always holds: leave it out, or correct it"],
        ),
        (
            HAND + "    when: contact.has(\"Sehir\")\n" + steps("send: haber"),
            ["Warning: outreach.yaml:5: campaign 'c': when: nobody has such an attribute: 'Sehir' is no attribute's name"],
        ),
        (EVENT + steps("send: haber"), ["Note: base.yaml:8: segment 'vip': no campaign names it"]),
    ],
)  # fmt: skip
def test_what_may_not_be_meant_is_pointed_at(tmp_path: Path, campaign: str, told: list[str]) -> None:
    assert [line.partition(": small letters")[0] for line in linted(tmp_path, campaign)] == told


GOAL = "    goal: {of: order.paid}\n"
WEEKLY = "    starts: {cron: 0 10 * * mon, zone: recipient}\n    segment: vip\n"
TWO = "{name: a, template: haber}, {name: b, template: haber}"


@pytest.mark.parametrize(
    ("campaign", "told"),
    [
        (HAND + GOAL + "    holdout_percent: 10\n" + steps(f"variants: [{TWO}]", "wait: 1d", f"variants: [{TWO}]"), []),
        (
            HAND + GOAL + steps(f"variants: [{TWO}]", "wait: 1d", "variants: [{name: c, template: haber}, {name: b, template: haber}]"),
            [
                ("Warning: outreach.yaml:9: campaign 'c': steps[2].variants: has other variants than steps[0]: results count each person "
                "once, by the last one they got; give both steps the same names, or make two campaigns of them")
            ],
        ),
        (
            HAND + GOAL + steps(f"variants: [{TWO}]", "variants: [{name: a, template: haber, share: 3}, {name: b, template: haber}]"),
            [
                ("Warning: outreach.yaml:8: campaign 'c': steps[1].variants: has other shares than steps[0]: some people get one "
                "variant there and another here, and results mix")
            ],
        ),
        (
            HAND + GOAL + steps("variants: [{name: a, template: haber}]"),
            ["Warning: outreach.yaml:7: campaign 'c': steps[0].variants: has one variant, which everybody gets: write `send`"],
        ),
        (
            HAND + steps(f"variants: [{TWO}]"),
            ["Warning: outreach.yaml:6: campaign 'c': steps[0].variants: without a `goal` nobody can tell what difference it makes"],
        ),
        (
            HAND + "    holdout_percent: 10\n" + steps("send: haber"),
            ["Warning: outreach.yaml:5: campaign 'c': holdout_percent: without a `goal` nobody can tell what difference it makes"],
        ),
        (
            HAND + GOAL + "    holdout_percent: 100\n" + steps("send: haber"),
            ["Warning: outreach.yaml:6: campaign 'c': holdout_percent: 100: nobody gets anything"],
        ),
        (
            EVENT + "    when: contact.flag('vip')\n    exits: [reply, order.paid]\n" + steps("send: haber"),
            [
                ("Warning: outreach.yaml:5: campaign 'c': exits[1]: order.paid begins the campaign too: the next one ends this journey "
                "and begins another")
            ],
        ),
        (
            WEEKLY + "    stale: 10m\n" + steps("{send: haber, stale: 300s}"),
            [
                ("Warning: outreach.yaml:5: campaign 'c': stale: each recipient's own time is looked for every 15m: "
                "what is dropped after 10m leaves for few or none"),
                ("Warning: outreach.yaml:7: campaign 'c': steps[0].stale: each recipient's own time is looked for every 15m: "
                "what is dropped after 5m leaves for few or none"),
            ],
        ),
        (WEEKLY + "    stale: 15m\n" + steps("send: haber"), []),
        (WEEKLY.replace("recipient", "Europe/Istanbul") + "    stale: 10m\n" + steps("send: haber"), []),
        (
            HAND + "    channels: [sms, email, sms]\n" + steps("{send: haber, channels: [sms, sms]}"),
            [
                "Warning: outreach.yaml:5: campaign 'c': channels[2]: names sms twice",
                "Warning: outreach.yaml:7: campaign 'c': steps[0].channels[1]: names sms twice",
            ],
        ),
        (
            HAND + steps("{send: anket, survey: csat}", "{when: journey.replied, otherwise: [{wait: 1d}, {send: anket, survey: csat}]}"),
            [
                ("Warning: outreach.yaml:7: campaign 'c': steps[1].otherwise[1].survey: asks again who was asked by this campaign "
                "already: outreach.surveys.every is 30d, and their scores mix")
            ],
        ),
        (
            HAND + steps("{when: contact.flag('a'), then: [{send: anket, survey: csat}], otherwise: [{send: anket, survey: ces}]}"),
            [],
        ),
    ],
)  # fmt: skip
def test_what_works_and_is_of_no_use_is_pointed_at(tmp_path: Path, campaign: str, told: list[str]) -> None:
    assert [line for line in linted(tmp_path, campaign) if "outreach.yaml" in line] == told


def test_rules_for_all_that_nobody_reaches_are_pointed_at(tmp_path: Path) -> None:
    outreach = (
        "outreach:\n  holdout_percent: 100\n  caps:\n    marketing: {day: 4, week: 3}\n    service: {day: 3, week: 3}\n"
    )
    assert linted(tmp_path, HAND + steps("send: haber"), outreach) == [
        "Warning: outreach.yaml:2: outreach: holdout_percent: 100: nobody gets anything but transactional messages",
        "Warning: outreach.yaml:4: outreach: caps.marketing.day: 4 on one day are never reached: a week has 3",
    ]


def test_marketing_from_a_name_that_nobody_can_answer_needs_another_way_out(tmp_path: Path) -> None:
    named = BASE.replace('"+15005550006"', "ORNEK")
    loaded(tmp_path, HEAD + HAND + steps("send: haber"), named)
    (told,) = [str(one) for one in findings(load(tmp_path), Places(files(tmp_path))) if one.level == "warning"]
    assert told == (
        "Warning: outreach.yaml:6: campaign 'c': steps[0].send: template 'haber' has no way out in sms.tr: "
        "nobody can answer STOP to 'ORNEK', which is no number; write {{ unsubscribe }}"
    )
    linked = named.replace("Merhaba {{ name }}", "Merhaba {{ name }} {{ unsubscribe }}")
    for base in (linked, BASE, BASE.replace('"+15005550006"', f"MG{'0a' * 16}")):
        loaded(tmp_path, HEAD + HAND + steps("send: haber"), base)
        assert [one for one in findings(load(tmp_path), Places(files(tmp_path))) if one.level == "warning"] == []


def test_a_configuration_that_was_not_read_from_files_is_not_sound() -> None:
    with pytest.raises(ValueError, match="segment 's': its condition is not checked"):
        Config.model_validate({"segments": [{"name": "s", "when": "contact.age > 3"}]})
