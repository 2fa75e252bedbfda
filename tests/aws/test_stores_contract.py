"""The ledger, the quarantine, the sockets and the configuration, on every DynamoDB."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from router.aws.configs import Configs
from router.aws.dynamo import Dynamo
from router.aws.intake import Intake
from router.aws.rosters import Rosters, swap
from router.aws.sockets import Sockets
from router.aws.table import Table
from router.config import Config
from router.errors import Lost, NotFound
from router.ledger import bucket_of
from router.loads import Load
from tests.kit import values as v
from tests.kit.backends import BACKENDS
from tests.kit.stocked import come_in

pytestmark = pytest.mark.parametrize("dynamo", BACKENDS, indirect=True)


class Objects:
    """A bucket in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def put(self, key: str, data: bytes) -> str:
        """Store an object; its reference."""
        self.kept[f"s3://blobs/{key}"] = data
        return f"s3://blobs/{key}"

    def get(self, ref: str) -> bytes:
        """The object."""
        return self.kept[ref]


@pytest.fixture
def intake(dynamo: Dynamo) -> Intake:
    """The ledger and the quarantine under test."""
    objects: Any = Objects()
    return Intake(dynamo, objects, v.KEY)


class Gateway:
    """API Gateway's management API: which connections are open, and what was pushed."""

    def __init__(self, *open_: str) -> None:
        self.open = set(open_)
        self.pushed: list[str] = []

    def post_to_connection(self, ConnectionId: str, Data: bytes) -> None:  # noqa: N803 - botocore's names
        """Push, or say that the connection is gone."""
        if ConnectionId not in self.open:
            response: Any = {"Error": {"Code": "GoneException"}, "ResponseMetadata": {"HTTPStatusCode": 410}}
            raise ClientError(response, "PostToConnection")
        self.pushed.append(f"{ConnectionId} {Data.decode()}")


# --- the ledger ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body", [b"Body=Merhaba", "İçerik: çöğüş".encode(), b"\xff\xfe\x00", b"", b"x" * 9000], ids=len
)
def test_a_call_in_the_ledger_comes_back_as_it_was(intake: Intake, body: bytes) -> None:
    call = v.call(body)
    (ref,) = intake.record([(call, ["m_1", "m_2"])])
    bucket = bucket_of(v.NOW)
    ((kept, ids),) = intake.entries(bucket)
    assert ids == ["m_1", "m_2"]
    assert intake.body(kept) == body
    assert intake.raw(ref) == kept
    assert (kept.channel, kept.inbox, kept.received_at, kept.query, kept.content_type, kept.envelope) == (
        call.channel, call.inbox, call.received_at, call.query, call.content_type, call.envelope,
    )  # fmt: skip


def test_the_same_call_twice_is_one_entry(intake: Intake) -> None:
    first = intake.record([(v.call(), ["m_1"])])
    assert intake.record([(v.call(), ["m_1"])]) == first
    intake.record([(v.call(), ["m_2"]), (v.call(received_at=v.NOW + timedelta(minutes=5)), ["m_3"])])
    assert sorted(ids for _, ids in intake.entries(bucket_of(v.NOW))) == [["m_1"], ["m_2"]]
    assert intake.raw("intake:200001010000/0/nothing") is None


def test_what_was_received_and_never_stored_is_missed_by_id(intake: Intake, dynamo: Dynamo) -> None:
    table = Table(dynamo, v.KEY)
    table.commit(*(table.new_message(v.message(f"m_{n}"), "c_1.default.1") for n in range(60)))
    table.commit(*(table.new_message(v.message(f"m_{n}"), "c_1.default.1") for n in range(60, 120)))
    assert intake.missing([f"m_{n}" for n in range(125)]) == {f"m_{n}" for n in range(120, 125)}
    assert intake.missing([]) == set()


def test_a_quarantined_call_is_kept_once_and_listed_until_it_leaves(intake: Intake, dynamo: Dynamo) -> None:
    entry = intake.quarantine(v.call(b"\xff"), "not a form")
    assert intake.quarantine(v.call(b"\xff"), "sent again") == entry
    other = intake.quarantine(v.call(b"y" * 9000), "too odd")
    found = intake.quarantined([other, entry, "nothing"])
    assert [(one.id, one.reason, len(intake.body(one.call))) for one in found] == [
        (other, "too odd", 9000), (entry, "not a form", 1),
    ]  # fmt: skip
    table = Table(dynamo, v.KEY)
    assert {key for key, _ in table.listed("quarantine")} == {(f"Q#{entry}", "q"), (f"Q#{other}", "q")}
    dynamo.commit(intake.release(entry))
    assert [key for key, _ in table.listed("quarantine")] == [(f"Q#{other}", "q")]
    assert not intake.is_quarantined(v.call(b"\xff"))
    for change in (intake.release(entry), intake.discard(entry)):
        with pytest.raises(Lost) as lost:
            dynamo.commit(change)
        assert lost.value.names == ("quarantine",)


def test_a_discarded_call_is_off_the_list_and_remembered(intake: Intake, dynamo: Dynamo) -> None:
    entry = intake.quarantine(v.call(b"\xff"), "not a form")
    dynamo.commit(intake.discard(entry))
    assert Table(dynamo, v.KEY).listed("quarantine") == []
    assert intake.quarantined([entry]) == []
    assert intake.is_quarantined(v.call(b"\xff"))
    with pytest.raises(Lost):
        dynamo.commit(intake.discard(entry))
    assert intake.quarantine(v.call(b"\xff"), "the provider sent it again") == entry
    assert [one.reason for one in intake.quarantined([entry])] == ["the provider sent it again"]


# --- sockets and tickets -------------------------------------------------------------------------------------------


def test_a_connection_is_known_by_itself_and_by_its_owner_until_it_closes(dynamo: Dynamo) -> None:
    sockets = Sockets(dynamo, Gateway(), v.KEY)
    for minute, name in enumerate(("b=", "a=", "c=")):
        sockets.open(name, "A#ayse", {"agent": "ayse"}, v.later(minute))
    assert sockets.of("A#ayse") == ["b=", "a=", "c="], "newest last"
    assert sockets.session("a=") == {"owner": "A#ayse", "agent": "ayse"}
    assert sockets.close("a=") == {"owner": "A#ayse", "agent": "ayse"}
    assert sockets.close("a=") is None
    assert sockets.session("a=") is None
    assert sockets.of("A#ayse") == ["b=", "c="]
    assert sockets.of("A#nobody") == []


def test_a_push_to_a_gone_connection_forgets_it_and_goes_to_the_others(dynamo: Dynamo) -> None:
    gateway = Gateway("open=")
    sockets = Sockets(dynamo, gateway, v.KEY)
    sockets.open("gone=", "V#p_1", {}, v.NOW)
    sockets.open("open=", "V#p_1", {}, v.NOW)
    assert sockets.tell("V#p_1", {"type": "x"}, "gone=")
    assert gateway.pushed == ['open= {"type":"x"}']
    assert sockets.of("V#p_1") == ["open="]
    assert not sockets.tell("V#p_2", {"type": "x"})


def test_a_ticket_lets_one_in_once_and_in_time(dynamo: Dynamo) -> None:
    sockets = Sockets(dynamo, Gateway(), v.KEY)
    sockets.give_ticket("t1", {"agent": "ayse"}, v.NOW, timedelta(seconds=30))
    sockets.give_ticket("t2", {"agent": "ayse"}, v.NOW, timedelta(seconds=30))
    assert sockets.use_ticket("t1", v.NOW + timedelta(seconds=30)) == {"agent": "ayse"}
    assert sockets.use_ticket("t1", v.NOW) is None
    assert sockets.use_ticket("t2", v.NOW + timedelta(seconds=31)) is None
    assert sockets.use_ticket("t3", v.NOW) is None
    with pytest.raises(Lost):
        sockets.give_ticket("t2", {"agent": "mehmet"}, v.NOW, timedelta(seconds=30))


def test_an_agent_s_newest_connection_stands_beside_their_load(dynamo: Dynamo) -> None:
    sockets, table = Sockets(dynamo, Gateway(), v.KEY), Table(dynamo, v.KEY)
    sockets.agent_connected("main", "ayse", "conn1")
    assert table.load("main", "ayse") is None, "who is not in the roster is not put there by a socket"
    come_in(table)
    before = table.load("main", "ayse")
    assert before is not None
    sockets.agent_connected("main", "ayse", "conn1")
    opened = table.load("main", "ayse")
    assert opened == replace(before, connection="conn1", by_desk=True, version=1)
    lost = replace(opened, lost_at=v.later(1))
    table.commit(*swap("agent", opened, lost))
    sockets.agent_connected("main", "ayse", "conn2")
    assert table.load("main", "ayse") == replace(opened, connection="conn2", version=3), "the desk is not lost any more"
    sockets.agent_connected("main", "ayse", None)
    assert table.load("main", "ayse") == replace(opened, connection=None, version=4)


@pytest.mark.parametrize("times", [1, 5])
def test_a_connection_comes_beside_a_load_that_is_changed_and_moved_while_it_opens(
    dynamo: Dynamo, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    sockets, table = Sockets(dynamo, Gateway(), v.KEY), Table(dynamo, v.KEY)
    come_in(table)
    read, left = Rosters.seated, [("away", "online")[n % 2] for n in range(times)]

    def then_changed(rosters: Rosters, pool: str, agent: str) -> Load | None:
        load = read(rosters, pool, agent)
        if left:
            presence = left.pop(0)
            changes = table.set_presence(
                pool, agent, presence, 12, load, None, v.later(1), available=presence == "online"
            )
            table.commit(*changes)
        return load

    monkeypatch.setattr(Rosters, "seated", then_changed)
    sockets.agent_connected("main", "ayse", "conn1")
    (load,) = table.everybody("main")
    assert (load.connection, load.by_desk, load.presence, load.version) == ("conn1", True, "away", times + 1)


# --- configuration -------------------------------------------------------------------------------------------------


def config(version: str, *names: str) -> Config:
    """A configuration with these agents."""
    agents = [{"name": name, "display_name": name, "skills": ["genel"]} for name in names]
    queues = [{"name": "genel", "skill": "genel"}]
    return Config.model_validate({"version": version, "agents": agents, "queues": queues})


def test_the_configuration_in_force_is_read_again_when_it_is_not_fresh(dynamo: Dynamo) -> None:
    seconds = [0.0]
    configs = Configs(dynamo, clock=lambda: seconds[0])
    with pytest.raises(NotFound):
        configs.current()
    configs.apply(config("1", "ayse"))
    assert configs.current().version == "1"
    Configs(dynamo).apply(config("2", "ayse", "mehmet"))
    assert configs.current().version == "1"
    seconds[0] = 6.0
    assert [agent.name for agent in configs.current().agents] == ["ayse", "mehmet"]


def test_a_version_never_changes_and_can_be_put_in_force_again(dynamo: Dynamo) -> None:
    configs = Configs(dynamo)
    configs.apply(config("1", "ayse"))
    configs.apply(config("2", "mehmet"))
    configs.apply(config("1", "somebody-else"))
    assert [agent.name for agent in configs.current().agents] == ["ayse"]
    assert configs.version("2").version == "2"
    with pytest.raises(NotFound):
        configs.version("3")
