"""What is nothing but thanks asks for no answer; everything else does."""

import pytest

from router.thanks import only_thanks


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Teşekkürler", "tr"),
        ("TEŞEKKÜRLER!", "tr"),
        ("tesekkurler", "tr"),
        ("Çok teşekkür ederim, iyi günler dilerim 😊", "tr"),
        ("Tamam, sağ olun.", "tr"),
        ("sağolun kolay gelsin", "tr-TR"),
        ("İlginiz için teşekkürler", "tr"),
        ("İLGİNİZ İÇİN TEŞEKKÜRLER", "tr"),
        ("thanks a lot", "tr"),
        ("Thanks!", "en"),
        ("Thank you so much for your quick reply. Have a nice day", "en"),
        ("ok thx 👍🏽", "en-GB"),
        ("Great, thanks - it works now", "en"),
        ("Vielen Dank für die schnelle Hilfe", "de"),
        ("merci beaucoup", "fr"),
        ("muchas gracias", "es"),
        ("teşekkürler", None),
        ("🙏🙏", None),
        ("❤️", "tr"),
    ],
)
def test_thanks_in_many_words_are_thanks(text: str, language: str | None) -> None:
    assert only_thanks(text, language)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("", "tr"),
        ("   ", "en"),
        ("Teşekkürler ama hâlâ çalışmıyor", "tr"),
        ("Teşekkürler, kargom ne zaman gelir?", "tr"),
        ("teşekkürler peki iade ne zaman", "tr"),
        ("Tamam", "tr"),  # perhaps the answer to "shall we send it back?"
        ("ok", "en"),
        ("evet", "tr"),
        ("👍", None),
        ("Thanks for nothing", "en"),
        ("no thanks", "en"),
        ("thanks but still broken", "en"),
        ("thanks?", "en"),
        ("thanks, order 4711", "en"),
        ("thanks 😡", "en"),
        ("danke", "tr"),
        ("it works now", "en"),
        ("thanks " * 13, "en"),
        ("i have a nice day", "en"),
    ],
)
def test_whoever_says_anything_else_is_answered(text: str, language: str | None) -> None:
    assert not only_thanks(text, language)
