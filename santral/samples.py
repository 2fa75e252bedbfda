"""One sample conversation per channel: a customer writes by the real wire format, the agent answers through the API."""

from __future__ import annotations

import asyncio
import json
import time
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from router.config import Config
from santral import customers
from santral.api_client import ApiClient, ApiError, segment
from santral.connection import Connection

LOOK_EVERY = 0.15
MAIL_CUSTOMER = "deniz@example.net"
PHONE_CUSTOMER = "+12025550143"


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
    """Plays all three at once; `samples` changes while they run."""

    def __init__(self, connection: Connection, config: Config, limit: float) -> None:
        self.connection = connection
        self.config = config
        self.deadline = time.monotonic() + limit
        self.api: ApiClient = connection.api("agent")
        self.samples = [Sample("email", MAIL_CUSTOMER), Sample("sms", PHONE_CUSTOMER), Sample("webchat", "")]

    def run(self) -> None:
        """Play them to the end or the time limit; each one's failure is in its `error`."""
        plays: list[Callable[[Sample], None]] = [self._email, self._sms, self._webchat]
        with ThreadPoolExecutor(len(plays)) as pool:
            for play, sample in zip(plays, self.samples, strict=True):
                pool.submit(self._guard, play, sample)

    def _guard(self, play: Callable[[Sample], None], sample: Sample) -> None:
        try:
            play(sample)
            sample.stage = "done"
        except (Lost, ApiError, customers.Refusal, OSError) as error:
            sample.error = f"{sample.stage}: {error}"
        sample.seconds = time.monotonic() - sample.started

    def _email(self, sample: Sample) -> None:
        inbox = next(inbox for inbox in self.config.inboxes if inbox.channel == "email")
        customers.write_mail(
            self.connection.smtp_port,
            {
                "from": sample.customer,
                "name": "Deniz Kaya",
                "to": inbox.address,
                "subject": "Siparişim nerede?",
                "text": "Merhaba,\n\n4711 numaralı siparişim hâlâ gelmedi. Ne zaman elime geçer?\n\nDeniz Kaya",
            },
        )
        self._answer(sample, "email", sample.customer, "Merhaba Deniz Hanım, siparişiniz bugün yola çıktı.")
        self._wait(sample, "delivery", lambda: self._in_mailbox(sample.customer, "bugün yola çıktı"))
        sample.delivered = datetime.now(UTC)

    def _sms(self, sample: Sample) -> None:
        inbox = next(inbox for inbox in self.config.inboxes if inbox.channel == "twilio")
        customers.write_sms(self.connection.sandbox, sample.customer, inbox.address, "Is your shop open on Sunday?")
        self._answer(sample, "sms", sample.customer, "Yes, from 10 to 18. See you on Sunday!")
        self._wait(sample, "delivery", lambda: self._on_phone(sample.customer, "See you on Sunday"))
        sample.delivered = datetime.now(UTC)

    def _webchat(self, sample: Sample) -> None:
        asyncio.run(self._chat(sample))

    async def _chat(self, sample: Sample) -> None:
        inbox = next(inbox for inbox in self.config.inboxes if inbox.channel == "webchat")
        async with customers.ChatVisitor(self.connection.api_url, inbox.name, name="Ece") as visitor:
            sample.customer = visitor.visitor
            await visitor.write("Merhaba, kargo ücreti ne kadar?")
            await asyncio.to_thread(
                self._answer, sample, "webchat", visitor.visitor, "Merhaba Ece Hanım, 500 TL üzeri kargo ücretsiz."
            )
            sample.stage = "delivery"
            try:
                await asyncio.wait_for(visitor.heard.get(), max(0.1, self.deadline - time.monotonic()))
            except TimeoutError:
                raise Lost("the answer did not reach the customer's page") from None
            sample.delivered = datetime.now(UTC)

    def _answer(self, sample: Sample, channel: str, address: str, text: str) -> None:
        """Wait until it is routed and given to our agent, then answer it."""
        conversation = self._wait(sample, "conversation", lambda: self._conversation(channel, address))
        sample.conversation = conversation["id"]
        sample.queue = conversation["queue"]
        clock = conversation.get("first_response")
        sample.due = datetime.fromisoformat(clock["due_at"]) if clock else None
        detail = self.api.get(f"/v1/conversations/{segment(sample.conversation)}")
        sample.received = datetime.fromisoformat(detail["messages"][0]["received_at"])
        sample.agent = self._wait(sample, "agent", lambda: self._agent(sample.conversation))
        sample.stage = "reply"
        self.api.post(f"/v1/conversations/{segment(sample.conversation)}/replies", {"text": text})
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

    def _in_mailbox(self, customer: str, words: str) -> bool:
        mails = _sandbox(self.connection.sandbox)["mails"]
        return any(
            mail["customer"] == customer and mail["way"] == "to-customer" and words in mail["text"] for mail in mails
        )

    def _on_phone(self, customer: str, words: str) -> bool:
        texts = _sandbox(self.connection.sandbox)["texts"]
        return any(
            text["customer"] == customer and words in text["text"] and text["state"] == "delivered" for text in texts
        )


def _sandbox(url: str) -> dict[str, Any]:
    with urllib.request.urlopen(f"{url}/sandbox/api/state", timeout=10) as answer:  # noqa: S310 - on loopback
        return dict(json.loads(answer.read()))
