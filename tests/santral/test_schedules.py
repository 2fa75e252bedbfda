"""The campaigns' schedules: one for each that has a clock, kept by `config apply` and `rollback`, and nothing else is touched."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws
from typer.testing import CliRunner

from router.aws.configs import Configs
from router.aws.dynamo import Dynamo
from router.aws.queues import read_outreach
from router.config import Config
from router.signals import Launch
from santral import cli, schedules
from santral.configuration import load
from santral.schedules import Place, keep
from tests.kit.events import table_of_the_template

ROOT = Path(__file__).resolve().parents[2]
ARN = "arn:aws:sqs:eu-central-1:123456789012:santral-"
ROLE = "arn:aws:iam::123456789012:role/santral-ScheduleRole"
PLACE = Place("santral", ARN + "outreach.fifo", ROLE, ARN + "schedule-dlq")
OUTPUTS = {
    "ScheduleGroupName": "santral",
    "OutreachQueueArn": PLACE.queue,
    "ScheduleRoleArn": PLACE.role,
    "ScheduleDlqArn": PLACE.dlq,
}
NOW = datetime.now(UTC)  # moto refuses an old start by the real clock
SOON, LATE = f"{NOW + timedelta(days=2):%Y-%m-%dT%H:%M}", f"{NOW - timedelta(days=4):%Y-%m-%dT%H:%M}"
MORNING = {"cron": "0 9 * * mon-fri", "zone": "Europe/Istanbul"}


def config(**starts: Any) -> Config:
    """Campaigns by name and what sets them off; a dictionary with `starts` in it says more of one."""
    campaigns = [
        {"name": name, "everyone": True, "steps": [{"send": "metin"}], **(one if "starts" in one else {"starts": one})}
        for name, one in starts.items()
    ]
    templates = [{"name": "metin", "purpose": "service", "channels": {"sms": {"en": "Hello"}}}]
    found = {"version": "v", "campaigns": campaigns, "templates": templates}
    return Config.model_validate(found, context={"loose": True})


@pytest.fixture
def scheduler() -> Iterator[Any]:
    with mock_aws():
        client = boto3.client("scheduler", region_name="eu-central-1")
        for group in ("santral", "santral-test"):
            client.create_schedule_group(Name=group)
        yield client


def run(scheduler: Any, wanted: Config, now: datetime = NOW) -> list[str]:
    return [str(one) for one in keep(scheduler, PLACE, wanted, now)]


def there(scheduler: Any, group: str = "santral") -> dict[str, str]:
    """The group's schedules by name, with their expressions."""
    names = [s["Name"] for s in scheduler.list_schedules()["Schedules"] if s["GroupName"] == group]
    return {n: scheduler.get_schedule(GroupName=group, Name=n)["ScheduleExpression"] for n in sorted(names)}


def test_each_campaign_with_a_clock_has_one_and_a_second_run_changes_nothing(scheduler: Any) -> None:
    wanted = config(
        sabah=MORNING, dogum={"birthday": "10:00"}, bir={"at": SOON, "zone": "Europe/Istanbul"}, her={"at": SOON, "zone": "recipient"},
        alis={"event": "purchase.completed"}, memnun={"conversation": "resolved"}, elle={"by_hand": True},
    )  # fmt: skip
    told = run(scheduler, wanted)
    assert [line.split(",")[0] for line in told] == [
        f"schedule {name}: created" for name in ("bir", "dogum", "her", "sabah")
    ]
    assert "schedule sabah: created, cron(0 9 ? * 2-6 *) Europe/Istanbul" in told
    assert sorted(there(scheduler)) == ["bir", "dogum", "her", "sabah"]
    assert run(scheduler, wanted) == []
    assert run(scheduler, wanted, NOW + timedelta(hours=1)) == []


def test_a_schedule_posts_a_launch_that_the_function_reads(scheduler: Any) -> None:
    run(scheduler, config(sabah=MORNING))
    made = scheduler.get_schedule(GroupName="santral", Name="sabah")
    assert (made["FlexibleTimeWindow"], made["ActionAfterCompletion"], made["State"]) == (
        {"Mode": "OFF"},
        "NONE",
        "ENABLED",
    )
    target = made["Target"]
    assert (target["Arn"], target["RoleArn"], target["DeadLetterConfig"]) == (PLACE.queue, ROLE, {"Arn": PLACE.dlq})
    assert target["RetryPolicy"]["MaximumEventAgeInSeconds"] == 86_400
    assert target["SqsParameters"] == {"MessageGroupId": "launch"}
    posted = target["Input"].replace("<aws.scheduler.scheduled-time>", "2026-03-02T06:00:00Z")
    assert read_outreach(posted) == Launch("sabah", datetime(2026, 3, 2, 6, tzinfo=UTC))


def test_what_changed_is_changed_and_what_is_gone_or_switched_off_is_deleted(scheduler: Any) -> None:
    run(scheduler, config(sabah=MORNING, aksam=MORNING, gece=MORNING))
    told = run(
        scheduler, config(sabah={**MORNING, "zone": "Europe/Berlin"}, aksam={"starts": MORNING, "enabled": False})
    )
    assert told == [
        "schedule aksam: deleted",
        "schedule gece: deleted",
        "schedule sabah: changed, cron(0 9 ? * 2-6 *) Europe/Berlin",
    ]
    assert there(scheduler) == {"sabah": "cron(0 9 ? * 2-6 *)"}
    assert scheduler.get_schedule(GroupName="santral", Name="sabah")["ScheduleExpressionTimezone"] == "Europe/Berlin"


@pytest.mark.parametrize("change", [{"State": "DISABLED"}, {"Description": "by hand"}, {"Target": "another"}])
def test_what_somebody_changed_by_hand_is_put_right(scheduler: Any, change: dict[str, Any]) -> None:
    wanted = config(sabah=MORNING)
    run(scheduler, wanted)
    made = scheduler.get_schedule(GroupName="santral", Name="sabah")
    if "Target" in change:
        change = {"Target": {**made["Target"], "Input": "{}"}}
    fields = ("Description", "FlexibleTimeWindow", "ScheduleExpression", "ScheduleExpressionTimezone", "Target")
    scheduler.update_schedule(Name="sabah", GroupName="santral", **{f: made[f] for f in fields} | change)
    assert run(scheduler, wanted) == ["schedule sabah: changed, cron(0 9 ? * 2-6 *) Europe/Istanbul"]
    assert run(scheduler, wanted) == []


def test_other_groups_are_left_alone(scheduler: Any) -> None:
    other = Place("santral-test", PLACE.queue, PLACE.role, PLACE.dlq)
    list(keep(scheduler, other, config(sabah=MORNING), NOW))
    run(scheduler, config(aksam=MORNING))
    run(scheduler, config())
    assert there(scheduler, "santral-test") == {"sabah": "cron(0 9 ? * 2-6 *)"}
    assert there(scheduler) == {}


def test_more_than_one_page_is_kept(scheduler: Any) -> None:
    wanted = config(**{f"k{number}": MORNING for number in range(60)})
    assert len(run(scheduler, wanted)) == 60
    assert run(scheduler, wanted) == []
    assert len(run(scheduler, config())) == 60


def test_a_time_in_the_past_is_not_scheduled_and_said(scheduler: Any) -> None:
    wanted = config(bir={"at": LATE, "zone": "UTC"}, her={"at": LATE, "zone": "recipient"})
    told = run(scheduler, wanted)
    assert [line.partition(":")[0] for line in told] == ["schedule bir", "schedule her"]
    assert all("not created, its time lies in the past" in line for line in told)
    assert there(scheduler) == {}


def test_one_that_has_fired_stays_as_it_is_until_its_campaign_goes(scheduler: Any) -> None:
    wanted = config(bir={"at": SOON, "zone": "UTC"}, her={"at": SOON, "zone": "recipient"})
    run(scheduler, wanted)
    assert run(scheduler, wanted, NOW + timedelta(days=9)) == []
    assert run(scheduler, config()) == ["schedule bir: deleted", "schedule her: deleted"]


def test_one_that_is_moved_into_the_past_does_not_fire_at_its_old_time(scheduler: Any) -> None:
    run(scheduler, config(bir={"at": SOON, "zone": "UTC"}))
    (told,) = run(scheduler, config(bir={"at": LATE, "zone": "UTC"}))
    assert told.startswith("schedule bir: deleted, its time lies in the past")
    assert there(scheduler) == {}


def test_one_for_each_recipient_s_time_can_begin_in_the_middle(scheduler: Any) -> None:
    wanted = config(her={"at": f"{NOW:%Y-%m-%dT%H:%M}", "zone": "recipient"})
    (told,) = run(scheduler, wanted)  # it began a day ago; Scheduler takes no start that is older than five minutes
    assert told.startswith("schedule her: created, cron(0,15,30,45 * * * ? *) UTC from ")
    assert "StartDate" not in scheduler.get_schedule(GroupName="santral", Name="her")
    assert run(scheduler, wanted) == []


def test_a_start_that_passed_since_is_no_difference(scheduler: Any) -> None:
    wanted = config(her={"at": SOON, "zone": "recipient"})
    run(scheduler, wanted)
    assert "StartDate" in scheduler.get_schedule(GroupName="santral", Name="her")
    assert run(scheduler, wanted, NOW + timedelta(days=3)) == []


# --- the commands ----------------------------------------------------------------------------------------------------


@pytest.fixture
def deployed(scheduler: Any, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    table = boto3.client("dynamodb", region_name="eu-central-1")
    table.create_table(**table_of_the_template("santral"))
    caller = SimpleNamespace(get_caller_identity=lambda: {"Arn": "arn:aws:sts::123456789012:assumed-role/Ops/ayse"})
    clients: dict[str, Any] = {"dynamodb": table, "sts": caller, "scheduler": scheduler}
    made = SimpleNamespace(outputs={"TableName": "santral", **OUTPUTS}, endpoint="", client=lambda name: clients[name])
    made.clients, made.configs = clients, Configs(Dynamo(table, "santral"))
    monkeypatch.setattr("santral.connection.connect", lambda *_: made)
    return made


BAYRAM = """
campaigns:
  - name: bayram
    starts: {cron: "0 9 * * mon-fri", zone: Europe/Istanbul}
    everyone: true
    steps: [{send: metin}]
"""
METIN = """
templates:
  - name: metin
    purpose: service
    channels: {sms: {en: Hello}}
"""


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """The sample configuration with one campaign, and without it in `plain`."""
    for name in ("config", "plain"):
        shutil.copytree(ROOT / "config", tmp_path / name)
        (tmp_path / name / "campaigns.yaml").unlink()
    (tmp_path / "config" / "campaigns.yaml").write_text(BAYRAM, "utf-8")
    (tmp_path / "config" / "templates.yaml").write_text(METIN, "utf-8")
    return tmp_path / "config"


def command(*arguments: object) -> Any:
    return CliRunner().invoke(cli.build(), ["config", *map(str, arguments)])


def test_apply_and_rollback_keep_the_schedules(deployed: SimpleNamespace, files: Path, scheduler: Any) -> None:
    assert command("apply", files.parent / "plain", "--yes").exit_code == 0
    applied = command("apply", files, "--yes")
    assert applied.exit_code == 0, applied.output
    assert applied.output.splitlines()[-1] == "schedule bayram: created, cron(0 9 ? * 2-6 *) Europe/Istanbul"
    assert command("apply", files, "--yes").output == f"Version {load(files).version} is in force already.\n"
    back = command("rollback", "--yes")
    assert back.output.splitlines()[-1] == "schedule bayram: deleted", back.output
    assert there(scheduler) == {}
    again = command("rollback", load(files).version, "--yes")
    assert "schedule bayram: created" in again.output


def test_an_apply_that_was_cut_off_is_finished_by_the_next(
    deployed: SimpleNamespace, files: Path, scheduler: Any
) -> None:
    def refused(**_: Any) -> None:
        raise ClientError(
            {"Error": {"Code": "AccessDeniedException", "Message": "not allowed to PassRole"}}, "CreateSchedule"
        )

    names = ("get_schedule", "get_paginator", "delete_schedule")
    deployed.clients["scheduler"] = SimpleNamespace(
        create_schedule=refused, **{n: getattr(scheduler, n) for n in names}
    )
    failed = command("apply", files, "--yes", "--stack-name", "santral")
    assert failed.exit_code == 1
    assert f"Version {load(files).version} is in force, but not all of its schedules are: " in failed.output
    assert "not allowed to PassRole" in failed.output
    assert f"Run `santral config apply {files} --stack-name santral` again: it sets what is missing." in failed.output
    deployed.clients["scheduler"] = scheduler
    assert "schedule bayram: created" in command("apply", files, "--yes").output


def test_a_stack_of_before_is_told_plainly_where_a_campaign_has_a_clock(deployed: SimpleNamespace, files: Path) -> None:
    deployed.outputs = {"TableName": "santral"}
    assert command("apply", files.parent / "plain", "--yes").exit_code == 0
    old = command("apply", files, "--yes")
    assert old.exit_code == 1
    assert "deployed before there were schedules" in old.output
    assert deployed.configs.in_force().version == load(files).version


def test_of_two_at_once_the_schedules_of_the_later_version_stay(
    deployed: SimpleNamespace, files: Path, scheduler: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = schedules.keep
    others = [config(gece=MORNING).model_copy(update={"version": "later"})]

    def overtaken(*arguments: Any) -> Any:
        found = list(real(*arguments))
        if others:
            deployed.configs.apply(others.pop())
        return found

    monkeypatch.setattr(schedules, "keep", overtaken)
    told = command("apply", files, "--yes")
    assert "Version later was put in force meanwhile: its schedules are kept." in told.output
    assert list(there(scheduler)) == ["gece"]


def test_the_target_s_input_is_json_with_the_placeholder_as_text(scheduler: Any) -> None:
    run(scheduler, config(sabah=MORNING))
    posted = json.loads(scheduler.get_schedule(GroupName="santral", Name="sabah")["Target"]["Input"])
    assert posted == {"launch": "sabah", "at": "<aws.scheduler.scheduled-time>"}
