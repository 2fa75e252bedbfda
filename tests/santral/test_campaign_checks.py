"""Campaigns are held against all that they name, and each fault is one sentence at its line; what may not be meant is pointed at."""

from __future__ import annotations

from pathlib import Path

import pytest

from router.config import Config
from santral.config_lint import findings
from santral.config_places import Places
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
  - {name: linksiz, purpose: service, channels: {sms: {tr: "Nasildi? 1-5"}}}
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
            "line 6, column 10: campaign 'c': steps[0].send: template 'linksiz' asks for no score in sms.tr",
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
            "line 6, column 31, campaigns[0].steps[0].then[0].within (c): Field required",
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
        (
            HAND + "    segmnt: vip\n" + steps("send: haber"),
            "line 5, column 5, campaigns[0].segmnt (c): is not known here; known are name, starts",
        ),
    ],
)  # fmt: skip
def test_a_field_that_is_wrong_is_one_fault_at_its_line(tmp_path: Path, campaign: str, told: str) -> None:
    (found,) = faults(tmp_path, HEAD + campaign)
    assert found.startswith(f"outreach.yaml: {told}")


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
        (HAND + steps("send: haber", "{wait_for: reply, within: 3d}", "send: haber"), []),
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


def test_a_configuration_that_was_not_read_from_files_is_not_sound() -> None:
    with pytest.raises(ValueError, match="segment 's': its condition is not checked"):
        Config.model_validate({"segments": [{"name": "s", "when": "contact.age > 3"}]})
