"""The campaigns' schedules in EventBridge Scheduler, kept as the configuration wants them: one for each campaign that has a clock."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

from botocore.exceptions import BotoCoreError, ClientError

from router.aws.codec import from_ms
from router.aws.queues import LAUNCHES, SCHEDULED_TIME
from router.config import Config
from router.recurring import Schedule, schedule

if TYPE_CHECKING:
    from router.aws.configs import Configs
    from santral.connection import Connection

_RETRIES = {"MaximumEventAgeInSeconds": 86_400, "MaximumRetryAttempts": 185}  # the most there is: a day
_VERBS: Mapping[str, str] = {"create": "created", "change": "changed", "delete": "deleted"}


class NotKept(Exception):
    """The schedules are not as the configuration in force wants them; the message says which, and why."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a stack's schedules are kept, what they post to and as whom: its outputs."""

    group: str
    queue: str
    role: str
    dlq: str


@dataclass(frozen=True, slots=True)
class Difference:
    """What one schedule lacks. `wanted` is None where there should be none; `past`: its time is over, so it cannot be had any more."""

    campaign: str
    what: Literal["create", "change", "delete", "nothing"]
    wanted: Schedule | None = None
    past: bool = False

    def __str__(self) -> str:
        when = told(self.wanted) if self.wanted is not None else ""
        if self.past:
            verb = "not created" if self.what == "nothing" else "deleted"
            return f"schedule {self.campaign}: {verb}, its time lies in the past: {when}"
        return f"schedule {self.campaign}: {_VERBS[self.what]}{', ' if when else ''}{when}"


def place_of(outputs: Mapping[str, str]) -> Place | None:
    """Where a stack keeps its schedules; None if it was deployed before there were any."""
    try:
        return Place(
            outputs["ScheduleGroupName"],
            outputs["OutreachQueueArn"],
            outputs["ScheduleRoleArn"],
            outputs["ScheduleDlqArn"],
        )
    except KeyError:
        return None


def wanted(config: Config) -> dict[str, Schedule]:
    """The schedules of a configuration, by campaign. One that is switched off, or waits for an event or a hand, has none."""
    return {one.name: schedule(one.clock) for one in config.campaigns if one.enabled and one.clock is not None}


def told(one: Schedule) -> str:
    """When, in Scheduler's words."""
    bounds = [(word, at) for word, at in (("from", one.start), ("until", one.end)) if at is not None]
    return " ".join([one.expression, one.zone, *(f"{word} {from_ms(at):%Y-%m-%dT%H:%MZ}" for word, at in bounds)])


def differences(client: Any, place: Place, config: Config, now: datetime) -> Iterator[Difference]:
    """What the group lacks of a configuration's schedules, and what it has beyond them, by name: a list, and a read of each."""
    found = {name: client.get_schedule(GroupName=place.group, Name=name) for name in _names(client, place)}
    all_wanted = wanted(config)
    for name in sorted(found.keys() | all_wanted.keys()):
        one, known = all_wanted.get(name), found.get(name)
        if one is None:
            yield Difference(name, "delete")
        elif known is not None and _same(_request(place, name, one, now), known, now):
            continue  # one that has fired among them: it stays, for it could not be made again
        elif _over(one, now):
            yield Difference(name, "nothing" if known is None else "delete", one, past=True)
        else:
            yield Difference(name, "create" if known is None else "change", one)


def keep(client: Any, place: Place, config: Config, now: datetime) -> Iterator[Difference]:
    """Make the group's schedules those of a configuration; each difference after it is gone. A second run finds none."""
    for one in list(differences(client, place, config, now)):
        if one.what == "delete":
            client.delete_schedule(GroupName=place.group, Name=one.campaign)
        elif one.wanted is not None and one.what != "nothing":
            save = client.create_schedule if one.what == "create" else client.update_schedule
            save(**_request(place, one.campaign, one.wanted, now))
        yield one


def settle(connection: Connection, configs: Configs, config: Config) -> Iterator[str]:
    """Keep the schedules of the configuration that is in force; what changes, a line each. Raises NotKept.

    Of two that apply at once the earlier one's schedules may be written last: who sees another version in force keeps that one's.
    """
    place = place_of(connection.outputs)
    if place is None:
        if wanted(config):
            raise NotKept(
                "This stack was deployed before there were schedules: no campaign is set off by its clock. Deploy this release first."
            )
        return
    client = connection.client("scheduler")
    while True:
        try:
            for one in keep(client, place, config, datetime.now(UTC)):
                yield str(one)
        except (ClientError, BotoCoreError) as error:
            raise NotKept(f"Version {config.version} is in force, but not all of its schedules are: {error}") from error
        now = configs.in_force().version
        if now == config.version:
            return
        yield f"Version {now} was put in force meanwhile: its schedules are kept."
        config = configs.readable(now)


def _names(client: Any, place: Place) -> list[str]:
    pages = client.get_paginator("list_schedules").paginate(GroupName=place.group)
    return [one["Name"] for page in pages for one in page["Schedules"] if one["GroupName"] == place.group]


def _request(place: Place, name: str, one: Schedule, now: datetime) -> dict[str, Any]:
    """What Scheduler is asked for. A start that has passed is left out: it takes none that is older than five minutes."""
    start = from_ms(one.start) if one.start is not None else None
    dates = {
        "StartDate": start if start is not None and start > now else None,
        "EndDate": from_ms(one.end) if one.end else None,
    }
    return {
        "Name": name,
        "GroupName": place.group,
        "Description": f"Sets off the campaign {name}; kept by `santral config apply`",
        "ScheduleExpression": one.expression,
        "ScheduleExpressionTimezone": one.zone,
        **{field: value for field, value in dates.items() if value is not None},
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "State": "ENABLED",
        "ActionAfterCompletion": "NONE",  # one that deletes itself would be missed by the next apply, which cannot make it again
        "Target": {
            "Arn": place.queue,
            "RoleArn": place.role,
            "Input": json.dumps({"launch": name, "at": SCHEDULED_TIME}),
            "SqsParameters": {"MessageGroupId": LAUNCHES},
            "RetryPolicy": _RETRIES,
            "DeadLetterConfig": {"Arn": place.dlq},
        },
    }


def _same(request: Mapping[str, Any], known: Mapping[str, Any], now: datetime) -> bool:
    """Is what is there what is asked for? What Scheduler says beyond that is its own."""
    target = {name: known["Target"].get(name) for name in request["Target"]}
    dates = {name: known.get(name) for name in ("StartDate", "EndDate")}
    if dates["StartDate"] is not None and dates["StartDate"] <= now:
        dates["StartDate"] = None
    plain = {name: known.get(name) for name in request if name not in ("Target", *dates)}
    return {**dict.fromkeys(dates), **request} == {**plain, **dates, "Target": target}


def _over(one: Schedule, now: datetime) -> bool:
    """Will it never fire any more?"""
    if one.expression.startswith("at("):  # in UTC, always
        return datetime.fromisoformat(one.expression[3:-1]).replace(tzinfo=UTC) <= now
    return one.end is not None and from_ms(one.end) <= now
