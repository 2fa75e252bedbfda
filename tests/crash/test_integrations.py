"""Machine clients, events and saved replies, stopped at each of their calls. The caller's retry carries the same key."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.kit.crash import MODES, Ground, Scenario
from tests.kit.machines import ask_token, basic, new_client
from tests.kit.promises import Seen
from tests.kit.world import World

GRANT = {"grant_type": "client_credentials"}
REPLY = {"shortcut": "kargo", "title": "Kargo", "texts": {"tr": "Yolda."}}
EVENT = {
    "id": "4711",
    "type": "purchase.completed",
    "contact": {"channel": "email", "address": "a@example.net"},
    "create": True,
}


def api(path: str, body: dict[str, Any]) -> Callable[[World, Any], bool]:
    """One call of an administrator's; `{}` in the path is what `arrange` handed on. Its answer is kept in `answers`."""

    def call(world: World, handed: Any) -> bool:
        status, answer = world.call("POST", path.format(handed), body, key="the-key", role="admin", user="yonetici")
        assert status in (200, 201, 500, 503), answer
        if status < 300:
            ANSWERS.append(answer)
        return status < 300

    return call


ANSWERS: list[dict[str, Any]] = []


def nothing(world: World) -> None:
    ANSWERS.clear()


def client(world: World) -> str:
    nothing(world)
    return new_client(world, "events:write")[0]


def replies(world: World) -> str:
    nothing(world)
    status, made = world.call("POST", "/v1/saved-replies", REPLY, role="supervisor")
    assert status == 201
    return str(made["id"])


def one_client(world: World, _: Any) -> None:
    """One client, whose secret is what every answer said."""
    (found,) = world.x.table.clients()
    assert {answer["secret"] for answer in ANSWERS} == {ANSWERS[0]["secret"]}
    assert ask_token(GRANT, basic(found.id, ANSWERS[-1]["secret"]))[0] == 200
    assert len(Seen.of(world).history[f"client:{found.id}"]) == len(found.secrets)


def revoked(world: World, client: str) -> None:
    (found,) = world.x.table.clients()
    assert found.revoked_at is not None
    assert {e["what"] for e in Seen.of(world).history[f"client:{client}"]} == {"client.create", "client.revoke"}
    assert len(Seen.of(world).history[f"client:{client}"]) == 2


def told_once(world: World, _: Any) -> None:
    (event,) = world.items("E#")
    assert Seen.of(world).contacts == {event["cv"]}


def one_reply(world: World, _: Any) -> None:
    (found,) = world.x.table.saved_replies()
    assert found.shortcut in ("kargo", "teslimat")
    shortcuts = [item["sk"] for item in world.items("SAVED") if item["sk"].startswith("/")]
    assert shortcuts == [f"/{found.shortcut}"]


def no_reply(world: World, _: Any) -> None:
    assert world.items("SAVED") == []


SCENARIOS = [
    Scenario("client", nothing, one_client, api("/v1/clients", {"name": "crm", "scopes": ["events:write"]})),
    Scenario("client.rotate", client, one_client, api("/v1/clients/{}/rotate", {})),
    Scenario("client.revoke", client, revoked, api("/v1/clients/{}/revoke", {})),
    Scenario("event", nothing, told_once, api("/v1/events", EVENT)),
    Scenario("saved reply", nothing, one_reply, api("/v1/saved-replies", REPLY)),
    Scenario("saved reply.change", replies, one_reply, api("/v1/saved-replies/{}", {**REPLY, "shortcut": "teslimat"})),
    Scenario("saved reply.delete", replies, no_reply, api("/v1/saved-replies/{}/delete", {})),
]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_integrations_survive(ground: Ground, scenario: Scenario, mode: str) -> None:
    ground.run(scenario, mode)
