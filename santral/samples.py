"""One sample conversation per channel: a customer writes by the real wire format, the agent answers through the API."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from router.config import Config, Inbox
from santral import customers
from santral.api_client import ApiClient, ApiError, segment
from santral.connection import Connection

LOOK_EVERY = 0.15
AT_ONCE = 3  # each conversation under way wants workers of its own, which take their time to start on one laptop


@dataclass(frozen=True, slots=True)
class Script:
    """Who writes what on a channel, and what the agent answers. `channel` is the schema's name."""

    channel: str
    customer: str
    name: str
    says: str
    answer: str


# By the registry's name. Nobody has these numbers: +1 202 555 01xx is kept for stories.
SCRIPTS: Mapping[str, Script] = {
    "email": Script(
        "email",
        "deniz@example.net",
        "Deniz Kaya",
        "Merhaba,\n\n4711 numaralı siparişim hâlâ gelmedi. Ne zaman elime geçer?\n\nDeniz Kaya",
        "Merhaba Deniz Hanım, siparişiniz bugün yola çıktı.",
    ),
    "twilio": Script(
        "sms", "+12025550143", "", "Is your shop open on Sunday?", "Yes, from 10 to 18. See you on Sunday!"
    ),
    "whatsapp": Script(
        "whatsapp",
        "+12025550171",
        "Elif Şahin",
        "Merhaba, gömleğin mavisi ne zaman gelir?",
        "Merhaba Elif Hanım, mavi olan perşembe günü rafta olacak.",
    ),
    "messenger": Script(
        "messenger",
        "7203001122334455",
        "Sam Carter",
        "Hi! Can I return shoes I bought online in the shop?",
        "Yes, within 30 days, with the order number. Any shop will do.",
    ),
    "instagram": Script(
        "instagram",
        "8812003344556677",
        "Mert Aydın",
        "Storydeki çanta kaç lira?",
        "Merhaba, 1.250 TL; kargosu bizden.",
    ),
    "telegram": Script(
        "telegram",
        "700000042",
        "Can Öztürk",
        "İade kargosunu kim öder?",
        "Merhaba Can Bey, iade kargosu bizden: kodu uygulamada bulursunuz.",
    ),
    "webchat": Script(
        "webchat", "", "Ece", "Merhaba, kargo ücreti ne kadar?", "Merhaba Ece Hanım, 500 TL üzeri kargo ücretsiz."
    ),
}


@dataclass(slots=True)
class Sample:
    """One conversation as the live table shows it. `stage` is what is being waited for."""

    channel: str
    customer: str
    stage: str = "sending"
    received: datetime | None = None
    conversation: str = ""
    queue: str = ""
    agent: str = ""
    due: datetime | None = None
    answered: datetime | None = None
    delivered: datetime | None = None
    error: str = ""
    started: float = field(default_factory=time.monotonic)
    seconds: float = 0.0

    @property
    def done(self) -> bool:
        """Routed, answered and delivered."""
        return self.delivered is not None and not self.error


class Lost(Exception):
    """A stage was not reached in time."""


class Samples:
    """Plays one on every channel that has an inbox, a few at once; `samples` changes while they run."""

    def __init__(self, connection: Connection, config: Config, limit: float) -> None:
        self.connection = connection
        self.deadline = time.monotonic() + limit
        self.api: ApiClient = connection.api("agent")
        first: dict[str, Inbox] = {}
        for inbox in config.inboxes:
            first.setdefault(inbox.channel, inbox)
        self._inboxes = [first[name] for name in SCRIPTS if name in first]
        scripts = [SCRIPTS[inbox.channel] for inbox in self._inboxes]
        self.samples = [Sample(script.channel, script.customer) for script in scripts]

    def run(self) -> None:
        """Play them to the end or the time limit; each one's failure is in its `error`."""
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for inbox, sample in zip(self._inboxes, self.samples, strict=True):
                pool.submit(self._guard, inbox, sample)

    def _guard(self, inbox: Inbox, sample: Sample) -> None:
        plays = {"email": self._email, "twilio": self._sms, "webchat": self._webchat}
        try:
            plays.get(inbox.channel, self._app)(inbox, sample, SCRIPTS[inbox.channel])
            sample.delivered = datetime.now(UTC)
            sample.stage = "done"
        except (Lost, ApiError, customers.Refusal, OSError) as error:
            sample.error = f"{sample.stage}: {error}"
        sample.seconds = time.monotonic() - sample.started

    def _email(self, inbox: Inbox, sample: Sample, script: Script) -> None:
        mail = {"from": script.customer, "name": script.name, "to": inbox.address, "text": script.says}
        customers.write_mail(self.connection.smtp_port, mail | {"subject": "Siparişim nerede?"})
        self._answer(sample, script)
        self._wait(sample, "delivery", lambda: self._shown("mails", script))

    def _sms(self, inbox: Inbox, sample: Sample, script: Script) -> None:
        customers.write_sms(self.connection.sandbox, script.customer, inbox.address, script.says)
        self._answer(sample, script)
        self._wait(sample, "delivery", lambda: self._shown("texts", script, "delivered"))

    def _app(self, inbox: Inbox, sample: Sample, script: Script) -> None:
        customers.write_message(self.connection.sandbox, inbox.name, script.customer, script.says, name=script.name)
        self._answer(sample, script)
        self._wait(sample, "delivery", lambda: self._shown("bubbles", script, "delivered", "read"))

    def _webchat(self, inbox: Inbox, sample: Sample, script: Script) -> None:
        asyncio.run(self._chat(inbox, sample, script))

    async def _chat(self, inbox: Inbox, sample: Sample, script: Script) -> None:
        async with customers.ChatVisitor(self.connection.api_url, inbox.name, name=script.name) as visitor:
            sample.customer = visitor.visitor
            await visitor.write(script.says)
            await asyncio.to_thread(self._answer, sample, script)
            sample.stage = "delivery"
            try:
                await asyncio.wait_for(visitor.heard.get(), max(0.1, self.deadline - time.monotonic()))
            except TimeoutError:
                raise Lost("the answer did not reach the customer's page") from None

    def _answer(self, sample: Sample, script: Script) -> None:
        """Wait until it is routed and given to our agent, then answer it."""
        conversation = self._wait(sample, "conversation", lambda: self._conversation(script.channel, sample.customer))
        sample.conversation = conversation["id"]
        sample.queue = conversation["queue"]
        clock = conversation.get("first_response")
        sample.due = datetime.fromisoformat(clock["due_at"]) if clock else None
        detail = self.api.get(f"/v1/conversations/{segment(sample.conversation)}")
        sample.received = datetime.fromisoformat(detail["messages"][0]["received_at"])
        sample.agent = self._wait(sample, "agent", lambda: self._agent(sample.conversation))
        sample.stage = "reply"
        self.api.post(f"/v1/conversations/{segment(sample.conversation)}/replies", {"text": script.answer})
        sample.answered = datetime.now(UTC)

    def _wait(self, sample: Sample, stage: str, look: Callable[[], Any]) -> Any:
        sample.stage = stage
        while time.monotonic() < self.deadline:
            found = look()
            if found:
                return found
            time.sleep(LOOK_EVERY)
        raise Lost("not in time")

    def _conversation(self, channel: str, address: str) -> Any:
        try:
            contact = self.api.get("/v1/contacts", channel=channel, address=address)
        except ApiError as error:
            if error.status == 404:
                return None
            raise
        return next(iter(contact["conversations"]), None)

    def _agent(self, conversation: str) -> str | None:
        detail = self.api.get(f"/v1/conversations/{segment(conversation)}")
        agent: str | None = detail["conversation"]["agent"]
        return agent

    def _shown(self, where: str, script: Script, *states: str) -> bool:
        """Is the answer in the customer's mailbox or on the phone, and has it come so far?"""
        return any(
            one["customer"] == script.customer
            and one["way"] == "to-customer"
            and script.answer in one["text"]
            and (not states or one["state"] in states)
            for one in customers.phones(self.connection.sandbox)[where]
        )
