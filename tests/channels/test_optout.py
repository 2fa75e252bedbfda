"""Opt-out words: what counts as one in four languages and on four keyboards, and who has answered it."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.optout import BUILT_IN, Asked, asked, lexicon, word_of
from router.keywords import Keywords
from router.messages import ChannelName, Direction, Kind, Message, Party, Provider

KEYWORDS = lexicon().meaning
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
    assert lexicon().twofold == set()


def test_turkish_words_of_leaving_count_with_and_without_their_dots_and_hooks() -> None:
    for text in ("RET", "İPTAL", "IPTAL", "DUR", "AYRIL", "ayrıl", "Ayril", "ÇIK", "CIK", "ÇİK", "cik", "listeden cik"):
        assert word_of(text) == "stop"


OWN = (Keywords(language="tr", stop=("KES", "Bırak"), start=("DÖN",)), Keywords(language="nl", stop=("AFMELDEN",)))


def test_a_company_s_own_words_replace_those_of_their_language_list_by_list() -> None:
    assert [word_of(text, OWN) for text in ("kes", "birak", "BIRAK", "bırak", "don", "afmelden")] == ["stop"] * 4 + [
        "start",
        "stop",
    ]
    assert [word_of(text, OWN) for text in ("iptal", "başlat", "ret")] == [None, None, None]
    assert [word_of(text, OWN) for text in ("yardım", "baja", "STOP", "help")] == ["help", "stop", "stop", "help"]


def test_stop_counts_whatever_is_configured() -> None:
    own = (Keywords(language="en", stop=("ENOUGH",), start=("STOP", "GO")),)
    assert word_of("stop", own) == "stop"
    assert lexicon(own).twofold == {"stop"}


def test_what_the_provider_has_obeyed_counts_whatever_is_configured() -> None:
    own = (Keywords(language="en", stop=("ENOUGH",)),)
    assert asked(message("Cancel"), own) == Asked("stop", answered=True)
    assert asked(message("Remove"), own) is None
    assert asked(message("enough"), own) == Asked("stop", answered=False)


def test_in_an_app_only_the_words_that_are_said_to_count_everywhere_do() -> None:
    own = (Keywords(language="tr", stop=("KES", "BIRAK"), everywhere=("BIRAK",)),)
    assert asked(message("bırak", channel=ChannelName.WHATSAPP), own) == Asked("stop", answered=False)
    assert asked(message("kes", channel=ChannelName.WHATSAPP), own) is None


def test_every_language_can_stop_in_an_app() -> None:
    for one in BUILT_IN:
        assert {word_of(word) for word in one.everywhere} == {"stop"}
        assert set(one.everywhere) <= set(one.stop)


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
