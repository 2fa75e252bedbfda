"""The dead-letter queues of a stack: what is in them, back to their queue, or away. Works on SQS itself."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from santral.connection import Connection

# Dead-letter queue -> the queue its messages came from. Mail, sweep and measure have no queue before them, but a function;
# a schedule's launch that is put back would be one of another time.
SOURCES = {
    "InboundDlqUrl": "InboundQueueUrl",
    "MatchDlqUrl": "MatchQueueUrl",
    "OutboundDlqUrl": "OutboundQueueUrl",
    "OutreachDlqUrl": "OutreachQueueUrl",
    "HappenDlqUrl": "HappenQueueUrl",
    "TimerDlqUrl": "TimerQueueUrl",
    "DueDlqUrl": "DueQueueUrl",
    "MediaDlqUrl": "MediaQueueUrl",
    "HooksDlqUrl": "HooksQueueUrl",
    "PublishDlqUrl": None,
    "ScheduleDlqUrl": None,
    "MailDlqUrl": None,
    "SweepDlqUrl": None,
    "MeasureDlqUrl": None,
}
HIDE_SECONDS = 30  # how long a message that was looked at stays hidden from others


class NoWayBack(Exception):
    """These dead letters have no queue to go back to."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One dead letter. `handle` takes it out of the queue."""

    queue: str
    id: str
    sent: str
    receives: str
    group: str
    body: str
    handle: str

    def view(self) -> dict[str, Any]:
        """What a person is shown: never the body, it can hold what a customer wrote."""
        return {
            "queue": self.queue,
            "id": self.id,
            "sent": self.sent,
            "receives": self.receives,
            "group": self.group,
            "bytes": len(self.body.encode()),
        }


def names(connection: Connection) -> list[str]:
    """The stack's dead-letter queues, by short name: inbound, match, outbound, outreach, timer, due, mail, sweep, measure..."""
    return [short(output) for output in SOURCES if output in connection.outputs]


def short(output: str) -> str:
    """`InboundDlqUrl` as a person types it."""
    return output.removesuffix("DlqUrl").lower()


def read(connection: Connection, queue: str, limit: int = 1000) -> Iterator[Letter]:
    """Up to `limit` letters of one queue. They stay in it, but hidden for half a minute."""
    sqs = connection.client("sqs")
    url = connection.outputs[_output(queue)]
    seen: set[str] = set()
    while len(seen) < limit:
        found = sqs.receive_message(
            QueueUrl=url,
            MaxNumberOfMessages=min(10, limit - len(seen)),
            VisibilityTimeout=HIDE_SECONDS,
            AttributeNames=["All"],
        ).get("Messages", [])
        fresh = [message for message in found if message["MessageId"] not in seen]
        if not fresh:
            return
        for message in fresh:
            seen.add(message["MessageId"])
            attributes = message.get("Attributes", {})
            yield Letter(
                queue=queue,
                id=message["MessageId"],
                sent=attributes.get("SentTimestamp", ""),
                receives=attributes.get("ApproximateReceiveCount", ""),
                group=attributes.get("MessageGroupId", ""),
                body=message["Body"],
                handle=message["ReceiptHandle"],
            )


def release(connection: Connection, letter: Letter) -> None:
    """Make a letter visible again at once."""
    url = connection.outputs[_output(letter.queue)]
    connection.client("sqs").change_message_visibility(QueueUrl=url, ReceiptHandle=letter.handle, VisibilityTimeout=0)


def redrive(connection: Connection, letter: Letter) -> None:
    """Send it to its queue again, then take it out here; a crash between the two leaves a duplicate, which is harmless.

    Raises NoWayBack for mail, schedule, sweep and measure.
    """
    source = SOURCES[_output(letter.queue)]
    if letter.queue == "schedule":
        raise NoWayBack(
            "these campaigns were not set off: run them by hand if they still make sense, then discard the letters"
        )
    if source is None:
        raise NoWayBack(f"letters of '{letter.queue}' came from a function; look into its log, then discard them")
    sqs = connection.client("sqs")
    fifo: dict[str, str] = {}
    if letter.group:
        # A deduplication id of its own: the first one may still be remembered and would swallow it.
        fifo = {
            "MessageGroupId": letter.group,
            "MessageDeduplicationId": hashlib.sha256(f"redrive {letter.id} {letter.receives}".encode()).hexdigest(),
        }
    sqs.send_message(QueueUrl=connection.outputs[source], MessageBody=letter.body, **fifo)
    discard(connection, letter)


def discard(connection: Connection, letter: Letter) -> None:
    """Take it out for good."""
    connection.client("sqs").delete_message(
        QueueUrl=connection.outputs[_output(letter.queue)], ReceiptHandle=letter.handle
    )


def _output(queue: str) -> str:
    return next(output for output in SOURCES if short(output) == queue)
