"""The page of a simulation: one file that loads nothing, with every figure, in both languages."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from html import escape, unescape

import pytest

from santral.reporting_choices import Language
from santral.reporting_words import share, span
from santral.simulation.figures import differences
from santral.simulation.report import page
from santral.simulation.report_words import half_told, told
from santral.simulation.results import Result, among_agents, name_of, over_the_day, stretches
from tests.kit.simulated import ready, results

LANGUAGES = pytest.mark.parametrize("language", list(Language))


@pytest.fixture(scope="module")
def two() -> list[Result]:
    return results("default", "fifo")


def rows(html: str, heading: str) -> dict[str, list[str]]:
    """The cells of a panel's table, by the row's name, as they are read."""
    panel = next(one for one in re.findall(r"<section.*?</section>", html, re.DOTALL) if f"<h2>{heading}</h2>" in one)
    found = re.findall(r'<tr><th scope="row".*?>(?:<svg.*?</svg>)?([^<]*)</th>(.*?)</tr>', panel, re.DOTALL)
    return {
        unescape(name): [unescape(re.sub("<[^>]*>", "", cell)) for cell in re.findall(r"<td[^>]*>(.*?)</td>", cells)]
        for name, cells in found
    }


@LANGUAGES
def test_it_needs_nothing_but_itself(two: list[Result], language: Language) -> None:
    html = page(two, language)
    assert not re.search(r"<script|<link|<img|\bsrc=|\bhref=|url\(|https?:|@import", html)
    assert "default-src 'none'" in html
    assert f'<html lang="{language}">' in html
    assert not re.search(r"\bnan\b", html)


@LANGUAGES
def test_every_figure_of_every_policy_is_in_the_table_with_its_interval(two: list[Result], language: Language) -> None:
    found = rows(page(two, language), {"en": "Policies", "tr": "Politikalar"}[language])
    assert list(found) == ["default", "fifo"]
    counted = {result.name: result.counts for result in two}
    fifo = differences(counted, two[0].config.routing.tiers, two[0].scenario.abandoned)["fifo"]
    for result in two:
        of = result.figures()
        shares = [of.weighted_service_level, of.whole.service_level]
        shares += [of.tiers[name].service_level for name in ("gold", "bronze")]
        cells = [(one, "share") for one in shares]
        cells += [(of.whole.wait, "seconds"), (of.whole.waits[90], "seconds"), (of.whole.abandoned, "share")]
        cells += [(of.occupancy, "share"), (of.whole.worst_wait_over_target, "number")]
        apart = found[result.name].pop(1)
        assert apart == (
            "–" if result is two[0] else f"{told(fifo.mean, 'points', language)} {half_told(fifo, 'points', language)}"
        )
        assert found[result.name] == [
            f"{told(one.mean, shape, language)} {half_told(one, shape, language)}"  # type: ignore[arg-type]
            for one, shape in cells
        ]


@LANGUAGES
def test_how_work_is_shared_out_among_agents_is_told(two: list[Result], language: Language) -> None:
    found = rows(page(two, language), {"en": "Among agents", "tr": "Temsilciler arasında"}[language])
    agents = among_agents(two[0])
    assert agents is not None
    assert agents.apart.mean == pytest.approx(agents.occupancy.most.mean - agents.occupancy.least.mean)
    assert found["default"][0].split(" ")[0] == share(agents.occupancy.least.mean, language)
    assert found["default"][-1].split(" ")[0] == told(agents.conversations.most.mean, "number", language)


@LANGUAGES
def test_plots_have_a_line_for_each_policy_and_a_word_for_each_hour(two: list[Result], language: Language) -> None:
    plots = [
        ET.fromstring(one) for one in re.findall(r'<svg viewBox="0 0 720.*?</svg>', page(two, language), re.DOTALL)
    ]
    assert len(plots) == 4
    waits = [one.text or "" for one in plots[1].iter("title")]
    along = stretches(two[0].scenario)
    days = [over_the_day(result, along) for result in two]
    for at, stretch in enumerate(along):
        lines = waits[at].split("\n")
        assert lines[0] == name_of(two[0].scenario, stretch.since)
        for line, result, day in zip(lines[1:], two, days, strict=True):
            wait = day[at].wait
            assert line.startswith(f"{result.name}: {'–' if wait is None else span(wait.mean * 1000, language)}")


def test_an_hour_in_which_nobody_writes_interrupts_the_line(two: list[Result]) -> None:
    along = stretches(two[0].scenario)
    assert [name_of(two[0].scenario, one.since) for one in along] == ["09:30", "10:30", "11:30", "12:30"]
    day = over_the_day(two[0], along)
    assert [one.service_level is None for one in day] == [False, True, False, False]
    assert [one.wait is None for one in day] == [False, True, False, False]
    assert day[1].offered_an_hour == (0.0, 0.0)
    assert "10:30\ndefault: –\nfifo: –" in page(two, Language.en)


def test_conversations_an_hour_add_up_to_all(two: list[Result]) -> None:
    day = over_the_day(two[0], stretches(two[0].scenario))
    each = [one.offered_an_hour.mean for one in day if one.offered_an_hour is not None]
    assert sum(each) * two[0].scenario.days == pytest.approx(two[0].figures().whole.offered.mean)


def test_only_measured_hours_are_plotted_and_those_of_a_long_day_together() -> None:
    found = ready(day={"opens": "22:00", "hours": 13, "measured": [1, 11.5]}).scenario
    along = stretches(found)
    assert [along[0], along[-1]] == [(1, 2), (11, 12)]
    assert [name_of(found, one.since) for one in along][:2] == ["23:00", "00:00"]
    long = ready(day={"hours": 100_000}).scenario
    assert len(stretches(long)) <= 48
    assert [stretches(long)[0].since, stretches(long)[-1].until] == [0, 100_000]
    assert name_of(long, 2400) == "2400"


@LANGUAGES
def test_names_are_text(two: list[Result], language: Language) -> None:
    bad = "<b>\"bold\" & 'co'"
    first = two[0]
    named = first.scenario.model_copy(update={"name": bad})
    html = page([replace(first, name=bad, scenario=named), two[1]], language)
    assert "<b>" not in html
    assert html.count(escape(bad)) > 4


@LANGUAGES
def test_what_was_assumed_is_told_and_what_differs_of_each(two: list[Result], language: Language) -> None:
    more = two[1].scenario.model_copy(update={"load": 0.9})
    html = page([two[0], replace(two[1], name="more", scenario=more)], language)
    told_ = dict(re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", html))
    words = {"en": ("Agents", "Seed", "Replications", "Load"), "tr": ("Temsilci", "Tohum", "Tekrar", "Yük")}[language]
    assert [told_[one] for one in words[:3]] == ["3", "7", "3"]
    assert told_[words[3]].endswith(f"; more: {share(0.9, language)}")
    streams = rows(html, {"en": "What was assumed", "tr": "Varsayımlar"}[language])
    assert streams["sohbet"][:2] == ["webchat", "0–40"]


def test_one_replication_has_no_intervals() -> None:
    html = page(results("default", replications=1), Language.en)
    assert "interval" not in html[: html.index("<footer>")]
    assert "±" not in html[: html.index("<footer>")]
    assert '<path class="band' not in html


def test_nobody_who_writes_and_nobody_who_answers_are_no_fault() -> None:
    silent = results("default", traffic=[
        {"name": "a", "channel": "sms", "queues": "genel", "per_hour": 0, "handling": {"constant": 1}},
    ])  # fmt: skip
    assert "Nothing was measured." in page(silent, Language.en)
    empty = results("default", groups=[
        {"name": "ekip", "count": 3, "skills": ["genel"], "shifts": {"sat": ["09:00-10:00"]}},
    ])  # fmt: skip
    assert among_agents(empty[0]) is None
    assert rows(page(empty, Language.en), "Among agents")["default"] == ["–"] * 7


def test_without_results_there_is_no_page() -> None:
    with pytest.raises(ValueError, match="no results"):
        page([], Language.en)
