"""The dead letters' commands: nothing of a customer's is shown, what goes back keeps its order, and destroying asks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws
from typer.testing import CliRunner

from santral import cli, dlq
from santral.connection import Connection

REGION = "eu-central-1"


@pytest.fixture
def connection(monkeypatch: pytest.MonkeyPatch) -> Iterator[Connection]:
    with mock_aws():
        sqs = boto3.client("sqs", region_name=REGION)
        outputs = {}
        for name in ("InboundQueueUrl", "InboundDlqUrl"):
            queue = name.removesuffix("Url") + ".fifo"
            outputs[name] = sqs.create_queue(QueueName=queue, Attributes={"FifoQueue": "true"})["QueueUrl"]
        outputs["MailDlqUrl"] = sqs.create_queue(QueueName="MailDlq")["QueueUrl"]
        made = Connection(region=REGION, outputs=outputs)
        monkeypatch.setattr("santral.commands.dlq.connected", lambda *_: made)
        yield made


def put(connection: Connection, text: str, group: str = "g1", queue: str = "InboundDlqUrl") -> None:
    fifo = {"MessageGroupId": group, "MessageDeduplicationId": text} if queue == "InboundDlqUrl" else {}
    connection.client("sqs").send_message(QueueUrl=connection.outputs[queue], MessageBody=text, **fifo)


def run(*arguments: str, answer: str | None = None) -> Any:
    return CliRunner().invoke(cli.build(), ["dlq", *arguments], input=answer)


def left(connection: Connection, output: str) -> list[dict[str, Any]]:
    found = connection.client("sqs").receive_message(
        QueueUrl=connection.outputs[output], MaxNumberOfMessages=10, AttributeNames=["All"], VisibilityTimeout=0
    )
    messages: list[dict[str, Any]] = found.get("Messages", [])
    return messages


def test_a_list_tells_how_much_and_never_what(connection: Connection) -> None:
    put(connection, "a customer's words")
    result = run("list", "--json")
    assert result.exit_code == 0
    row = json.loads(result.stdout)
    assert (row["queue"], row["bytes"]) == ("inbound", 18)
    assert "customer" not in result.stdout
    assert len(left(connection, "InboundDlqUrl")) == 1  # and it is visible again at once


def test_what_goes_back_keeps_its_group_and_leaves_the_dead_letters(connection: Connection) -> None:
    put(connection, "one", "g7")
    put(connection, "two", "g7")
    result = run("redrive", "inbound")
    assert "2 back" in result.stdout
    assert [(m["Body"], m["Attributes"]["MessageGroupId"]) for m in left(connection, "InboundQueueUrl")] == [
        ("one", "g7"),
        ("two", "g7"),
    ]
    assert left(connection, "InboundDlqUrl") == []


def test_mail_has_no_queue_to_go_back_to_and_stays(connection: Connection) -> None:
    put(connection, "event", queue="MailDlqUrl")
    result = run("redrive", "mail")
    assert result.exit_code == 1
    assert "came from a function" in result.output


def test_a_launch_that_came_too_late_is_not_put_back_under_another_time(connection: Connection) -> None:
    queue = connection.client("sqs").create_queue(QueueName="ScheduleDlq")
    connection.outputs["ScheduleDlqUrl"] = queue["QueueUrl"]
    put(connection, "launch", queue="ScheduleDlqUrl")
    result = run("redrive", "schedule")
    assert result.exit_code == 1
    assert "run them by hand" in result.output


@pytest.mark.parametrize(("answer", "stays"), [("n\n", 1), ("y\n", 0), (None, 1)])
def test_discarding_asks_first(connection: Connection, answer: str | None, stays: int) -> None:
    put(connection, "one")
    run("discard", "inbound", answer=answer)
    url = connection.outputs["InboundDlqUrl"]
    found = connection.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    hidden = int(found["ApproximateNumberOfMessagesNotVisible"])
    assert int(found["ApproximateNumberOfMessages"]) + hidden == stays


def test_an_unknown_queue_is_named_with_those_that_are_there(connection: Connection) -> None:
    assert run("list", "nonsense").exit_code == 2
    assert dlq.names(connection) == ["inbound", "mail"]


def test_without_a_running_dev_the_commands_say_what_to_start(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.setattr("santral.connection.FACTS", tmp_path / "dev.json")
    result = CliRunner().invoke(cli.build(), ["parked", "list"])
    assert result.exit_code == 1
    assert "start one, or name a stack" in result.output
