"""Whatever customers, agents, providers and crashes do, in whatever order: every promise holds after every step."""

from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from router.errors import Unknown
from router.wire import HttpResponse
from tests.crash.test_desk import TWO_POOLS
from tests.kit.crash import Ground, Killed, Stop, settle, watching
from tests.kit.promises import check, said

USERS = st.sampled_from(["ayse", "mehmet", "usta"])
QUEUES = st.sampled_from(["inbound", "match", "outbound"])
PICK = st.integers(0, 50)
ANSWERS: dict[str, Callable[[Any], HttpResponse]] = {
    "busy": lambda _: HttpResponse(429, {}, b"{}"),
    "refuses": lambda _: HttpResponse(400, {}, b'{"code": 21211}'),
}


def breaks(_: Any) -> HttpResponse:
    """The call left, and no answer came."""
    raise Unknown("the line broke")


class Exchange(RuleBasedStateMachine):
    """One world, put back before each run; what was accepted is remembered here."""

    ground: Ground

    @initialize()
    def begin(self) -> None:
        self.world = self.ground.begin(TWO_POOLS)
        self.world.come_in("ayse")
        self.taken: set[str] = set()
        self.number = 0
        self.repeats: list[Callable[[], Any]] = []
        self.settled = False

    def text(self) -> str:
        self.number += 1
        return f"mesaj {self.number}"

    def ids(self) -> list[str]:
        return [c.id for c in self.world.conversations()]

    @rule(customer=st.integers(0, 3))
    def sms(self, customer: int) -> None:
        text, sid = self.text(), f"SM{self.number:032d}"

        def send() -> bool:
            return bool(self.world.sms(text, sender=f"+155501{customer:02d}", sid=sid)["statusCode"] == 200)

        assert send()
        self.taken.add(text)
        self.repeats.append(send)

    @rule(customer=st.integers(0, 2), proved=st.booleans(), inbox=st.sampled_from(["destek", "support"]))
    def mail(self, customer: int, proved: bool, inbox: str) -> None:
        text = self.text()
        notification = self.world.post_mail(
            text, sender=f"m{customer}@example.net", to=f"{inbox}@example.com", dmarc="PASS" if proved else "FAIL"
        )
        self.world.mail_event(notification)
        self.taken.add(text)
        self.repeats.append(lambda: self.world.mail_event(notification))

    @rule(customer=st.integers(0, 1))
    def chat(self, customer: int) -> None:
        text = self.text()
        frame = {"type": "message", "id": f"{self.number}", "text": text}
        connection = self.world.open_chat(f"visitor{customer}")
        assert [f["type"] for f in self.world.frame(connection, frame)] == ["ack"]
        self.taken.add(text)
        self.repeats.append(lambda: self.world.frame(connection, frame))

    @precondition(lambda self: self.repeats)
    @rule(which=PICK)
    def a_provider_repeats_itself(self, which: int) -> None:
        self.repeats[which % len(self.repeats)]()

    @rule(queue=QUEUES)
    def a_function_works(self, queue: str) -> None:
        self.world.work(queue)

    @rule(queue=QUEUES)
    def a_batch_comes_twice(self, queue: str) -> None:
        if batch := self.world.take(queue):
            self.world.handle(queue, batch)
            self.world.handle(queue, batch)

    @rule(queue=QUEUES, at=st.integers(0, 8), when=st.sampled_from(["before", "after"]))
    def a_function_dies(self, queue: str, at: int, when: str) -> None:
        def die() -> None:
            raise Killed

        with watching(self.world, Stop(at, when, die)):
            try:
                self.world.work(queue)
            except Killed:
                return

    @rule()
    def everything_is_done(self) -> None:
        self.world.pump()

    @rule(seconds=st.sampled_from([1, 30, 90, 600]))
    def time_passes(self, seconds: int) -> None:
        self.world.pass_time(seconds=seconds)
        self.world.ring()

    @rule()
    def the_sweep_comes(self) -> None:
        self.world.sweep()

    @rule(user=USERS, presence=st.sampled_from(["online", "online", "away", "offline"]))
    def an_agent_comes_or_goes(self, user: str, presence: str) -> None:
        self.call(f"/v1/agents/{user}/presence", {"presence": presence}, user)

    @rule(which=PICK, user=USERS, role=st.sampled_from(["agent", "supervisor"]))
    def an_agent_answers(self, which: int, user: str, role: str) -> None:
        self.on(which, "replies", {"text": self.text()}, user, role)

    @rule(which=PICK, user=USERS, what=st.sampled_from(["resolve", "reopen", "take"]))
    def an_agent_decides(self, which: int, user: str, what: str) -> None:
        self.on(which, what, {}, user, "supervisor")

    @rule(
        which=PICK,
        user=USERS,
        where=st.sampled_from([{"queue": "uzman"}, {"queue": "genel"}, {"agent": "mehmet"}, {"agent": "ayse"}]),
    )
    def an_agent_hands_over(self, which: int, user: str, where: dict[str, str]) -> None:
        self.on(which, "transfer", where, user, "supervisor")

    @rule(how=st.sampled_from(["well", "well", "busy", "refuses", "breaks"]))
    def a_provider_is(self, how: str) -> None:
        self.world.providers.answer = breaks if how == "breaks" else ANSWERS.get(how)

    @rule(which=PICK, what=st.sampled_from(["resend", "discard"]))
    def a_person_decides_on_what_is_parked(self, which: int, what: str) -> None:
        parked = self.world.call("GET", "/v1/parked", role="supervisor")[1]["parked"]
        if parked:
            self.call(f"/v1/parked/{parked[which % len(parked)]['id']}/{what}", {}, "mehmet", "supervisor")

    @rule(which=PICK, other=PICK, what=st.sampled_from(["join", "join", "separate"]))
    def people_are_joined_or_parted(self, which: int, other: int, what: str) -> None:
        people = sorted({c.contact for c in self.world.conversations()})
        if len(people) > 1:
            body = {"contact": people[other % len(people)]}
            self.call(f"/v1/contacts/{people[which % len(people)]}/{what}", body, "mehmet", "supervisor")

    def on(self, which: int, what: str, body: dict[str, Any], user: str, role: str) -> None:
        """A call about some conversation, made twice with one key, as an impatient client would."""
        if ids := self.ids():
            path = f"/v1/conversations/{ids[which % len(ids)]}/{what}"
            key = f"key-{self.text()}"
            for _ in range(2):
                self.call(path, body, user, role, key)

    def call(self, path: str, body: dict[str, Any], user: str, role: str = "agent", key: str = "auto") -> None:
        status, answer = self.world.call("POST", path, body, user=user, role=role, key=key)
        assert status in (200, 403, 409, 422), answer

    @invariant()
    def what_always_holds_holds(self) -> None:
        if hasattr(self, "world"):
            check(self.world, settled=False)

    def teardown(self) -> None:
        """In the end everything that was taken is there once, and nothing is left to do."""
        if not hasattr(self, "world"):
            return
        self.world.providers.answer = None
        settle(self.world)
        check(self.world)
        texts = [text for texts in said(self.world).values() for text in texts if text in self.taken]
        assert sorted(texts) == sorted(self.taken)


def test_every_promise_holds_after_every_step(ground: Ground) -> None:
    from hypothesis.stateful import run_state_machine_as_test

    Exchange.ground = ground
    run_state_machine_as_test(
        Exchange,
        settings=settings(
            max_examples=40,
            stateful_step_count=25,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
