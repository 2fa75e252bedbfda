"""An answer with a file, stopped at each call: written by the agent, and on its way to the customer."""

from collections.abc import Callable

import pytest

from tests.kit.crash import MODES, Ground, Scenario
from tests.kit.promises import Seen
from tests.kit.providers import PNG
from tests.kit.world import World


def by_sms(world: World) -> None:
    world.sms()


def by_mail(world: World) -> None:
    world.mail()


def by_chat(world: World) -> None:
    world.frame(world.open_chat(connection="page="), {"type": "message", "id": "1", "text": "Merhaba"})


def uploaded(write: Callable[[World], None]) -> Callable[[World], tuple[str, str]]:
    """A customer wrote, Ayşe has it and has uploaded a picture; the conversation's id and the upload's."""

    def arrange(world: World) -> tuple[str, str]:
        world.come_in("ayse")
        write(world)
        world.pump()
        asked = {"filename": "şema.png", "content_type": "image/png", "size": len(PNG)}
        status, made = world.call("POST", "/v1/attachments", asked)
        assert status == 201
        world.s3.put_object(Bucket="blobs", Key=f"uploads/{made['id']}", Body=PNG, ContentType="image/png")
        return world.conversations()[0].id, made["id"]

    return arrange


def answer(world: World, handed: tuple[str, str]) -> bool:
    """She answers with it; her page repeats the call under the same key."""
    conversation, file = handed
    body = {"text": "Ektedir", "attachments": [file]}
    status, said = world.call("POST", f"/v1/conversations/{conversation}/replies", body, key="the-key")
    assert status in (200, 500, 503), said
    return status == 200


def answered(write: Callable[[World], None]) -> Callable[[World], tuple[str, str]]:
    """The answer lies in the outbound queue, and the upload has expired."""

    def arrange(world: World) -> tuple[str, str]:
        handed = uploaded(write)(world)
        assert answer(world, handed)
        return handed

    return arrange


def one_answer_with_its_file(world: World, handed: tuple[str, str]) -> None:
    """It is there once, holds the file, and left at most once."""
    (send,) = Seen.of(world).sends.values()
    (file,) = send.message.attachments
    assert file.ref == f"s3://blobs/media/{handed[1]}/0"
    assert world.x.blobs.get(file.ref) == PNG
    assert str(send.state) in ("sent", "parked")


SCENARIOS = [
    Scenario("reply with a file", uploaded(by_sms), one_answer_with_its_file, act=answer),
    Scenario("deliver.sms, a file", answered(by_sms), one_answer_with_its_file, queue="outbound"),
    Scenario("deliver.mail, a file", answered(by_mail), one_answer_with_its_file, queue="outbound"),
    Scenario("deliver.chat, a file", answered(by_chat), one_answer_with_its_file, queue="outbound"),
]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_an_answer_with_a_file_survives(ground: Ground, scenario: Scenario, mode: str) -> None:
    ground.run(scenario, mode)
