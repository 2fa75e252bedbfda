"""The language of templates: what it prints, what it refuses, and that nothing hostile gets out of it, hangs it or fills the memory."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.template_engine import MOST_SOURCE, Broken, fill
from router.template_sandbox import FILTERS, MOST_OUTPUT, MOST_ROUNDS

ISTANBUL = ZoneInfo("Europe/Istanbul")
VALUES: dict[str, Any] = {
    "name": "Işıl",
    "count": 3,
    "total": 1299.9,
    "at": "2026-03-05T22:30:00Z",
    "order": {"number": "A-17", "note": None, "items": [{"title": "çanta", "price": 0.1}, {"title": "şapka", "price": 20}]},
    "hostile": "{{ 7 * 7 }}<script>%999999999d",
    "empty": "",
    "big": "x" * 10_000,
    "nothing": None,
    "yes": True,
}  # fmt: skip


def filled(source: str, *, html: bool = False, language: str = "tr") -> str:
    return fill(source, VALUES, language=language, zone=ISTANBUL, html=html)[0]


def tried(source: str, values: Mapping[str, Any], *, html: bool = False) -> tuple[str, Broken | None]:
    try:
        return fill(source, values, language="tr", zone=ISTANBUL, html=html)[0], None
    except Broken as error:
        return "", error


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("Merhaba {{ name }}!", "Merhaba Işıl!"),
        ("{{ name | upper }} {{ 'ISPARTA' | lower }} {{ order.items[0].title | title }}", "IŞIL ısparta Çanta"),
        ("{{ total | money('TRY') }}, {{ (3 * 0.1) | number }}", "1.299,90 TL, 0,3"),
        ("{{ at | date }} {{ at | time }}", "6 Mart 2026 01:30"),
        ("{{ at | datetime('weekday', zone='America/New_York') }}", "5 Mart 2026 Perşembe saat 17:30"),
        ("{% for item in order.items %}\n- {{ item.title }}\n{% endfor %}", "- çanta\n- şapka\n"),
        ("{% for i in order.items %}{{ i.title }}{{ '' if loop.last else ', ' }}{% endfor %}", "çanta, şapka"),
        ("{{ order.note | default('yok') }} {{ empty | default('boş') }} {{ nothing | default('-') }}", "yok boş -"),
        ("{% if order.note is defined %}a{% elif count > 2 and yes %}b{% else %}c{% endif %}", "b"),
        ("{{ [name, 'b', count] | join(' / ') }} {{ order.items | length }}", "Işıl / b / 3 2"),
        ("{{ count }} {{ count | plural('gün', 'gün') }}", "3 gün"),
        ("?q={{ 'çay & kahve' | urlencode }}", "?q=%C3%A7ay%20%26%20kahve"),
        ("{{ hostile }}", "{{ 7 * 7 }}<script>%999999999d"),
        ("{# nobody reads this #}{% raw %}{{ x }}{% endraw %}", "{{ x }}"),
        ("{{ 'a' in ['a', 'b'] and yes and 'evet' or 'hayır' }}", "evet"),
    ],
)
def test_what_a_template_prints(source: str, text: str) -> None:
    assert filled(source) == text


def test_values_are_escaped_in_html_and_only_there() -> None:
    source = "<a href=\"{{ hostile }}\">{{ hostile | upper }}</a> {{ '<b>' }}"
    assert filled(source) == '<a href="{{ 7 * 7 }}<script>%999999999d">{{ 7 * 7 }}<SCRİPT>%999999999D</a> <b>'
    assert filled(source, html=True) == (
        '<a href="{{ 7 * 7 }}&lt;script&gt;%999999999d">{{ 7 * 7 }}&lt;SCRİPT&gt;%999999999D</a> &lt;b&gt;'
    )


@pytest.mark.parametrize(
    ("source", "line", "variable"),
    [
        ("Hello\n{{ nmae }}", 2, "nmae"),
        ("{{ order.eta }}", 1, "order.eta"),
        ("\n\n{{ order.note }}", 3, "order.note"),
        ("{% for i in order.items %}\n{{ i.colour }}\n{% endfor %}", 2, "order.items[0].colour"),
        ("{{ nmae | upper }}", 1, "nmae"),
        ("{{ name | date(nmae) }}", 1, "nmae"),
        ("{% if nmae %}x{% endif %}", 1, "nmae"),
        ("{{ nmae.first | default('x') }}", 1, "nmae"),
        ("{{ nothing }}", 1, "nothing"),
        ("{{ nmae + 1 }}", 1, "nmae"),
        ("{% for i in nmae %}{% endfor %}", 1, "nmae"),
        ("{{ [nmae] | join }}", 1, "nmae"),
        ("{{ nmae == 1 }}", 1, "nmae"),
    ],
)
def test_a_missing_value_is_named_with_its_line(source: str, line: int, variable: str) -> None:
    with pytest.raises(Broken) as caught:
        filled(source)
    assert (caught.value.variable, caught.value.faults) == (variable, ((line, f"there is no value for '{variable}'"),))


@pytest.mark.parametrize(
    ("source", "what"),
    [
        ("{{ total }}", "`number` or `money`"),
        ("{{ yes }}", "true or false cannot be printed"),
        ("{{ order }}", "a mapping cannot be printed"),
        ("{{ order.items }}", "a list cannot be printed"),
        ("{{ name | date }}", "`date`: what it is given is no time"),
        ("{{ at | date('d.m.Y') }}", "is no form of a date"),
        ("{{ total | money }}", "not written with these"),
        ("{{ total | money('TL') }}", "is no currency here"),
        ("{% for c in name %}{% endfor %}", "a loop goes over a list, and this is a text"),
        ("{% for c in order %}{% endfor %}", "a loop goes over a list, and this is a mapping"),
        ("{{ name.first }}", "there is no 'first' in a text"),
        ("{{ count / 0 }}", "has no result"),
        ("{{ name + 'x' }}", "`+` is for numbers"),
        ("{{ at | date(zone='Europe/Ankara') }}", "there is no time zone"),
    ],
)
def test_what_people_should_not_read_is_an_error(source: str, what: str) -> None:
    with pytest.raises(Broken, match=re.escape(what)) as caught:
        filled(source)
    assert caught.value.variable is None


@pytest.mark.parametrize("name", ["Europe/Ankara", "", "../../etc/passwd", "/etc/passwd", "Europe", "\0", 3])
def test_an_unknown_zone_is_told(name: object) -> None:
    text, fault = tried("{{ at | date(zone=name) }}", {**VALUES, "name": name})
    assert (text, "there is no time zone" in str(fault)) == ("", True)


ESCAPES = [
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ ''['__class__'] }}",
    "{{ name['__cla' 'ss__'] }}",
    "{{ ''|attr('__class__') }}",
    "{{ name|attr('\\x5f\\x5fclass\\x5f\\x5f') }}",
    "{{ [].__class__.__base__ }}",
    "{{ order.__init__.__globals__ }}",
    "{{ order.items() }}",
    "{{ order['__class__'] }}",
    "{{ order.keys }}",
    "{{ order.path }}",
    "{{ self.__init__.__globals__.__builtins__ }}",
    "{{ self._TemplateReference__context }}",
    "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
    "{{ joiner.__init__.__globals__ }}",
    "{{ namespace.__init__.__globals__ }}",
    "{{ lipsum.__globals__['os'] }}",
    "{{ lipsum(n=100000) }}",
    "{{ range(10**9) }}",
    "{{ dict(a=1) }}",
    "{{ config }}{{ request.application }}",
    "{{ name.format }}",
    "{{ '{0.__class__}'.format(1) }}",
    "{{ '{0.__class__}'|format(1) }}",
    "{{ '%s' % name.__class__ }}",
    "{{ '%999999999d' % 1 }}",
    "{{ hostile % 1 }}",
    "{% if hostile is odd %}{% endif %}",
    "{% if hostile is divisibleby 2 %}{% endif %}",
    "{{ 'a' * 999999999 }}",
    "{{ 9 ** 9 ** 9 }}",
    "{{ [1] * 999999999 }}",
    "{{ order.items|map(attribute='__class__')|list }}",
    "{{ order.items|selectattr('__class__') }}",
    "{{ order|xmlattr }}",
    "{{ name|replace('a', 'b') }}",
    "{{ name|center(999999999) }}",
    "{{ name|indent(999999999) }}",
    "{{ order|tojson }}",
    "{{ name|safe }}",
    "{{ _rendering }}",
    "{{ _rendering.untracked }}",
    "{{ loop }}",
    "{% for i in order.items %}{{ loop.__init__ }}{% endfor %}",
    "{% for i in order.items %}{{ loop._iterator }}{% endfor %}",
    "{% for i in order.items %}{{ loop.cycle('a') }}{% endfor %}",
    "{% for i in order.items recursive %}{{ loop(order.items) }}{% endfor %}",
    "{% for _ in order.items %}{% endfor %}",
    "{% for a, b in order.items %}{% endfor %}",
    "{% for i in order.items if i %}{% endfor %}",
    "{% set x = name %}{{ x }}",
    "{% set x %}a{% endset %}",
    "{% set ns = namespace(a=1) %}",
    "{% macro m() %}{{ caller.__globals__ }}{% endmacro %}{{ m() }}",
    "{% call name() %}{% endcall %}",
    "{% filter upper %}a{% endfilter %}",
    "{% with x = name %}{{ x }}{% endwith %}",
    "{% block b %}{{ super() }}{% endblock %}",
    "{% include '/etc/passwd' %}",
    "{% import 'os' as os %}",
    "{% from 'os' import path %}",
    "{% extends 'x' %}",
    "{% autoescape false %}{{ hostile }}{% endautoescape %}",
    "{{ name[::-1] }}",
    "{{ {'a': 1} }}",
    "{{ name ~ name }}",
    "{{ name | upper(*order.items) }}",
    "{{ name | upper(**order) }}",
    "{{ '' | join.__class__ }}",
    "{{ name is callable }}",
    "{{ none.__class__ }}",
    "{{ true.__class__ }}",
    "{{ 1.5.__class__ }}",
    "{{ (1).__class__ }}",
    "{{ nmae.__class__ }}",
    "{{ nmae._undefined_name }}",
    "{{ nmae.fail }}",
    "{{ order.items[0].__class__ }}",
    "{{ order.items.append }}",
    "{{ order.items['append'] }}",
    "{{ at | date(zone='../../../etc/passwd') }}",
    "{{ at | date(r=1) }}",
    "{{ name | _listed }}",
    "{% do order.clear() %}",
    "{% debug %}",
    "{% trans %}a{% endtrans %}",
    "{{ ''.join }}",
]


@pytest.mark.parametrize("html", [False, True])
@pytest.mark.parametrize("source", ESCAPES)
def test_known_ways_out_of_a_sandbox_lead_nowhere(source: str, html: bool) -> None:
    with pytest.raises(Broken):
        filled(source, html=html)


LOOPS = "{% for a in l %}{% for b in l %}{% for c in l %}x{% endfor %}{% endfor %}{% endfor %}"
HEAVY = {
    "many turns": LOOPS,
    "much output": "{% for a in l %}{{ big }}{% endfor %}",
    "a join of joins": "{{ [" + ",".join(["big"] * 50) + "] | join([" + ",".join(["big"] * 50) + "] | join(big)) }}",
    "deep parentheses": "{{ " + "(" * 20_000 + "1" + ")" * 20_000 + " }}",
    "deep lists": "{{ " + "[" * 500 + "]" * 500 + " }}",
    "deep blocks": "{% if yes %}" * 400 + "{% endif %}" * 400,
    "deep loops": "{% for a in l %}" * 30 + "{% endfor %}" * 30,
    "a long sum": "{{ 1" + " + 1" * 20_000 + " }}",
    "a large product": "{{ " + " * ".join(["9999999999"] * 30) + " }}",
    "a long number": "{{ " + "9" * 50_000 + " }}",
    "a large number": "{{ 1e999999 | number }}",
    "many filters": "{{ name" + " | upper" * 10_000 + " }}",
    "a long chain": "{{ order" + ".a" * 20_000 + " }}",
    "a long source": "x" * (MOST_SOURCE + 1),
    "many nots": "{{ " + "not " * 20_000 + "1 }}",
    "many minuses": "{{ " + "-" * 20_000 + "1 }}",
}


@pytest.mark.parametrize("name", HEAVY)
def test_what_would_hang_or_fill_the_memory_is_refused_at_once(name: str) -> None:
    begun = time.process_time()
    with pytest.raises(Broken):
        fill(HEAVY[name], {**VALUES, "l": list(range(MOST_ROUNDS - 1))}, language="tr", zone=ISTANBUL)
    assert time.process_time() - begun < 5


def test_as_much_as_is_allowed_is_rendered() -> None:
    text, _ = fill("{% for a in l %}x{% endfor %}", {"l": [0] * MOST_ROUNDS}, language="en", zone=UTC)
    assert text == "x" * MOST_ROUNDS
    assert filled("a" * MOST_SOURCE) == "a" * MOST_SOURCE
    with pytest.raises(Broken, match=str(MOST_OUTPUT)):
        fill("{{ a }}{{ a }}", {"a": "x" * (MOST_OUTPUT // 2 + 1)}, language="en", zone=UTC)


PIECES = st.sampled_from(
    [
        "{{", "}}", "{%", "%}", "{#", "#}", "name", "order", "order.items", "total", "at", "hostile", "nmae", "yes", "none",
        " ", ".", "|", "(", ")", "[", "]", "'", '"', ",", "+", "*", "%", "/", "-", "**", "~", "==", "<", "and", "not", "is",
        "if", "else", "endif", "for i in", "endfor", "i", "loop", "loop.index", "defined", "__class__", "0", "1", "9999", "1e9",
        "'a'", "\n", "ş", "\x00", "\ud800", "{% if yes %}", "{% endif %}", "{% for i in order.items %}", "{% endfor %}", "{{ name }}",
        "{{ i.title }}", *(f"| {name}" for name in FILTERS), "('EUR')", "(2)", "_", "set", "self", "raw", "endraw",
    ]
)  # fmt: skip


@given(st.lists(PIECES, max_size=25).map("".join), st.booleans())
def test_whatever_is_written_becomes_a_text_or_a_fault_with_its_line(source: str, html: bool) -> None:
    text, fault = tried(source, VALUES, html=html)
    assert len(text) <= MOST_OUTPUT
    assert " object at 0x" not in text
    assert "<class" not in text
    assert fault is None or fault.faults
    assert all(1 <= line <= source.count("\n") + 2 and what for line, what in (fault.faults if fault else ()))


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.decimals() | st.datetimes(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)


@given(
    PLAIN, st.sampled_from(sorted(FILTERS)), st.sampled_from(["", "('EUR')", "(2)", "('a', 'b')", "(x)", "('short')"])
)
def test_every_filter_takes_every_value_or_says_why_not(value: Any, name: str, written: str) -> None:
    text, fault = tried(f"{{{{ x | {name}{written} }}}}", {"x": value})
    assert fault is None or (text == "" and [line for line, _ in fault.faults] == [1])


def test_what_is_no_plain_data_does_not_get_in() -> None:
    class Thing:
        secret = "s"

    for value in (Thing(), Thing, len, {1, 2}, b"bytes", [Thing()], {"a": Thing()}):
        with pytest.raises(Broken, match="is no plain data"):
            fill("{{ x.secret }}", {"x": value}, language="en", zone=UTC)
    nested: list[Any] = []
    nested.append(nested)
    with pytest.raises(Broken, match="nested too deeply"):
        fill("", {"x": nested}, language="en", zone=UTC)


def test_addresses_that_are_marked_are_told() -> None:
    source = "{{ a | untracked }} {{ b }}"
    values = {"a": "https://example.com/?a=1&b=2", "b": "https://example.com/b"}
    text, marked = fill(source, values, language="en", zone=UTC, html=True)
    assert text == "https://example.com/?a=1&amp;b=2 https://example.com/b"
    assert marked == {"https://example.com/?a=1&b=2"}


def test_python_s_own_dates_and_decimals_are_values_too() -> None:
    values = {"at": datetime(2026, 3, 5, 22, 30, tzinfo=UTC), "total": Decimal("2.50")}
    text, _ = fill("{{ at | date('day') }} {{ total | money('EUR') }}", values, language="en", zone=ISTANBUL)
    assert text == "6 March €2.50"
