"""The YAML files of the configuration: what is wrong is named by file and field, all of it at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from channels import registry
from router.config import Queue
from santral.config_places import Places
from santral.configuration import BadConfiguration, Fault, load

ROOT = Path(__file__).resolve().parent.parent.parent
GOOD = {
    "inboxes.yaml": "inboxes:\n  - {name: web, channel: webchat, address: web, queue: chat}\n",
    "queues.yaml": "queues:\n  - {name: chat, skill: chat, first_response_minutes: 2}\n",
    "agents.yaml": "agents:\n  - {name: ayse, display_name: Ayşe, skills: [chat, sms]}\n",
}


def written(directory: Path, **changed: str) -> Path:
    for name, text in (GOOD | {name.replace("_", "."): text for name, text in changed.items()}).items():
        (directory / name).write_text(text, "utf-8")
    return directory


def faults(directory: Path) -> list[str]:
    with pytest.raises(BadConfiguration) as raised:
        load(directory)
    return [str(fault) for fault in raised.value.faults]


def test_the_sample_configuration_is_sound_and_has_an_inbox_per_channel() -> None:
    config = load(ROOT / "config")
    assert {inbox.channel for inbox in config.inboxes} == set(registry.names())
    assert len(config.agents) >= 3
    assert all(not inbox.address.startswith("+90") for inbox in config.inboxes)


def test_the_version_is_the_content_and_not_its_files_or_order(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    one = load(written(tmp_path / "one"))
    (tmp_path / "two" / "all.yaml").write_text("".join(GOOD.values()).replace("[chat, sms]", "[sms, chat]"), "utf-8")
    assert load(tmp_path / "two").version == one.version
    (tmp_path / "two" / "all.yaml").write_text("".join(GOOD.values()).replace("minutes: 2", "minutes: 3"), "utf-8")
    assert load(tmp_path / "two").version != one.version


def test_a_misspelt_key_is_named_with_its_file_and_place(tmp_path: Path) -> None:
    found = faults(written(tmp_path, queues_yaml="queues:\n  - {name: chat, skil: chat, skill: chat}\n"))
    known = ", ".join(Queue.model_fields)
    assert found == [f"queues.yaml: line 2, column 18, queues[0].skil (chat): is not known here; known are {known}"]


def test_a_field_that_nothing_leans_on_hides_no_other_fault(tmp_path: Path) -> None:
    queues = "queues:\n  - {name: chat, skill: chat, priority: 12}\n  - {name: satis, skill: satis}\n"
    found = faults(
        written(
            tmp_path, queues_yaml=queues, agents_yaml="agents:\n  - {name: ayse, display_name: 12, skills: [chat]}\n"
        )
    )
    assert [one.rpartition(": ")[0] for one in found if "YAML reads" not in one] == [
        "queues.yaml: line 2, column 31, queues[0].priority (chat)",
        "queues.yaml: line 3, column 5: queue 'satis'",
    ]


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    found = faults(
        written(
            tmp_path,
            queues_yaml="queues:\n  - {name: chat, skill: chat, first_response_minutes: 0}\n",
            agents_yaml="agents:\n  - {name: Ayşe, display_name: Ayşe}\n",
        )
    )
    assert [line.split(":")[0] for line in found] == ["agents.yaml", "queues.yaml"]


def test_an_inbox_without_its_queue_is_named_with_its_file(tmp_path: Path) -> None:
    found = faults(written(tmp_path, queues_yaml="queues:\n  - {name: other, skill: chat}\n"))
    assert found == ["inboxes.yaml: line 2, column 5: inbox 'web': there is no queue 'chat'"]


def test_a_skill_that_nobody_has_is_named(tmp_path: Path) -> None:
    found = faults(written(tmp_path, agents_yaml="agents:\n  - {name: ayse, display_name: Ayşe, skills: [sms]}\n"))
    assert found == ["queues.yaml: line 2, column 5: queue 'chat': no agent of pool 'main' has the skill 'chat'"]


def test_a_key_given_twice_is_refused_with_its_line(tmp_path: Path) -> None:
    found = faults(written(tmp_path, queues_yaml="queues:\n  - name: chat\n    skill: chat\n    skill: sms\n"))
    assert found == ["queues.yaml: line 4, column 5: the key 'skill' is given twice"]


@pytest.mark.parametrize("text", ["queues: [", "- a list", "queues: 5", "nonsense: 1"])
def test_what_is_no_configuration_is_an_error_not_a_crash(tmp_path: Path, text: str) -> None:
    assert any(line.startswith("queues.yaml") for line in faults(written(tmp_path, queues_yaml=text)))


def test_a_rule_whose_name_is_no_text_is_told_with_its_place(tmp_path: Path) -> None:
    found = faults(written(tmp_path, rules_yaml="rules:\n  - {name: {x: y}, when: 'true', stop: true}\n"))
    assert found[0].startswith("rules.yaml: line 2, column 6, rules[0].name")


def test_an_empty_directory_says_so(tmp_path: Path) -> None:
    assert "no *.yaml" in faults(tmp_path)[0]


@pytest.mark.parametrize(
    ("inbox", "fault"),
    [
        (
            "{name: two, channel: fax, address: x, queue: chat}",
            f"line 3, column 17, inboxes[1].channel (two): there is no channel 'fax'; write one of {', '.join(registry.names())}",
        ),
        (
            '{name: two, channel: twilio, address: "+15005550100", queue: chat}',
            (
                "line 3, column 5, inboxes[1].secret (two): is missing; name the key of the Twilio credentials inside the"
                " provider secret, such as twilio"
            ),
        ),
        (
            "{name: two, channel: webchat, address: two, queue: chat, language: English}",
            "line 3, column 62, inboxes[1].language (two): must be a language tag such as tr or en-GB",
        ),
    ],
)
def test_an_inbox_that_could_not_work_is_refused(tmp_path: Path, inbox: str, fault: str) -> None:
    assert faults(written(tmp_path, inboxes_yaml=f"{GOOD['inboxes.yaml']}  - {inbox}\n")) == [f"inboxes.yaml: {fault}"]


def test_two_inboxes_of_one_address_are_refused(tmp_path: Path) -> None:
    mails = "  - {name: a, channel: email, address: A@example.com, queue: chat}\n"
    mails += "  - {name: b, channel: email, address: a+x@example.com, queue: chat}\n"
    (found,) = faults(written(tmp_path, inboxes_yaml=GOOD["inboxes.yaml"] + mails))
    assert found.startswith(
        "inboxes.yaml: line 4, column 31, inboxes[2].address (b): 'a+x@example.com' is the address of inbox 'a' already"
    )


def test_a_queue_whose_conversations_fit_nobody_is_refused(tmp_path: Path) -> None:
    agents = "agents:\n  - {name: ayse, display_name: Ayşe, skills: [chat], units: 3}\n"
    (found,) = faults(written(tmp_path, agents_yaml=agents))
    assert found.startswith(
        "queues.yaml: line 2, column 5, queues[0] (chat): a conversation of inbox 'web' weighs 4 units"
    )
    assert "it waits for ever" in found


@pytest.mark.parametrize("text", ["", "# nothing\n", "queues:\n", "queues: []\n"])
def test_an_emptied_file_says_what_it_lacks(tmp_path: Path, text: str) -> None:
    assert faults(written(tmp_path, queues_yaml=text)) == ["queues.yaml: defines no queues"]


def test_a_webhook_for_events_that_never_come_is_refused(tmp_path: Path) -> None:
    hook = "{name: crm, url: https://crm.example.com, secret: crm, events: [conversation.*, message.eaten, orders.*]}"
    found = faults(written(tmp_path, webhooks_yaml=f"webhooks:\n  - {hook}\n"))
    what = "means no event; they are in docs/events.md, such as conversation.* or message.received"
    assert found == [
        f"webhooks.yaml: line 2, column 60, webhooks[0].events (crm): '{p}' {what}"
        for p in ("message.eaten", "orders.*")
    ]


def test_a_webhook_without_tls_is_refused(tmp_path: Path) -> None:
    hook = "{name: crm, url: http://crm.example.com, secret: crm, events: ['*']}"
    (found,) = faults(written(tmp_path, webhooks_yaml=f"webhooks:\n  - {hook}\n"))
    assert found.startswith("webhooks.yaml: line 2, column 17, webhooks[0].url (crm)")


def social(*inboxes: str) -> str:
    return "inboxes:\n" + "".join(f"  - {{{one}, queue: chat, secret: meta}}\n" for one in inboxes)


def test_inboxes_behind_one_webhook_must_each_say_their_account(tmp_path: Path) -> None:
    pages = social("name: a, channel: messenger, address: '1043'", "name: b, channel: messenger, address: lamps")
    (found,) = faults(written(tmp_path, inboxes_yaml=pages))
    assert found.startswith("inboxes.yaml: line 3, column 5, inboxes[1] (b): inboxes a, b have the same credentials")
    assert "settings.page_id" in found


def test_an_account_belongs_to_one_inbox(tmp_path: Path) -> None:
    pages = social(
        "name: a, channel: messenger, address: '1043'",
        "name: b, channel: messenger, address: x, settings: {page_id: '1043'}",
    )
    found = faults(written(tmp_path, inboxes_yaml=pages))
    assert found == [
        "inboxes.yaml: line 3, column 5, inboxes[1] (b): the account 1043 is that of inbox 'a' already: each message would come twice"
    ]


def test_one_inbox_alone_may_be_called_as_it_likes(tmp_path: Path) -> None:
    pages = social("name: a, channel: messenger, address: lamps", "name: w, channel: whatsapp, address: lamps")
    weights = "agents:\n  - {name: ayse, display_name: Ayşe, skills: [chat]}\n"
    assert len(load(written(tmp_path, inboxes_yaml=pages, agents_yaml=weights)).inboxes) == 2


RULED = """rules:
  - {name: writes, when: 'message.channel == "email"', queue: far}
  - {name: nights, queue: deep, when: 'message.channel == "webchat" || contact.known'}
"""


def test_a_queue_that_a_rule_sends_too_heavy_conversations_to_is_refused(tmp_path: Path) -> None:
    queues = GOOD["queues.yaml"] + "  - {name: far, skill: sms}\n  - {name: deep, skill: sms}\n"
    inboxes = GOOD["inboxes.yaml"] + "  - {name: mail, channel: email, address: a@example.com, queue: chat}\n"
    agents = GOOD["agents.yaml"] + "  - {name: emma, display_name: Emma, skills: [sms], units: 5}\n"
    light = agents.replace("[chat, sms]", "[chat]")
    found = faults(written(tmp_path, queues_yaml=queues, inboxes_yaml=inboxes, agents_yaml=light, rules_yaml=RULED))
    assert [line.partition(" weighs")[0] for line in found] == [
        "queues.yaml: line 3, column 5, queues[1] (far): a conversation of inbox 'mail', which rule 'writes' may send here,",
        "queues.yaml: line 4, column 5, queues[2] (deep): a conversation of inbox 'mail', which rule 'nights' may send here,",
    ]
    (tmp_path / "agents.yaml").write_text(agents, "utf-8")
    assert load(tmp_path).rules


def test_a_fault_in_the_second_file_of_a_section_is_told_with_that_file_s_line(tmp_path: Path) -> None:
    more = "queues:\n  - {name: a, skill: chat}\n  - {name: b, skill: nothing}\n"
    (found,) = faults(written(tmp_path, zmore_yaml=more))
    assert found.startswith("zmore.yaml: line 3, column 5: queue 'b': ")


def test_of_two_items_of_one_name_the_one_at_fault_is_pointed_at(tmp_path: Path) -> None:
    """Where the number given is another item's, the name says which is meant."""
    agents = "agents:\n  - {name: ayse, display_name: Ayşe, skills: [chat]}\n  - {name: ayse, display_name: Ayşe, units: -1}\n"
    (found,) = [line for line in faults(written(tmp_path, agents_yaml=agents)) if "units" in line]
    assert found.startswith("agents.yaml: line 3, column 38, agents[1].units (ayse): ")
    agents = "agents:\n  - {name: ayse, display_name: Ayşe, skills: [chat]}\n  - {name: ayse, display_name: Ayşe, hours: gone}\n"
    assert [line.partition(": agent")[0] for line in faults(written(tmp_path, agents_yaml=agents))] == [
        "agents.yaml: line 3, column 5",
        "agents.yaml: line 3, column 5",
    ]
    places = Places([tmp_path / "queues.yaml"])
    assert places.told(Fault("queues.yaml", "queues[7].skill (chat)", "is wrong")).line == 2


def test_a_day_that_there_is_not_is_told_with_its_field_beside_the_other_faults_of_its_file(tmp_path: Path) -> None:
    calendars = 'calendars:\n  - {name: a, zone: Nowhere, open: {mon: ["09:00-10:00"]}, closed: [2027-02-30]}\n'
    found = faults(written(tmp_path, calendars_yaml=calendars, webhooks_yaml="nonsense: 0x_\n"))
    assert any(line.startswith("calendars.yaml: line 2, column 60, calendars[0].closed (a): ") for line in found)
    assert any(line.startswith("calendars.yaml: line 2, column 15, calendars[0].zone (a): ") for line in found)
    assert any(line.startswith("webhooks.yaml: line 1, column 11: ") for line in found)


def test_a_day_is_the_same_within_quotes_and_without(tmp_path: Path) -> None:
    for name, quote in (("one", ""), ("two", '"')):
        day = f"{quote}2027-01-01{quote}"
        (tmp_path / name).mkdir()
        calendars = f'calendars:\n  - {{name: a, zone: UTC, open: {{mon: ["09:00-10:00"]}}, closed: [{day}], days: [{{date: {day}}}]}}\n'
        written(tmp_path / name, calendars_yaml=calendars)
    one = load(tmp_path / "one")
    assert one.version == load(tmp_path / "two").version
    assert one.calendars[0].closed == ("2027-01-01",)


def test_a_channel_that_there_is_not_is_told_wherever_one_is_named(tmp_path: Path) -> None:
    agents = "agents:\n  - {name: ayse, display_name: Ayşe, skills: [chat], limits: {chat: 2}}\n"
    routing = "routing:\n  units: {e-mail: 6}\n  fallback: [fax]\n"
    found = faults(written(tmp_path, agents_yaml=agents, routing_yaml=routing))
    assert [line.partition(": is no channel")[0] for line in found] == [
        "routing.yaml: line 2, column 11, routing.units.e-mail",
        "routing.yaml: line 3, column 13, routing.fallback.fax",
        "agents.yaml: line 2, column 63, agents[0].limits.chat (ayse)",
    ]


def test_a_field_with_two_ways_to_write_it_is_judged_by_the_one_that_was_taken(tmp_path: Path) -> None:
    agents = "agents:\n  - {name: a, display_name: A, skills: {Chat: 2, tr: 9}, languages: [english]}\n"
    assert faults(written(tmp_path, agents_yaml=agents + "  - {name: b, display_name: B, skills: 3}\n")) == [
        "agents.yaml: line 2, column 41, agents[0].skills.Chat (a): must be small letters, digits and -, at most 40",
        "agents.yaml: line 2, column 50, agents[0].skills.tr (a): must be at most 5",
        "agents.yaml: line 2, column 70, agents[0].languages[0] (a): must be a language tag such as tr or en-GB",
        "agents.yaml: line 3, column 32, agents[1].skills (b): must be a mapping or a list",
    ]


def test_faults_of_every_kind_are_told_at_once(tmp_path: Path) -> None:
    """A name that does not resolve hides neither a condition's fault nor one of another file."""
    found = faults(
        written(
            tmp_path,
            inboxes_yaml="inboxes:\n  - {name: web, channel: webchat, address: web, queue: nowhere}\n",
            rules_yaml="rules:\n  - {name: a, when: message.txt == 'x', tier: platinum}\n",
        )
    )
    assert len(found) == 3, found
    assert "message has no 'txt'" in found[0]
    assert "there is no queue 'nowhere'" in found[1]
    assert "there is no tier 'platinum'" in found[2]


def test_a_field_s_fault_hides_no_fault_between_parts_that_are_whole(tmp_path: Path) -> None:
    found = faults(
        written(
            tmp_path,
            inboxes_yaml="inboxes:\n  - {name: web, channel: webchat, address: web, queue: chat}\n"
            "  - {name: two, channel: webchat, address: two, queue: nowhere}\n",
            queues_yaml="queues:\n  - {name: chat, skill: chat, priority: 10}\n",
            agents_yaml="agents:\n  - {name: ayse, display_name: Ayşe, skills: [chat], hours: gone}\n",
            rules_yaml="rules:\n  - {name: a, tier: platinum}\n",
            calendars_yaml='calendars:\n  - {name: c, zone: UTC, open: {mon: ["09:00-10:00"]}, holidays: [{country: QQ}]}\n',
        )
    )
    told = "\n".join(found)
    assert "queues[0].priority (chat)" in told
    for words in (
        "no holidays are known of the country 'QQ'",
        "agent 'ayse': there is no calendar 'gone'",
        "no tier 'platinum'",
        "inbox 'two': there is no queue",
    ):
        assert words in told
    assert "no queue 'chat'" not in told


def test_holidays_that_nobody_knows_hide_no_other_fault(tmp_path: Path) -> None:
    found = faults(
        written(
            tmp_path,
            inboxes_yaml="inboxes:\n  - {name: web, channel: webchat, address: web, queue: nowhere}\n",
            rules_yaml="rules:\n  - {name: a, when: x, stop: true}\n",
            calendars_yaml='calendars:\n  - {name: c, zone: UTC, open: {mon: ["09:00-10:00"]}, holidays: [{country: QQ}]}\n',
        )
    )
    assert [line.partition(":")[0] for line in found] == ["calendars.yaml", "rules.yaml", "inboxes.yaml"]


@pytest.mark.parametrize(
    "changed",
    [
        {"queues_yaml": "queues:\n  - {nam: chat, skill: chat}\n"},
        {"queues_yaml": "queues:\n  - {name: chat, skill: 5}\n"},
        {"queues_yaml": "queues: [\n"},
        {"queues_yaml": "queues: 5\n"},
        {"queues_yaml": "queus:\n  - {name: chat, skill: chat}\n"},
        {"queues_yaml": ""},
        {"agents_yaml": "agents:\n  - {name: ayse, display_name: Ayşe, skills: [chat, Sms]}\n"},
        {"agents_yaml": "agents: [\n"},
        {"agents_yaml": "agents:\n  - 5\n"},
        {"inboxes_yaml": "inboxes:\n  - {name: web, channel: webchat, address: web, queue: chat, brand: [x]}\n"},
        {"routing_yaml": "routing: {tiers: [gold, 5]}\n", "rules_yaml": "rules:\n  - {name: a, tier: gold}\n"},
        {
            "calendars_yaml": "calendars:\n  - {name: c, zone: Nowhere}\n",
            "agents_yaml": "agents:\n  - {name: ayse, display_name: Ayşe, skills: [chat], hours: c}\n",
        },
    ],
)
def test_what_is_at_fault_itself_makes_no_fault_elsewhere(tmp_path: Path, changed: dict[str, str]) -> None:
    found = [line.replace("there is no time zone", "") for line in faults(written(tmp_path, **changed))]
    assert not [line for line in found if "there is no" in line or "no agent" in line or "belongs" in line]


def test_a_brand_that_nobody_may_answer_is_told(tmp_path: Path) -> None:
    agents = "agents:\n  - {name: ayse, display_name: Ayşe, skills: [chat, sms], limits: {webchat: 0}}\n"
    assert any("it waits for ever" in fault for fault in faults(written(tmp_path, agents_yaml=agents)))


def test_a_placeholder_without_quotes_is_told_with_its_place(tmp_path: Path) -> None:
    agents = "agents:\n  - {name: ayse, display_name: {{ name }}, skills: [chat]}\n"
    (fault, *_) = faults(written(tmp_path, agents_yaml=agents))
    assert fault.startswith("agents.yaml: line 2")
    assert "quotes" in fault


@pytest.mark.parametrize(
    "routing", ["units: {sms: -4}", "units: {sms: 0}", "handle_minutes: {sms: .inf}", "reopen_hours: 1.0e+300"]
)
def test_numbers_that_would_break_routing_are_refused(tmp_path: Path, routing: str) -> None:
    assert faults(written(tmp_path, routing_yaml="routing:\n  " + routing + "\n"))


def nested_steps(levels: int) -> str:
    step = "{send: x}"
    for _ in range(levels):
        step = f"{{when: 'true', then: [{step}]}}"
    return f"campaigns: [{{name: c, starts: {{by_hand: true}}, everyone: true, steps: [{step}]}}]\n"


@pytest.mark.parametrize(
    "text",
    [
        nested_steps(100),
        nested_steps(400),
        f"webhooks: {'[' * 400}{']' * 400}\n",
        f"webhooks: {'[' * 2000}{']' * 2000}\n",
        "campaigns: [{name: c, steps: &steps [{when: 'true', then: *steps}]}]\n",
        "routing: &routing {units: *routing}\n",
    ],
)
def test_what_is_nested_without_end_is_one_fault(tmp_path: Path, text: str) -> None:
    (found,) = faults(written(tmp_path, deep_yaml=text))
    assert found.startswith("deep.yaml: ")
    assert found.endswith("is nested too deeply")


def test_as_many_steps_as_a_campaign_may_have_lie_inside_each_other(tmp_path: Path) -> None:
    found = faults(written(tmp_path, deep_yaml=nested_steps(49)))
    assert found
    assert not any("deeply" in line for line in found)
