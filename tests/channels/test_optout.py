"""Opt-out words: what counts as one in four languages and on four keyboards, and who has answered it."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.optout import HELP, START, STOP, Asked, asked, word_of
from router.messages import ChannelName, Direction, Kind, Message, Party, Provider

KEYWORDS = {**dict.fromkeys(STOP, "stop"), **dict.fromkeys(START, "start"), **dict.fromkeys(HELP, "help")}
NOW = datetime(2026, 3, 10, 5, 16, 23, tzinfo=UTC)


def message(text: str, to: str = "+441632960100", **changes: Any) -> Message:
    fields: dict[str, Any] = {
        "id": "m_1",
        "channel": ChannelName.SMS,
        "provider": Provider.TWILIO,
        "inbox": "sms",
        "direction": Direction.INBOUND,
        "sender": Party(address="+447700900123"),
        "recipients": (Party(address=to),),
        "text": text,
        "received_at": NOW,
    }
    return Message(**(fields | changes))


@pytest.mark.parametrize(
    ("text", "word"),
    [
        *((text, "stop") for text in ("STOP", "Stop", " stop\n", "stop.", "STOP!", "“Stop”", "'stop'.", "Opt-Out")),
        *((text, "stop") for text in ("İPTAL", "iptal", "IPTAL", "ıptal", "İptal.", "Iptal", "i̇ptal")),
        *((text, "stop") for text in ("RET", "ret", "Dur", "ÇIK", "cik", "çık", "ÇİK", "cıkıs", "abonelikten  çık")),
        *((text, "stop") for text in ("ARRÊT", "arrete", "Désabonner", "ABMELDEN", "Stopp", "Baja", "QUIT", "quıt")),
        *((text, "start") for text in ("START", "unstop", "Başlat", "BASLAT", "Alta", "Démarrer")),
        *((text, "help") for text in ("HELP", "info", "YARDIM", "yardim", "Bilgi", "BİLGİ", "Hilfe", "ayuda", "Aide")),
    ],
)
def test_a_keyword_counts_however_it_is_typed(text: str, word: str) -> None:
    assert word_of(text) == word


@pytest.mark.parametrize(
    "text",
    [
        *("STOP PLEASE", "please cancel", "stop it", "Don't stop", "non-stop", "stopped", "STOP 👋", "1 stop"),
        *("İptal edildi mi?", "iptal?", "dursun", "RET B021", "retina", "çıktı", "siparişimi iptal edin"),
        *("yes", "evet", "onay", "ok", "", " ", ".", "...", "''", "\0", "?", "STOP" + "x" * 100, "stop " * 40),
    ],
)
def test_anything_else_is_no_keyword(text: str) -> None:
    assert word_of(text) is None


def test_no_keyword_means_two_things() -> None:
    assert len(KEYWORDS) == len(STOP) + len(START) + len(HELP)


BLANKS = st.text(alphabet=" \t\n\r\u00a0\u200b\ufeff", max_size=6)


@given(st.sampled_from(sorted(KEYWORDS)), BLANKS, BLANKS, st.sampled_from(["", ".", "!", "...", "\"'", "”.", " ."]))
def test_case_blanks_quotes_and_a_full_stop_change_nothing(keyword: str, before: str, after: str, end: str) -> None:
    turkish = keyword.replace("i", "İ").upper()
    for typed in (keyword, keyword.upper(), keyword.title(), turkish, turkish.lower(), keyword.replace("i", "ı")):
        assert word_of(before + typed + end + after) == KEYWORDS[keyword]


@given(st.sampled_from(sorted(KEYWORDS)), st.text(alphabet="bcdefghijklmnoprsuvyz", min_size=3, max_size=20))
def test_one_more_word_makes_it_a_sentence(keyword: str, more: str) -> None:
    assert f"{keyword} {more}" in KEYWORDS or word_of(f"{keyword} {more}") is None
    assert f"{more} {keyword}" in KEYWORDS or word_of(f"{more} {keyword}") is None


@given(st.text())
def test_any_text_is_judged(text: str) -> None:
    assert word_of(text) in ("stop", "start", "help", None)


class TestWhoHasAnswered:
    @pytest.mark.parametrize("text", ["STOP", "stop", " Unsubscribe ", "HELP", "start", "Revoke"])
    def test_twilio_answers_its_own_words(self, text: str) -> None:
        found = asked(message(text))
        assert found is not None
        assert found.answered

    @pytest.mark.parametrize("text", ["RET", "İPTAL", "Hilfe", "remove", "STOP."])
    def test_but_not_those_that_are_only_ours(self, text: str) -> None:
        found = asked(message(text))
        assert found is not None
        assert not found.answered

    def test_not_for_a_short_code_on_its_own(self) -> None:
        assert asked(message("STOP", to="72975")) == Asked("stop", answered=False)

    def test_advanced_opt_out_says_so_whatever_the_words_were(self) -> None:
        said = message("Genug", to="72975", raw={"OptOutType": "STOP"})
        assert asked(said) == Asked("stop", answered=True)
        assert asked(message("yes", raw={"OptOutType": "START"})) == Asked("start", answered=True)
        assert asked(message("?", raw={"OptOutType": "HELP"})) == Asked("help", answered=True)

    def test_a_type_nobody_knows_leaves_it_to_the_text(self) -> None:
        assert asked(message("RET", raw={"OptOutType": "PAUSE"})) == Asked("stop", answered=False)
        assert asked(message("hello", raw={"OptOutType": 7})) is None

    def test_only_twilio_may_say_it(self) -> None:
        said = message("hello", provider=Provider.SANTRAL, channel=ChannelName.WEBCHAT, raw={"OptOutType": "STOP"})
        assert asked(said) is None

    def test_aws_answers_its_own_short_codes_too(self) -> None:
        assert asked(message("Opt-out", to="72975", provider=Provider.AWS_EUM)) == Asked("stop", answered=True)
        assert asked(message("iptal", provider=Provider.AWS_EUM)) == Asked("stop", answered=False)

    def test_nobody_answers_on_whatsapp(self) -> None:
        assert asked(message("STOP", channel=ChannelName.WHATSAPP)) == Asked("stop", answered=False)
        button = message("Stop", channel=ChannelName.WHATSAPP, kind=Kind.POSTBACK, payload="stop-42")
        assert asked(button) == Asked("stop", answered=False)

    def test_of_a_mail_the_reply_counts_and_not_the_quotation_below_it(self) -> None:
        mail = message("Stop\n\n> Our news", reply_text="Stop", channel=ChannelName.EMAIL, provider=Provider.SES)
        assert asked(mail) == Asked("stop", answered=False)

    @pytest.mark.parametrize(
        "changes",
        [{"direction": Direction.OUTBOUND}, {"direction": Direction.NOTE}, {"kind": Kind.AUTO_REPLY}],
    )
    def test_only_a_customer_asks(self, changes: dict[str, Any]) -> None:
        assert asked(message("STOP", **changes)) is None

    @pytest.mark.parametrize("text", ["iptal", "Cancel", "DUR", "end", "Çık"])
    def test_in_an_app_a_word_that_may_answer_an_agent_orders_nothing(self, text: str) -> None:
        assert asked(message(text)) == Asked("stop", answered=text in ("Cancel", "end"))
        assert asked(message(text, channel=ChannelName.WHATSAPP)) is None
        assert asked(message(text, channel=ChannelName.MESSENGER, kind=Kind.POSTBACK, payload="no")) is None

    def test_a_tapped_title_neither_starts_nor_asks_for_help(self) -> None:
        for text in ("Başla", "Yardım", "Info"):
            assert asked(message(text, channel=ChannelName.TELEGRAM, kind=Kind.POSTBACK, payload="x")) is None

    def test_an_ordinary_message_asks_for_nothing(self) -> None:
        assert asked(message("Where is my lamp?")) is None
