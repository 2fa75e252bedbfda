"""Three hours of a world, kept in its table: eight are answered, one gives up, one still waits when all have gone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from router.conversations import State
from tests.kit.world import START, World

HOURS = timedelta(hours=3)


@pytest.fixture(scope="module")
def morning() -> Iterator[World]:
    """The world after it."""
    with World() as world:
        world.come_in("ayse", "mehmet")
        for number in range(8):
            world.sms(f"Merhaba {number}", sender=f"+1555019{number}")
            world.pump()
            world.pass_time(minutes=10)
            (conversation,) = (c for c in world.conversations() if c.state is State.ACTIVE)
            path = f"/v1/conversations/{conversation.id}/resolve"
            assert world.call("POST", path, {}, user=conversation.agent)[0] == 200
            world.pass_time(minutes=5)
            world.pump()
        for agent in ("ayse", "mehmet"):
            assert world.call("POST", f"/v1/agents/{agent}/presence", {"presence": "offline"}, user=agent)[0] == 200
        world.pump()
        world.sms("Kimse yok mu?", sender="+15550180")
        world.sms("Bekliyorum", sender="+15550181")
        world.pump()
        world.pass_time(minutes=20)
        waiting = next(c for c in world.conversations() if c.state is State.WAITING)
        path = f"/v1/conversations/{waiting.id}/resolve"
        assert world.call("POST", path, {}, user="chief", role="supervisor")[0] == 200
        world.pump()
        world.now = START + HOURS
        yield world


@pytest.fixture
def kept_morning(morning: World, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A connection to it, which commands find; `--since` is these three hours."""
    connection = SimpleNamespace(client={"dynamodb": morning.dynamodb}.__getitem__, outputs={"TableName": "santral"})
    monkeypatch.setattr("santral.connection.connect", lambda *_: connection)
    monkeypatch.setattr("santral.commands.staffing.period", lambda _: (START, START + HOURS))
    return connection
