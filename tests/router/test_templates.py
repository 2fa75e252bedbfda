"""Templates: the message for one reader, and everything that is wrong with one before anybody is written to."""

from __future__ import annotations

import subprocess
import sys
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from router.template_checks import check
from router.template_sandbox import FILTERS
from router.templates import Rendered, Template, Unrenderable, render

ISTANBUL = ZoneInfo("Europe/Istanbul")
SHIPPED: dict[str, Any] = {
    "name": "order-shipped",
    "purpose": "transactional",
    "needs": {
        "name": "Ayşe",
        "order": {"number": "A-17", "arrives": "2026-03-05", "items": [{"title": "Çanta"}]},
        "track": "https://example.com/t/A-17",
    },
    "optional": ["name"],
    "channels": {
        "email": {
            "tr": {
                "subject": "{{ order.number }} numaralı siparişiniz\n yolda",
                "text": "Merhaba{% if name is defined %} {{ name | title }}{% endif %},\n\n"
                "{{ order.arrives | date('weekday') }} günü elinizde.",
                "html": '<p><a href="{{ track }}">{{ name | default("Kargom") }}</a></p>',
            },
            "en": {"subject": "Your order {{ order.number }}", "text": "It arrives on {{ order.arrives | date }}."},
        },
        "sms": {"tr": "Siparisiniz {{ order.arrives | date('short') }} gunu elinizde: {{ track | untracked }}"},
        "whatsapp": {
            "tr": {
                "approved": "order_shipped",
                "body": "Merhaba {{1}}, {{2}} yolda.",
                "parameters": ["{{ name | default('değerli müşterimiz') }}", "{{ order.items[0].title }}\n"],
            },
            "en-GB": {"approved": "order_shipped", "body": "It is on its way."},
        },
    },
}  # fmt: skip
VALUES: dict[str, Any] = {**SHIPPED["needs"], "name": "AYŞE ILGAZ"}


def template(**changed: Any) -> Template:
    return Template.model_validate({**SHIPPED, **changed})


def with_text(text: str, **changed: Any) -> Template:
    return template(channels={"sms": {"tr": text}}, optional=[], **changed)


def tried(channel: str, values: Any) -> Rendered | Unrenderable:
    try:
        return render(template(), channel, ["tr"], values, zone=ISTANBUL)
    except Unrenderable as error:
        return error


def told(one: Template, **asked: Any) -> list[str]:
    return [str(flaw) for flaw in check(one, **asked)]


def test_a_mail_has_a_subject_of_one_line_a_text_and_its_html() -> None:
    mail = render(template(), "email", ["tr"], {**VALUES, "track": "https://example.com/?a=1&b=2"}, zone=ISTANBUL)
    assert mail.subject == "A-17 numaralı siparişiniz yolda"
    assert mail.text == "Merhaba Ayşe Ilgaz,\n\n5 Mart 2026 Perşembe günü elinizde."
    assert mail.html == '<p><a href="https://example.com/?a=1&amp;b=2">AYŞE ILGAZ</a></p>'


def test_a_message_whatsapp_approved_has_its_parameters_and_reads_as_it_was_approved() -> None:
    sent = render(template(), "whatsapp", ["tr"], {**VALUES, "name": None}, zone=ISTANBUL)
    assert (sent.approved, sent.code) == ("order_shipped", "tr")
    assert sent.parameters == ("değerli müşterimiz", "Çanta")
    assert sent.text == "Merhaba değerli müşterimiz, Çanta yolda."
    assert render(template(), "whatsapp", ["en-GB"], VALUES, zone=ISTANBUL).code == "en_GB"


@pytest.mark.parametrize(
    ("languages", "language"),
    [(["tr"], "tr"), (["tr-CY"], "tr"), (["de", "tr"], "tr"), (["de"], "en"), ([None], "en"), ([], "en")],
)
def test_the_first_language_that_there_is_is_taken_and_then_english(languages: list[str | None], language: str) -> None:
    assert render(template(), "email", languages, VALUES, zone=ISTANBUL).language == language


@pytest.mark.parametrize(("channel", "why"), [("sms", "in any of de, en"), ("telegram", "for this channel")])
def test_without_a_text_nothing_is_made(channel: str, why: str) -> None:
    with pytest.raises(Unrenderable, match=why) as caught:
        render(template(), channel, ["de"], VALUES, zone=ISTANBUL)
    assert caught.value.language is None


def test_a_missing_value_names_template_language_variable_and_line() -> None:
    values = {**VALUES, "order": {"number": "A-17", "items": []}}
    with pytest.raises(Unrenderable) as caught:
        render(template(), "email", ["tr-TR"], values, zone=ISTANBUL)
    error = caught.value
    assert (error.template, error.channel, error.language, error.part) == ("order-shipped", "email", "tr", "text")
    assert (error.variable, error.line, error.field) == ("order.arrives", 3, "order.arrives")
    assert str(error) == "template 'order-shipped', email, tr, text, line 3: there is no value for 'order.arrives'"


def test_a_text_of_which_nothing_is_left_is_not_sent() -> None:
    with pytest.raises(Unrenderable, match="nothing is left to read"):
        render(with_text("{% if name == 'x' %}a{% endif %} "), "sms", ["tr"], VALUES, zone=ISTANBUL)


def test_the_way_out_and_what_is_marked_are_not_tracked() -> None:
    out = "https://example.com/u/1"
    sent = render(template(), "sms", ["tr"], {**VALUES, "unsubscribe": out}, zone=ISTANBUL)
    assert sent.untracked == {out, "https://example.com/t/A-17"}


@given(st.dictionaries(st.sampled_from(["name", "order", "track"]), st.recursive(
    st.none() | st.text(max_size=8) | st.integers(), lambda inner: st.dictionaries(
        st.sampled_from(["number", "arrives", "items", "title"]), inner | st.lists(inner, max_size=2), max_size=4)), max_size=3),
    st.sampled_from(["email", "sms", "whatsapp"]))  # fmt: skip
def test_whatever_the_values_there_is_a_whole_message_or_an_error_that_says_why(values: Any, channel: str) -> None:
    sent = tried(channel, values)
    if isinstance(sent, Unrenderable):
        assert str(sent).startswith(f"template 'order-shipped', {channel}, tr, {sent.part}, line ")
        return
    assert sent.text
    assert all(parameter and "\n" not in parameter for parameter in sent.parameters)
    assert "{{" not in sent.text or "{{" in str(values)


def test_nothing_is_wrong_with_a_template_that_is_right() -> None:
    assert told(template(), channels=["email", "whatsapp"], languages=["tr", "en"]) == [
        "channels.whatsapp: there is no text in 'en'"
    ]
    assert told(template(), channels=["email", "sms"], languages=["tr-CY"]) == []


def test_every_fault_is_told_at_once_with_its_line() -> None:
    wrong = template(
        purpose="marketing",
        needs={"name": "Ayşe", "order": {"number": 1}, "unsubscribe": "x", "2nd": 1},
        optional=["order.note"],
        channels={
            "email": {
                "tr": {
                    "subject": "{{ nmae }}",
                    "text": "{{ order.number }}\n{{ order.nubmer }} {{ name | uper }}\n{% set x = 1 %}",
                    "html": "<p>\n<a class=\"b\" href={{ unsubscribe }}>x</a></p>",
                }
            },
            "sms": {"tr": "{{ name", "en": "{{ name | date }}"},
            "whatsapp": {"tr": {"approved": "a", "body": "{{1}} {{2}}", "parameters": ["{{ name }}"]}},
        },
    )  # fmt: skip
    assert told(wrong, channels=["sms", "telegram"], languages=["tr", "de"]) == [
        "needs.unsubscribe: is always given; leave it out",
        "needs.2nd: is no name of a value; write letters, digits and _",
        "optional[0]: 'order.note' is not in `needs`",
        "channels.sms: there is no text in 'de'",
        "channels.telegram: there is no text for this channel",
        "channels.email.tr.subject, line 1: 'nmae' is not in `needs`; is 'name' meant?",
        "channels.email.tr.text, line 2: 'order.nubmer' is not in `needs`; is 'number' meant?",
        f"channels.email.tr.text, line 2: there is no filter `uper`; there are {', '.join(sorted(FILTERS))}",
        "channels.email.tr.text, line 3: nothing can be set; write the value where it is needed",
        'channels.email.tr.html, line 2: an attribute without quotes around its value; write ="{{ ... }}"',
        "channels.email.tr.text: a marketing mail without a way out; write {{ unsubscribe }} where the link belongs",
        "channels.sms.tr, line 1: unexpected end of template, expected 'end of print statement'",
        "channels.sms.en, line 1: `date`: what it is given is no time; times are written as 2026-03-05T14:30:00+03:00",
        "channels.whatsapp.tr.parameters: the body has 2 variables, and here are 1",
    ]


@pytest.mark.parametrize(
    ("text", "flaws"),
    [
        ("{% for i in order.items %}{{ i.title }}{% endfor %}", []),
        ("{% for i in order.items %}{{ i.price }}{% endfor %}", ["'i.price' is not in `needs`"]),
        ("{% for i in order.items %}{{ loop.index }}{% endfor %}{{ i }}", ["'i' is not in `needs`"]),
        ("{{ order.items[0].colour }}", ["'order.items[...].colour' is not in `needs`"]),
        ("{% if order.gift is defined %}x{% endif %}{{ name }}", ["'order.gift' is not in `needs`"]),
        ("{{ nothing_like_it }}", ["'nothing_like_it' is not in `needs`"]),
        ("{{ unsubscribe }}", []),
    ],
)
def test_names_are_looked_up_where_they_stand(text: str, flaws: list[str]) -> None:
    assert told(with_text(text)) == [f"channels.sms.tr, line 1: {flaw}" for flaw in flaws]


@pytest.mark.parametrize(
    ("text", "fine"),
    [
        ("{{ name }}", False),
        ("{{ name | default('siz') }}", True),
        ("{% if name is defined %}{{ name }}{% else %}siz{% endif %}", True),
        ("{% if name %}{{ name }}{% endif %}", False),
        ("{% if name is defined %}{{ name }}{% endif %}", False),  # nothing is left of it
        ("{{ order.number | default('') }}!", True),
    ],
)
def test_what_is_optional_is_tried_without_it(text: str, fine: bool) -> None:
    one = template(channels={"sms": {"tr": text}}, optional=["name", "order.number"])
    assert (told(one) == []) is fine


def test_the_parameters_of_an_approved_message_count_from_one_without_a_gap() -> None:
    def with_body(body: str, *parameters: str) -> list[str]:
        approved = {"approved": "a", "body": body, "parameters": parameters}
        return told(template(channels={"whatsapp": {"tr": approved}}, optional=[]))

    assert with_body("{{1}} {{ 2 }} {{1}}", "{{ name }}", "x") == []
    assert with_body("a") == []
    assert with_body("{{1}} {{3}}", "x", "y") == [
        "channels.whatsapp.tr.parameters: the body's variables are {{1}}, {{3}}; they count from {{1}} without a gap"
    ]
    assert with_body("a", "x") == ["channels.whatsapp.tr.parameters: the body has 0 variables, and here are 1"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"channels": {}},
        {"channels": {"sms": {}}},
        {"channels": {"fax": {"tr": "x"}}},
        {"channels": {"sms": {"Turkish": "x"}}},
        {"channels": {"sms": {"tr": ""}}},
        {"channels": {"email": {"tr": {"text": "x"}}}},
        {"channels": {"email": {"tr": "x"}}},
        {"purpose": "spam"},
        {"name": "Order Shipped"},
    ],
)
def test_a_template_says_what_for_where_and_in_which_language(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        template(**wrong)


def test_jinja_is_imported_by_who_renders_only() -> None:
    code = "import sys, router.templates, router.links, router.segments; sys.exit('jinja2' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
