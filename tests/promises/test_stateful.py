"""Whatever customers, agents, providers and crashes do, in whatever order: every promise holds after every step."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from router.config import Config
from router.conversations import Conversation, State
from router.errors import Unknown
from router.snapshots import canonical
from router.wire import HttpResponse
from tests.kit.amount import times
from tests.kit.crash import Ground, Killed, Stop, settle, watching
from tests.kit.offering import lose
from tests.kit.promises import Seen, check, said
from tests.kit.world import CONFIG, World

FLOOR: dict[str, Any] = {
    **CONFIG,
    "version": "stateful",
    "queues": [
        {
            "name": "genel",
            "skill": "genel",
            "steps": [{"needs": "genel>=2", "seconds": 45}, {"needs": "language", "seconds": 30}],
            "overflow": [{"queue": "chat", "after_seconds": 120}],
            "wrap_up_seconds": 20,
        },
        {"name": "chat", "skill": "chat", "first_response_minutes": 1},
        {"name": "uzman", "skill": "uzman", "pool": "ustalar"},
    ],
    "agents": [
        {"name": "ayse", "display_name": "Ayşe", "skills": {"genel": 2, "chat": 1}, "units": 9, "languages": ["tr"]},
        {"name": "mehmet", "display_name": "Mehmet", "skills": ["genel", "chat"], "units": 6, "limits": {"webchat": 1}},
        {"name": "zeynep", "display_name": "Zeynep", "skills": ["chat"], "units": 6, "brands": ["default"]},
        {"name": "usta", "display_name": "Usta", "skills": ["uzman"], "units": 6, "pool": "ustalar"},
    ],
    "presences": [{"name": "back-office", "available": True}, {"name": "training"}],
    "pools": [{"name": "main", "declined_seconds": 60, "missed_seconds": 40, "pause_after": 2, "pause_seconds": 120}],
    "routing": {"offers": {"sms": 30, "email": 60}},
}


def _version(name: str, *, gone: str = "", **placed: dict[str, Any]) -> Config:
    """Another version: what changes of queues and agents, by name, and a queue that is there no more."""
    named = {old: new.get("name", old) for old, new in placed.items()}
    queues = [{**one, **placed.get(one["name"], {})} for one in FLOOR["queues"] if one["name"] != gone]
    agents = [{**one, **placed.get(one["name"], {})} for one in FLOOR["agents"]]
    inboxes = [{**one, "queue": named.get(one["queue"], one["queue"])} for one in FLOOR["inboxes"]]
    return Config.model_validate({**FLOOR, "version": name, "inboxes": inboxes, "queues": queues, "agents": agents})


VERSIONS = {
    "first": _version("stateful"),
    "a queue has another name": _version("renamed", genel={"name": "satis"}),
    "an agent is in another pool": _version("moved", mehmet={"pool": "ustalar", "skills": ["genel", "chat", "uzman"]}),
    "a queue has a pool of its own": _version(
        "apart", chat={"pool": "sohbet"}, zeynep={"pool": "sohbet"}, genel={"overflow": []}
    ),
    "agents have other units": _version("units", ayse={"units": 3}, mehmet={"units": 30}),
    "a queue and its pool are gone": _version(
        "fewer", gone="uzman", usta={"pool": "main", "skills": ["uzman", "chat"]}
    ),
}
"""Each can follow on each; to apply the one before again is to roll back."""
AGENTS = ("ayse", "mehmet", "zeynep", "usta")
USERS = st.sampled_from(AGENTS)
QUEUES = st.sampled_from(["inbound", "match", "outbound", "timers"])
PICK = st.integers(0, 50)
WHEN = st.sampled_from(["before", "after"])
ANSWERS: dict[str, Callable[[Any], HttpResponse]] = {
    "busy": lambda _: HttpResponse(429, {}, b"{}"),
    "refuses": lambda _: HttpResponse(400, {}, b'{"code": 21211}'),
}
PLACES: list[dict[str, Any]] = [
    {"queue": "uzman"}, {"queue": "genel"}, {"agent": "mehmet"}, {"agent": "ayse"}, {"skill": "chat", "seconds": 60},
    {"skill": {"any": ["uzman", "genel>=2"]}, "seconds": 20},
]  # fmt: skip


def breaks(_: Any) -> HttpResponse:
    """The call left, and no answer came."""
    raise Unknown("the line broke")


class Exchange(RuleBasedStateMachine):
    """One world, put back before each run; what was accepted, and every decision that was ever kept, is remembered here."""

    ground: Ground

    @initialize()
    def begin(self) -> None:
        self.world = self.ground.begin(FLOOR)
        self.before = self.world.x.config()
        self.taken: set[str] = set()
        self.number = 0
        self.repeats: list[Callable[[], Any]] = []
        self.held_back: list[dict[str, Any]] = []
        self.decided: dict[str, str] = {}
        for agent in AGENTS:
            self.world.come_in(agent)
        self.world.pump()
        self.sms(0)
        self.mail(0, True, "destek@example.com", False)
        self.world.pump()
        one, other = (c.contact for c in self.world.conversations())
        self.call(f"/v1/contacts/{one}/join", {"contact": other}, "sef", "supervisor")  # somebody with two channels
        self.world.pump()
        self.sms(4)

    def text(self) -> str:
        self.number += 1
        return f"mesaj {self.number}"

    def ids(self) -> list[str]:
        return [c.id for c in self.world.conversations()]

    def in_state(self, *states: State) -> list[Conversation]:
        return [c for c in self.world.conversations() if c.state in states]

    # --- customers -------------------------------------------------------------------------------------------------

    @rule(customer=st.integers(0, 3))
    def sms(self, customer: int) -> None:
        text, sid = self.text(), f"SM{self.number:032d}"

        def send() -> bool:
            return bool(self.world.sms(text, sender=f"+155501{customer:02d}", sid=sid)["statusCode"] == 200)

        assert send()
        self.taken.add(text)
        self.repeats.append(send)

    @rule(
        customer=st.integers(0, 2),
        proved=st.booleans(),
        inbox=st.sampled_from(["destek@example.com", "help@shop.example"]),
        late=st.booleans(),
    )
    def mail(self, customer: int, proved: bool, inbox: str, late: bool) -> None:
        notification = self.posted(customer, proved, inbox)
        if late:
            self.held_back.append(notification)
            return
        self.world.mail_event(notification)
        self.repeats.append(lambda: self.world.mail_event(notification))

    def posted(self, customer: int, proved: bool, inbox: str) -> dict[str, Any]:
        text = self.text()
        self.taken.add(text)
        sender = f"m{customer}@example.net"
        return self.world.post_mail(text, sender=sender, to=inbox, dmarc="PASS" if proved else "FAIL")

    @precondition(lambda self: self.held_back)
    @rule(which=PICK)
    def mail_comes_late(self, which: int) -> None:
        self.world.mail_event(self.held_back.pop(which % len(self.held_back)))

    @rule(customer=st.integers(0, 1))
    def chat(self, customer: int) -> None:
        text = self.text()
        frame = {"type": "message", "id": f"{self.number}", "text": text}
        connection = f"conn{customer}="
        self.world.open_chat(f"ziyaretci{customer}", connection)
        assert [f["type"] for f in self.world.frame(connection, frame)] == ["ack"]
        self.taken.add(text)
        self.repeats.append(lambda: self.world.frame(connection, frame))

    @precondition(lambda self: self.repeats)
    @rule(which=PICK)
    def a_provider_repeats_itself(self, which: int) -> None:
        self.repeats[which % len(self.repeats)]()

    # --- our own functions -----------------------------------------------------------------------------------------

    @rule(queue=QUEUES, how=st.sampled_from(["once", "twice", "in another order"]))
    def a_function_works(self, queue: str, how: str) -> None:
        """The groups of a queue wait for nobody but themselves; a queue without groups has no order."""
        if batch := self.world.take(queue):
            if how == "twice":
                self.world.handle(queue, batch)
            groups: dict[str, list[dict[str, Any]]] = {}
            for record in batch:
                groups.setdefault(record["Attributes"].get("MessageGroupId", record["MessageId"]), []).append(record)
            order = reversed(groups.values()) if how == "in another order" else groups.values()
            self.world.handle(queue, [record for group in order for record in group])

    @rule(what=st.sampled_from(["inbound", "match", "timers", "outbound", "sweep"]), at=st.integers(0, 8), when=WHEN)
    def a_function_dies(self, what: str, at: int, when: str) -> None:
        with self.dying(at, when):
            if what == "sweep":
                self.world.sweep()
            else:
                self.world.work(what)

    def dying(self, at: int, when: str) -> Any:
        return _Dying(self.world, at, when)

    @rule()
    def everything_is_done(self) -> None:
        self.world.pump()

    @rule(seconds=st.sampled_from([1, 30, 30, 60, 600]), lost=st.sampled_from([False, False, True]))
    def time_passes(self, seconds: int, lost: bool) -> None:
        if lost:
            lose(self.world)
        self.world.pass_time(seconds=seconds)
        self.world.ring()

    @rule(seconds=st.sampled_from([30, 60]))
    def time_passes_and_everything_is_done(self, seconds: int) -> None:
        self.world.pass_time(seconds=seconds)
        self.world.ring()
        self.world.pump()

    @rule()
    def the_sweep_comes(self) -> None:
        self.world.sweep()
        self.world.pump()

    # --- configuration ---------------------------------------------------------------------------------------------

    @rule(which=st.sampled_from(sorted(VERSIONS)))
    def another_version_is_applied(self, which: str) -> None:
        self.before = self.world.x.config()
        self.world.apply(VERSIONS[which])

    @rule(queue=st.sampled_from(["inbound", "match", "timers"]), user=USERS)
    def a_function_still_has_the_version_before(self, queue: str, user: str) -> None:
        """Each looks for another one every few seconds."""
        current, again = self.world.x.config, self.world.x.look_again
        self.world.x.config, self.world.x.look_again = lambda: self.before, lambda: None
        self.world.work(queue)
        self.call(f"/v1/agents/{user}/presence", {"presence": "online"}, user)
        self.world.x.config, self.world.x.look_again = current, again

    # --- agents ----------------------------------------------------------------------------------------------------

    @rule(
        user=USERS,
        presence=st.sampled_from(["online", "online", "online", "back-office", "away", "training", "offline"]),
    )
    def an_agent_comes_or_goes(self, user: str, presence: str) -> None:
        self.call(f"/v1/agents/{user}/presence", {"presence": presence}, user)

    @precondition(lambda self: self.in_state(State.OFFERED))
    @rule(which=PICK, what=st.sampled_from(["accept", "accept", "decline"]))
    def an_offer_is_answered(self, which: int, what: str) -> None:
        if offers := self.in_state(State.OFFERED):
            one = offers[which % len(offers)]
            self.twice(one.id, what, {}, str(one.agent), "agent")

    @precondition(lambda self: self.in_state(State.ACTIVE, State.PENDING))
    @rule(which=PICK, seconds=st.sampled_from([20, 300, 7200]))
    def one_is_put_aside(self, which: int, seconds: int) -> None:
        if held := self.in_state(State.ACTIVE, State.PENDING, State.SNOOZED):
            one = held[which % len(held)]
            until = (self.world.now + timedelta(seconds=seconds)).isoformat()
            self.twice(one.id, "snooze", {"until": until}, str(one.agent), "agent")

    @rule(which=PICK, user=USERS, role=st.sampled_from(["agent", "supervisor"]))
    def an_agent_answers(self, which: int, user: str, role: str) -> None:
        self.on(which, "replies", {"text": self.text()}, user, role)

    @rule(which=PICK, user=USERS, what=st.sampled_from(["resolve", "resolve", "reopen", "take", "accept", "decline"]))
    def an_agent_decides(self, which: int, user: str, what: str) -> None:
        self.on(which, what, {}, user, "supervisor")

    @rule(which=PICK, user=USERS, where=st.sampled_from(PLACES))
    def an_agent_hands_over(self, which: int, user: str, where: dict[str, Any]) -> None:
        self.on(which, "transfer", where, user, "supervisor")

    @rule(which=PICK, agent=USERS, what=st.sampled_from(["assign", "assign", "assign", "spam", "block"]))
    def a_supervisor_steps_in(self, which: int, agent: str, what: str) -> None:
        if what == "assign":
            self.on(which, "assign", {"agent": agent}, "sef", "supervisor")
        else:
            self.on(which, "spam", {"block": what == "block"}, "sef", "supervisor")

    @rule(how=st.sampled_from(["well", "busy", "refuses", "breaks", "resend", "discard"]), which=PICK)
    def a_provider_is(self, how: str, which: int) -> None:
        """Well, or not; and a person decides on what is parked for that."""
        if how not in ("resend", "discard"):
            self.world.providers.answer = breaks if how == "breaks" else ANSWERS.get(how)
        elif parked := self.world.call("GET", "/v1/parked", role="supervisor")[1]["parked"]:
            self.call(f"/v1/parked/{parked[which % len(parked)]['id']}/{how}", {}, "mehmet", "supervisor")

    @rule(which=PICK, other=PICK, what=st.sampled_from(["join", "join", "separate"]))
    def people_are_joined_or_parted(self, which: int, other: int, what: str) -> None:
        people = sorted({c.contact for c in self.world.conversations()})
        if len(people) > 1:
            body = {"contact": people[other % len(people)]}
            self.call(f"/v1/contacts/{people[which % len(people)]}/{what}", body, "mehmet", "supervisor")

    def on(self, which: int, what: str, body: dict[str, Any], user: str, role: str) -> None:
        if ids := self.ids():
            self.twice(ids[which % len(ids)], what, body, user, role)

    def twice(self, conversation: str, what: str, body: dict[str, Any], user: str, role: str) -> None:
        """A call about a conversation, made twice with one key, as an impatient client would."""
        key = f"key-{self.text()}"
        for _ in range(2):
            self.call(f"/v1/conversations/{conversation}/{what}", body, user, role, key)

    def call(self, path: str, body: dict[str, Any], user: str, role: str = "agent", key: str = "auto") -> None:
        status, answer = self.world.call("POST", path, body, user=user, role=role, key=key)
        assert status in (200, 403, 409, 422), answer

    # --- what holds ------------------------------------------------------------------------------------------------

    @invariant()
    def what_always_holds_holds(self) -> None:
        if hasattr(self, "world"):
            check(self.world, settled=False)
            self.no_decision_is_lost()
            self.world.pass_time(milliseconds=1)

    def no_decision_is_lost(self) -> None:
        """What was ever decided is still there, as it was."""
        history = Seen.of(self.world).history.values()
        kept = {e["id"]: canonical(e["detail"]) for entries in history for e in entries if e["what"] == "decision"}
        assert {one: kept.get(one) for one in self.decided} == self.decided
        self.decided = kept

    def teardown(self) -> None:
        """In the end everything that was taken is there once, nothing is left to do, and whoever waits is served."""
        if not hasattr(self, "world"):
            return
        self.world.providers.answer = None
        for notification in self.held_back:
            self.world.mail_event(notification)
        settle(self.world)
        check(self.world)
        self.no_decision_is_lost()
        texts = [text for texts in said(self.world).values() for text in texts if text in self.taken]
        assert sorted(texts) == sorted(self.taken)
        self.everybody_is_served()

    def everybody_is_served(self) -> None:
        """All agents come in and work: after a while nobody waits."""
        world = self.world
        for user in AGENTS:
            self.call(f"/v1/agents/{user}/presence", {"presence": "online"}, user)
        for _ in range(40):
            world.pump()
            left = self.in_state(State.WAITING, State.OFFERED, State.ACTIVE, State.PENDING)
            if not left:
                break
            for one in left:
                if one.state is State.OFFERED:
                    self.call(f"/v1/conversations/{one.id}/accept", {}, str(one.agent))
                elif one.agent is not None:
                    self.call(f"/v1/conversations/{one.id}/resolve", {}, one.agent)
            world.pass_time(seconds=20)
            world.ring()
        assert not left, [(c.id, c.state, c.queue) for c in left]
        check(world, settled=False)


class _Dying:
    """Inside, the process ends at one of its calls, if it comes to it."""

    def __init__(self, world: World, at: int, when: str) -> None:
        self.watch = watching(world, Stop(at, when, self.die))

    @staticmethod
    def die() -> None:
        raise Killed

    def __enter__(self) -> None:
        self.watch.__enter__()

    def __exit__(self, *error: Any) -> bool:
        self.watch.__exit__(None, None, None)
        return error[0] is Killed


@pytest.mark.parametrize(("memory", "examples"), [(False, times(24)), (True, times(120))], ids=["dynamodb", "memory"])
def test_every_promise_holds_after_every_step(memory: bool, examples: int) -> None:
    from hypothesis.stateful import run_state_machine_as_test

    with World(memory=memory) as world:
        Exchange.ground = Ground(world)
        run_state_machine_as_test(
            Exchange,
            settings=settings(
                max_examples=examples,
                stateful_step_count=30,
                deadline=None,
                derandomize=True,
                database=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
