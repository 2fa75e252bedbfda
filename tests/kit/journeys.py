"""A small shop whose campaigns are tried: its files, and cases written about them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

from router.config import Config
from santral.configuration import load
from santral.journey_cases import FOLDER, PlacedJourney, read

SHOP = """
inboxes:
  - {name: destek, channel: email, address: destek@example.com, display_name: Örnek, queue: genel, language: tr}
  - {name: sms, channel: twilio, address: "+15005550100", display_name: Örnek, queue: genel, language: tr, secret: twilio}
queues:
  - {name: genel, skill: genel, first_response_minutes: 600}
agents:
  - {name: ayse, display_name: Ayşe, skills: [genel]}
templates:
  - name: tesekkur
    purpose: service
    needs: {total: 10}
    channels:
      sms: {tr: "{{ total | number }} TL icin tesekkurler."}
      email: {tr: {subject: "Teşekkürler", text: "{{ total | number }} TL için teşekkürler."}}
  - {name: sepet, purpose: service, channels: {sms: {tr: "Sepetiniz bekliyor: https://shop.example/sepet"}}}
  - {name: indirim, purpose: marketing, channels: {sms: {tr: "Indirim! Cikis: {{ unsubscribe }}"}}}
  - {name: indirim-b, purpose: marketing, channels: {sms: {tr: "Büyük indirim, şimdi! Cikis: {{ unsubscribe }}"}}}
  - name: memnun
    purpose: service
    needs: {survey: "https://x.example/s/0"}
    channels: {sms: {tr: "1-5 arasi bir puan yazin: {{ survey }}"}}
campaigns:
  - {name: tesekkur, starts: {event: purchase.completed}, values: {total: {event: order.total}}, steps: [{send: tesekkur}]}
  - name: sepet
    starts: {event: cart.abandoned}
    exits: [reply, complaint, click, purchase.completed]
    steps: [{wait: 2h}, {send: sepet}, {wait: 1d, at: "10:00"}, {send: sepet}]
  - name: bayram
    starts: {at: "2026-03-20T10:00", zone: Europe/Istanbul}
    everyone: true
    holdout_percent: 10
    steps: [{variants: [{name: a, template: indirim}, {name: b, template: indirim-b}]}]
  - {name: kutlama, starts: {birthday: "10:00"}, everyone: true, steps: [{send: indirim}]}
  - {name: anket, starts: {conversation: resolved}, steps: [{wait: 1h}, {send: memnun, survey: csat}]}
  - {name: elle, starts: {by_hand: true}, segment: vip, steps: [{send: indirim}], budget: {most: 1}}
  - {name: haftalik, starts: {cron: "0 10 * * mon", zone: recipient}, everyone: true, steps: [{send: indirim}]}
  - {name: kapali, starts: {event: cart.abandoned}, enabled: false, steps: [{send: sepet}]}
segments:
  - {name: vip, when: 'contact.tags.exists(tag, tag == "vip")'}
outreach: {zone: Europe/Istanbul, prices: {sms: 0.05, email: 0.001}, currency: TRY, rates: {sms: 10}}
"""


def shop(directory: Path) -> Config:
    """The shop's configuration, in its files."""
    (directory / "shop.yaml").write_text(SHOP, "utf-8")
    return load(directory)


def written(directory: Path, *cases: dict[str, Any]) -> None:
    """A file of cases."""
    (directory / FOLDER).mkdir(exist_ok=True)
    text = yaml.safe_dump({"journeys": list(cases)}, allow_unicode=True, sort_keys=False)
    (directory / FOLDER / "some.yaml").write_text(text, "utf-8")


def placed(directory: Path, config: Config, *cases: dict[str, Any]) -> tuple[list[PlacedJourney], list[str]]:
    """Cases as they are read, and what is wrong with them."""
    written(directory, *cases)
    found, faults = read(directory / FOLDER, config)
    return found, list(map(str, faults))


def csv(people: Iterable[dict[str, str]]) -> str:
    """A file of contacts."""
    rows = list(people)
    names = list(dict.fromkeys(name for row in rows for name in row))
    return "\n".join([",".join(names), *(",".join(row.get(name, "") for name in names) for row in rows)]) + "\n"
