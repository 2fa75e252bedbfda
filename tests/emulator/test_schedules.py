"""Campaigns by the clock, and events of other systems, on the deployed template: each function under its own role."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from router.aws.queues import SCHEDULED_TIME, read_outreach
from router.signals import Launch
from santral import cli, schedules
from tests.emulator.conftest import CONFIG, Live, until

pytestmark = [pytest.mark.emulator, pytest.mark.timeout(240)]
NUMBER = "+12025550137"
MADE = ("version", "rules")
WRITTEN: dict[str, Any] = {
    **{section: content for section, content in CONFIG.items() if section not in MADE},
    "templates": [{"name": "bayram", "purpose": "service", "channels": {"sms": {"tr": "Bayramınız kutlu olsun."}}}],
    "campaigns": [
        {
            "name": "bayram",
            "starts": {"cron": "0 9 * * mon-fri", "zone": "Europe/Istanbul"},
            "everyone": True,
            "brand": "tur",
            "steps": [{"send": "bayram"}],
        }
    ],
}


@pytest.fixture
def place(live: Live) -> schedules.Place:
    found = schedules.place_of(live.outputs)
    assert found is not None
    return found


@pytest.fixture
def as_before(live: Live) -> Iterator[None]:
    """The configuration of the other tests is in force again afterwards."""
    yield
    live.apply(CONFIG)


@pytest.fixture
def tray(live: Live) -> Iterator[str]:
    """A queue of our own, as the stack's is, for what a schedule posts."""
    attributes = {"FifoQueue": "true", "ContentBasedDeduplication": "true"}
    url = str(live.aws("sqs").create_queue(QueueName="tray.fifo", Attributes=attributes)["QueueUrl"])
    yield url
    live.aws("sqs").delete_queue(QueueUrl=url)


def once(live: Live, place: schedules.Place, name: str, queue: str) -> None:
    """A schedule as ours are, in three seconds."""
    live.aws("scheduler").create_schedule(
        Name=name,
        GroupName=place.group,
        ScheduleExpression=f"at({datetime.now(UTC) + timedelta(seconds=3):%Y-%m-%dT%H:%M:%S})",
        FlexibleTimeWindow={"Mode": "OFF"},
        ActionAfterCompletion="DELETE",
        Target={
            "Arn": queue,
            "RoleArn": place.role,
            "Input": json.dumps({"launch": name, "at": SCHEDULED_TIME}),
            "SqsParameters": {"MessageGroupId": "launch"},
        },
    )


def test_the_command_line_keeps_the_schedules_of_what_it_applies(
    live: Live, place: schedules.Place, as_before: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("santral.connection.connect", lambda *_: live.connection)

    def run(*arguments: str) -> list[str]:
        done = CliRunner().invoke(cli.build(), ["config", *arguments, "--yes"])
        assert done.exit_code == 0, done.output
        return done.output.splitlines()

    def apply(config: Any) -> list[str]:
        (tmp_path / "all.yaml").write_text(yaml.safe_dump(config, allow_unicode=True), "utf-8")
        return run("apply", str(tmp_path))

    assert apply(WRITTEN)[-1] == "schedule bayram: created, cron(0 9 ? * 2-6 *) Europe/Istanbul"
    (listed,) = live.aws("scheduler").list_schedules(GroupName=place.group)["Schedules"]
    assert (listed["Name"], listed["State"], listed["Target"]["Arn"]) == ("bayram", "ENABLED", place.queue)
    assert apply(WRITTEN)[-1].endswith("is in force already.")
    without = {section: content for section, content in WRITTEN.items() if section != "campaigns"}
    assert apply(without)[-1] == "schedule bayram: deleted"
    assert run("rollback")[-1].startswith("schedule bayram: created")
    assert apply(without)[-1] == "schedule bayram: deleted"


def test_a_schedule_posts_what_the_function_reads(live: Live, place: schedules.Place, tray: str) -> None:
    sqs = live.aws("sqs")
    arn = sqs.get_queue_attributes(QueueUrl=tray, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    once(live, place, "bir-kez", arn)

    def posted() -> dict[str, Any] | None:
        found = sqs.receive_message(QueueUrl=tray, AttributeNames=["All"]).get("Messages", [])
        return dict(found[0]) if found else None

    message = until(posted, "the schedule fires", 60, every=0.5)
    assert message["Attributes"]["MessageGroupId"] == "launch"
    sent = datetime.fromtimestamp(int(message["Attributes"]["SentTimestamp"]) / 1000, UTC)
    launch = read_outreach(message["Body"], sent)
    assert isinstance(launch, Launch)
    assert launch.campaign == "bir-kez"
    assert abs(datetime.now(UTC) - launch.at) < timedelta(minutes=3)


def test_a_launch_is_taken_out_of_the_stack_s_own_queue(live: Live, place: schedules.Place) -> None:
    before = len(live.logs("outreach"))
    once(live, place, "kimse", place.queue)
    until(lambda: len(live.logs("outreach")) > before, "the function runs", 60, every=0.5)
    until(lambda: live.waiting_in("OutreachQueue") == 0, "the launch is gone", 30)
    assert live.waiting_in("OutreachDlq") == 0


def test_an_event_on_the_bus_is_the_person_s_and_what_cannot_be_read_waits_for_somebody(live: Live) -> None:
    live.sms(NUMBER, "Kargom nerede?", "SM" + "b7" * 16)
    contact = live.conversation("sms", NUMBER, with_agent=False)["contact"]

    def put(detail: dict[str, Any], kind: str = "purchase.completed") -> str:
        entry = {"EventBusName": live.outputs["InBus"], "Source": "com.example.shop", "DetailType": kind}
        answer = live.aws("events").put_events(Entries=[{**entry, "Detail": json.dumps(detail)}])
        return str(answer["Entries"][0]["EventId"])

    about = {"contact": {"channel": "sms", "address": NUMBER}, "data": {"total": 99.5}}
    id_ = put(about)

    def known() -> list[Any]:
        return list(live.agent.get(f"/v1/contacts/{contact}/events")["events"])

    (event,) = until(known, "the event is stored", 60, every=0.5)
    assert (event["source"], event["id"], event["data"]) == ("bus:com.example.shop", id_, {"total": 99.5})
    sqs, url = live.aws("sqs"), live.outputs["HappenQueueUrl"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "0"})
    put({"contact": {"fax": NUMBER}})
    until(lambda: live.waiting_in("HappenDlq") == 1, "what cannot be read is set aside", 60, every=0.5)
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "180"})
    assert not [line for line in live.logs("happen") if NUMBER in line]
    sqs.purge_queue(QueueUrl=live.outputs["HappenDlqUrl"])
