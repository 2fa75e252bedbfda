"""P6: a decision is kept with all that it saw, and made again from it byte by byte."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from router.aws.codec import pack, unpack
from router.aws.dynamo import delete, put
from router.messages import Message
from router.replaying import Kept, Replay, Source, replay
from tests.kit.world import CONFIG, World
from tests.promises.test_rules import ruled

BOSS: dict[str, Any] = {"user": "patron", "role": "supervisor"}
RULED = ruled(
    {
        "name": "complaint",
        "when": 'message.text.mentions(["şikayet*"]) && contact.messagesInHours(24) >= 1',
        "tags": ["complaint"],
    },
    {"name": "again", "when": 'conversation.contactsInDays("complaint", 30) >= 2', "priority": 1},
    {"name": "broken", "when": "int(message.text) > 3", "tags": ["number"]},
)


def ids(world: World) -> list[str]:
    """All decisions, oldest first."""
    found = [item["sk"].partition("#") for item in world.items("H#") if item["wt"] == "decision"]
    return [decision for _, _, decision in sorted(found)]


def played(world: World, decision: str, source: Source | None = None) -> Replay:
    return replay(Kept(world.x.table, world.x.blobs, world.x.version), decision, source)


def work(world: World, *texts: str) -> list[str]:
    """Each text is a customer's, one after the other: decisions that wait, and decisions that give."""
    world.come_in("ayse", "mehmet")
    for number, text in enumerate(texts):
        world.sms(text, sender=f"+1555010{number:02d}")
        world.pump()
        world.pass_time(seconds=7)
    return ids(world)


def test_every_decision_gives_the_same_bytes_again(world: World) -> None:
    world.sms("Kimse var mı", sender="+15550150")
    world.pump()
    for decision in (*ids(world), *work(world, "Merhaba", "Selam", "Alo")):
        result = played(world, decision)
        assert (result.same, result.differences, result.problem) == (True, (), None)
        assert result.made == result.sha256
        assert result.named("config") == "test-1"
        assert len(result.named("roster")) == 32


def test_decisions_of_one_millisecond_are_all_kept_and_each_replays(world: World) -> None:
    """Offered, declined and offered on, then given up, opened again and lined up twice, with a clock that stands still."""
    world.apply(world._config.model_validate({**CONFIG, "version": "offers", "routing": {"offers": {"sms": 30}}}))
    world.come_in("ayse", "mehmet")
    world.sms()
    world.pump()
    (one,) = world.conversations()
    for _ in range(2):
        (one,) = world.conversations()
        assert world.call("POST", f"/v1/conversations/{one.id}/decline", {}, user=one.agent)[0] == 200
        world.pump()
    for agent in ("ayse", "mehmet"):
        world.call("POST", f"/v1/agents/{agent}/presence", {"presence": "away"}, user=agent)
    for what in ("resolve", "reopen", "resolve", "reopen"):
        assert world.call("POST", f"/v1/conversations/{one.id}/{what}", {}, **BOSS)[0] == 200
        world.pump()
    made = [played(world, decision) for decision in ids(world)]
    assert sorted(result.record["agent"] or "" for result in made) == ["", "", "", "ayse", "mehmet"]
    assert [result.same for result in made] == [True] * 5
    assert len({result.decision for result in made}) == 5


def test_a_decision_is_replayed_under_the_version_it_names(world: World) -> None:
    (decision,) = work(world, "Merhaba")
    other = {**CONFIG, "version": "test-2", "agents": CONFIG["agents"][1:]}
    world.apply(world._config.model_validate(other))
    result = played(world, decision)
    assert result.same
    assert result.named("config") == "test-1"


@pytest.mark.parametrize(("change", "where"), [
    ({"agent": "mehmet"}, "agent"),
    ({"score": [1, 2, 3]}, "score"),
    ({"needs": "nothing"}, "needs"),
    ({"fit": ""}, "fit"),
    ({"excluded": {}}, "excluded.presence:offline"),
    ({"extra": "x"}, "extra"),
])  # fmt: skip
def test_a_record_that_somebody_changed_is_found_out(world: World, change: dict[str, Any], where: str) -> None:
    (decision,) = work(world, "Merhaba")
    (item,) = (item for item in world.items("H#") if item["wt"] == "decision")
    world.x.table.commit(put("changed", {**item, "d": pack({**unpack(item["d"]), **change})}))
    result = played(world, decision)
    assert not result.same
    assert where in [difference.where for difference in result.differences]
    status, told = world.call("GET", f"/v1/decisions/{decision}/replay", **BOSS)
    assert (status, told["same"]) == (200, False)
    assert told["differences"]


def test_an_input_that_somebody_changed_is_found_out(world: World) -> None:
    (decision,) = work(world, "Merhaba")
    (item,) = (item for item in world.items("H#") if item["wt"] == "decision")
    record = unpack(item["d"])
    record["seen"]["changed"]["mehmet"] = None  # as if he had not been in
    world.x.table.commit(put("changed", {**item, "d": pack(record)}))
    differences = {one.where: (one.kept, one.made) for one in played(world, decision).differences}
    assert differences["fit"] == (["ayse", "mehmet"], ["ayse"])


def test_a_roster_that_somebody_changed_is_found_out_by_its_hash(world: World) -> None:
    (decision,) = work(world, "Merhaba")
    (item,) = world.items("ROSTER#")
    data = unpack(item["d"])
    data["states"].pop("ayse")
    world.x.table.commit(put("changed", {**item, "d": pack(data)}))
    result = played(world, decision)
    assert not result.same
    assert result.problem is not None
    assert "has the hash" in result.problem


@pytest.mark.parametrize(("change", "says"), [
    ({"v": 3}, "is newer than 2"),
    ({"v": 1}, "its format 1 is none"),
    ({"at": 5}, "another conversation or time"),
    ({"config": "gone"}, "there is no configuration version gone"),
    ({"seen": 5}, "cannot be read"),
    ({"seen": {"roster": "nothing"}}, "is not there any more"),
])  # fmt: skip
def test_what_cannot_be_replayed_says_why(world: World, change: dict[str, Any], says: str) -> None:
    (decision,) = work(world, "Merhaba")
    (item,) = (item for item in world.items("H#") if item["wt"] == "decision")
    world.x.table.commit(put("changed", {**item, "d": pack({**unpack(item["d"]), **change})}))
    result = played(world, decision)
    assert not result.same
    assert result.made is None
    assert says in str(result.problem)
    assert world.call("GET", f"/v1/decisions/{decision}", **BOSS)[0] == 200


# --- the rules -----------------------------------------------------------------------------------------------------


def test_the_rules_are_judged_again_from_the_message_and_what_was_known(world: World) -> None:
    world.apply(world._config.model_validate(RULED))
    world.come_in("ayse")
    for number, text in enumerate(("Şikayetim var", "Yine şikayet ediyorum", "5")):
        world.sms(text)
        world.pump()
        (conversation,) = world.conversations()
        world.call("POST", f"/v1/conversations/{conversation.id}/resolve", {})
        world.pump()
        world.pass_time(days=1, minutes=number)
    results = [played(world, decision) for decision in ids(world)]
    assert [result.same for result in results] == [True] * 3
    assert [result.judged for result in results] == [True] * 3
    said = [result.record["rules"] for result in results]
    assert [list(one["matched"]) for one in said] == [
        ["complaint"],
        ["complaint", "again"],
        ["again", "broken"],
    ]
    assert "broken" in said[0]["failed"]
    assert all(len(json.dumps(one.get("saw", {}))) < 250 for one in said)
    assert "şikayet" not in json.dumps([one.get("saw") for one in said], ensure_ascii=False)


def test_a_rule_s_match_that_somebody_changed_is_found_out(world: World) -> None:
    world.apply(world._config.model_validate(RULED))
    (decision,) = work(world, "Şikayetim var")
    (item,) = (item for item in world.items("H#") if item["wt"] == "decision")
    record = unpack(item["d"])
    record["rules"]["matched"] = {"vip": {}}
    world.x.table.commit(put("changed", {**item, "d": pack(record)}))
    result = played(world, decision)
    assert {one.where for one in result.differences} == {"rules.matched.vip", "rules.matched.complaint"}


def test_after_an_erasure_the_replay_says_which_input_is_gone_and_makes_the_match_again(world: World) -> None:
    world.apply(world._config.model_validate(RULED))
    (decision,) = work(world, "Şikayetim var")
    message = played(world, decision).record["rules"]["message"]
    world.x.table.commit(delete("erased", (f"M#{message}", "m")))
    result = played(world, decision)
    assert (result.same, result.judged, result.erased) == (True, False, (f"message {message}",))
    status, told = world.call("GET", f"/v1/decisions/{decision}/replay", **BOSS)
    assert (status, told["same"], told["erased"], told["judged"]) == (200, True, [f"message {message}"], False)


def test_a_message_that_its_author_withdrew_is_an_erased_input(world: World) -> None:
    world.apply(world._config.model_validate(RULED))
    (decision,) = work(world, "Şikayetim var")
    message = world.x.table.message(played(world, decision).record["rules"]["message"])
    assert isinstance(message, Message)
    world.x.table.commit(world.x.table.withdraw(message, world.now))
    result = played(world, decision)
    assert (result.same, result.judged) == (True, False)
    assert "which its author withdrew at 2026-03-02 09:00" in result.erased[0]


NAMED = ruled({"name": "vip", "when": 'contact.name == "Zeynep"', "tags": ["vip"]})


def test_a_name_is_taken_from_the_contact_as_it_is_today(world: World) -> None:
    world.apply(world._config.model_validate(NAMED))
    world.come_in("ayse")
    world.sms("Merhaba")
    world.pump()
    (conversation,) = world.conversations()
    assert world.call("POST", f"/v1/contacts/{conversation.contact}", {"name": "Zeynep"})[0] == 200
    world.call("POST", f"/v1/conversations/{conversation.id}/resolve", {})
    world.pass_time(hours=1)
    world.sms("Yine ben")
    world.pump()
    decision = ids(world)[-1]
    result = played(world, decision)
    assert (result.same, result.judged, result.present) == (True, True, ("the contact's name",))
    assert "Zeynep" not in json.dumps(result.record)
    world.call("POST", f"/v1/contacts/{conversation.contact}", {"name": "Zeynep Kaya"})
    assert [one.where for one in played(world, decision).differences] == ["rules.matched.vip"]
    contact = next(item for item in world.items("P#") if item["sk"] == "contact")
    world.x.table.commit(delete("erased", (contact["pk"], "contact")))
    gone = played(world, decision)
    assert (gone.same, gone.erased) == (True, (f"contact {conversation.contact}",))


# --- the API -------------------------------------------------------------------------------------------------------


def test_a_decision_and_its_replay_are_for_supervisors(world: World) -> None:
    (decision,) = work(world, "Merhaba")
    assert world.call("GET", f"/v1/decisions/{decision}")[0] == 403
    assert world.call("GET", f"/v1/decisions/{decision}/replay")[0] == 403
    status, shown = world.call("GET", f"/v1/decisions/{decision}", **BOSS)
    assert status == 200
    assert shown["record"]["excluded"] == {"presence:offline": ["usta"]}
    assert "seen" not in shown["record"]
    _, told = world.call("GET", f"/v1/decisions/{decision}/replay", **BOSS)
    assert (told["same"], told["policy"], told["pool"]) == (True, "default", "main")
    assert world.call("GET", "/v1/decisions/d_x.y.1.a-match", **BOSS)[0] == 404
    assert world.call("GET", "/v1/decisions/nonsense/replay", **BOSS)[0] == 404
    assert world.call("GET", f"/v1/decisions/{decision}", query="from=moon", **BOSS)[0] == 422


def test_a_version_is_never_taken_out_of_the_table(world: World) -> None:
    """What decisions name must be there for good."""
    first = world._config
    for number in range(12):
        world.apply(first.model_copy(update={"version": f"later-{number}"}))
    assert world.x.version(first.version).agents == first.agents


def test_decisions_replay_under_a_clock_that_never_stands_still(world: World) -> None:
    """Each look at the clock is 1,37 ms later than the last: a decision's id, record and history say one time all the same."""

    def ticking() -> datetime:
        world.now += timedelta(microseconds=1_370)
        return world.now

    world.x.now = ticking
    world.come_in("ayse")
    for number in range(9):  # some are taken, some wait
        world.sms(sender=f"+155507{number:02d}")
        world.pump()
    world.call("POST", f"/v1/conversations/{world.conversations()[0].id}/resolve", role="supervisor")
    world.pump()
    entries = [e for c in world.conversations() for e in world.x.table.histories(c.id) if e.what == "decision"]
    assert len(entries) == 10
    kept = Kept(world.x.table, world.x.blobs, world.x.version)
    assert [(e.id, replay(kept, e.id).problem) for e in entries if not replay(kept, e.id).same] == []
