"""What router/parts.py lets through, every channel carries: nothing is taken from the desk and refused on its way out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels import registry
from channels.base import Outgoing
from router.answers import limits_of
from router.config import Inbox
from router.errors import Invalid
from router.limits import Limits
from router.messages import Attachment, ChannelName, Direction, Message, Option, Party
from router.parts import Answer, Parted, parts

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
CREDENTIALS = {"account_sid": "AC" + "1" * 32, "auth_token": "t" * 32, "access_token": "EAAB", "bot_token": "1:abc"}
WAYS = [
    ("twilio", ChannelName.SMS, "+15550199"),
    ("twilio", ChannelName.WHATSAPP, "+15550199"),
    ("twilio", ChannelName.MESSENGER, "123456"),
    ("whatsapp", ChannelName.WHATSAPP, "+15550199"),
    ("messenger", ChannelName.MESSENGER, "123456"),
    ("instagram", ChannelName.INSTAGRAM, "123456"),
    ("telegram", ChannelName.TELEGRAM, "4242"),
]
WORDS = st.sampled_from("abc ığşİ😀\n.^€")
TEXTS = st.text(WORDS, max_size=60) | st.builds(
    lambda piece, times: piece * times, st.text(WORDS, min_size=1, max_size=30), st.integers(1, 120)
)
OPTIONS = st.builds(
    Option,
    title=st.text(WORDS, min_size=1, max_size=100),
    payload=st.none() | st.text("abığ😀", min_size=1, max_size=200),
    url=st.none() | st.sampled_from(["https://example.com/a", "http://example.com/a"]),
)
KINDS = ["image/jpeg", "image/png", "image/webp", "application/pdf", "audio/ogg", "video/mp4", "text/plain"]
FILES = st.builds(Attachment, content_type=st.sampled_from(KINDS), size=st.just(1000), filename=st.just("a.b"))


def limits(name: str, carried: ChannelName) -> Limits:
    return limits_of(registry.get(name), carried)


def sent(name: str, carried: ChannelName, to: str, answer: Answer, *, heard: timedelta = timedelta(hours=1)) -> Parted:
    """The parts of an answer, each of them put into a provider's call."""
    channel = registry.get(name)
    inbox = Inbox(name="one", channel=name, address="+15550100", queue="q", settings={"phone_number_id": "104"})
    parted = parts(answer, limits(name, carried), str(carried))
    for part in parted.parts:
        links = tuple(file.model_copy(update={"url": "https://files.example.com/f"}) for file in part.files)
        message = Message(
            id="m_1",
            channel=carried,
            provider=channel.provider,
            inbox="one",
            direction=Direction.OUTBOUND,
            sender=Party(address="+15550100"),
            recipients=(Party(address=to),),
            text=part.text,
            attachments=links,
            options=part.options,
            received_at=NOW,
            author="ayse",
        )
        data = tuple(b"x" * 1000 for _ in links)
        channel.render(Outgoing(message, inbox, files=data, since_heard=heard), CREDENTIALS)
    return parted


@pytest.mark.parametrize("way", WAYS, ids=lambda way: f"{way[0]}-{way[1]}")
@given(text=TEXTS, options=st.lists(OPTIONS, max_size=15), files=st.lists(FILES, max_size=3))
def test_whatever_is_taken_from_the_desk_can_be_sent_and_nothing_of_it_is_lost(
    way: tuple[str, ChannelName, str], text: str, options: list[Option], files: list[Attachment]
) -> None:
    try:
        parted = sent(*way, Answer(text, tuple(files), tuple(options)))
    except Invalid:
        return  # said to the agent before anything leaves
    shown = "".join(part.text for part in parted.parts)
    left = "".join(shown.split())
    assert "".join(text.split()) in left
    buttons = [option for part in parted.parts for option in part.options]
    assert all(option in buttons or "".join(option.title.split()) in left for option in options)
    taps = [option.payload or option.title for option in options if option.url is None]
    assert list(parted.numbered) in ([], taps)
    assert sum(len(part.files) for part in parted.parts) == len(files)


def test_buttons_stand_under_the_last_piece_of_a_text_that_is_too_long_for_them() -> None:
    choices = (Option(title="Evet"), Option(title="Hayır"))
    parted = sent("whatsapp", ChannelName.WHATSAPP, "+15550199", Answer("Siparişiniz yolda. " * 80, options=choices))
    assert [part.options for part in parted.parts] == [(), choices]
    assert all(len(part.text) <= 1_024 for part in parted.parts)


def test_links_stand_under_the_last_piece_as_well() -> None:
    links = (Option(title="Takip", url="https://example.com/takip"),)
    parted = sent("messenger", ChannelName.MESSENGER, "123456", Answer("Siparişiniz yolda. " * 50, options=links))
    assert [part.options for part in parted.parts] == [(), links]
    assert len(parted.parts[-1].text) <= 640


@pytest.mark.parametrize(
    ("way", "titles"),
    [
        (WAYS[3], ["Evet", "Evet"]),  # WhatsApp refuses twins
        (WAYS[3], ["🚚" * 13]),  # 26 UTF-16 units: more than a row of a list
        (WAYS[6], ["ş" * 33]),  # 66 bytes: more than Telegram carries back
    ],
)
def test_what_a_provider_would_refuse_becomes_a_numbered_list(
    way: tuple[str, ChannelName, str], titles: list[str]
) -> None:
    parted = sent(*way, Answer("Ne yapalım?", options=tuple(Option(title=title) for title in titles)))
    assert parted.numbered == tuple(titles)
    assert [part.text for part in parted.parts] == [
        "Ne yapalım?\n\n" + "\n".join(f"{number}. {title}" for number, title in enumerate(titles, 1))
    ]


def test_a_text_of_blanks_is_said_to_be_empty_at_once() -> None:
    with pytest.raises(Invalid, match="nothing to send"):
        sent("twilio", ChannelName.SMS, "+15550199", Answer(" \n"))
