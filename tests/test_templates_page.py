"""docs/templates.md: its template is right, reads as the page says, and every filter prints what its row says."""

from __future__ import annotations

import re
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml

from router.segments import plainer, split
from router.template_checks import check
from router.template_engine import fill
from router.template_sandbox import FILTERS
from router.templates import Template, render
from santral import config_yaml
from santral.config_places import Fault

PAGE = (Path(__file__).resolve().parent.parent / "docs" / "templates.md").read_text("utf-8")
(YAML,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
TEXTS = re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)
ROWS = re.findall(r"^\| `(\{\{.*?\}\})` \| (.*?) \| (.*?) \|$", PAGE, re.MULTILINE)
ISTANBUL = ZoneInfo("Europe/Istanbul")
VALUES = {
    "order": {"number": 1042, "total": 1299.9, "arrives": "2026-03-05"},
    "at": "2026-03-05T11:30:00Z",
    "city": "diyarbakır",
    "tags": ["a", "b"],
}


@pytest.fixture
def template(tmp_path: Path) -> Template:
    path = tmp_path / "templates.yaml"
    path.write_text(YAML, "utf-8")
    faults: list[Fault] = []
    (written,) = config_yaml.read(path, faults)["templates"]
    assert faults == []
    return Template.model_validate(written)


def test_nothing_is_wrong_with_the_example(template: Template) -> None:
    assert check(template, channels=["email"], languages=["tr", "en"]) == []


def test_the_example_reads_as_the_page_says(template: Template) -> None:
    for language, text in zip(("tr", "en"), TEXTS, strict=False):
        assert render(template, "email", [language], template.needs, zone=ISTANBUL).text + "\n" == text
    sent = render(template, "whatsapp", ["tr"], {**template.needs, "name": None}, zone=ISTANBUL)
    assert sent.text == "Merhaba Değerli Müşterimiz, 1042 numaralı siparişiniz yolda."
    sms = render(template, "sms", ["tr"], template.needs, zone=ISTANBUL)
    assert (split(sms.text).encoding, split(sms.text).count) == ("GSM-7", 1)


@pytest.mark.parametrize(("source", "turkish", "english"), ROWS)
def test_each_filter_prints_what_its_row_says(source: str, turkish: str, english: str) -> None:
    for language, text in (("tr", turkish), ("en", english)):
        assert fill(source.replace("\\|", "|"), VALUES, language=language, zone=ISTANBUL)[0] == text


def test_every_filter_is_on_the_page() -> None:
    assert all(re.search(rf"\| {name}\b", PAGE.replace("\\|", "|")) for name in FILTERS)


def test_the_letters_that_the_page_names_are_those_that_cost() -> None:
    cheap, dear = re.findall(r"letters `(.*?)` are in the alphabet and `(.*?)` are not", PAGE)[0]
    assert split(cheap).costly == ()
    assert split(dear).costly == tuple(dear.replace(" ", ""))
    assert plainer("ş" * 71) is not None


def test_the_examples_are_yaml_that_any_reader_reads() -> None:
    assert yaml.safe_load(YAML)["templates"][0]["name"] == "siparis-yolda"
