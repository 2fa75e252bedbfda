"""Somebody who reads an explanation: their language, the zone their times are in, and how names, reasons and times are put to them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from router import explaining_words as words
from router.config import Config
from router.explaining_deadline_phrases import DEADLINES
from router.explaining_facts import FACTS
from router.explaining_needs import said, unmet
from router.explaining_now_phrases import NOW
from router.explaining_outreach_phrases import OUTREACH
from router.explaining_phrases import STORY
from router.explaining_reasons import CHOSEN, REASONS
from router.explaining_sla_phrases import SLA
from router.requirements import from_text

PHRASES = {**STORY, **DEADLINES, **NOW, **SLA, **OUTREACH}
"""Every sentence, by key."""

_CALLED = re.compile(r"([\w.]+)\((.*?)(?:, (.*))?\)")
_NAMED = 20
"""So many names a sentence holds; then it counts."""
_NOTE = 200


@dataclass(frozen=True, slots=True)
class Reader:
    """`config` is the one in force: it has people's names. With `names` colleagues are told by name, else counted."""

    language: str
    zone: str
    config: Config
    names: bool

    def say(self, key: str, /, **values: Any) -> str:
        """A phrase, filled in; `n` 1 takes the singular where there is one."""
        if values.get("n") == 1 and f"{key}.1" in PHRASES:
            key = f"{key}.1"
        return PHRASES[key][self.language].format_map(values)

    # --- times -----------------------------------------------------------------------------------------------------

    def clock(self, at: datetime, near: datetime | None = None) -> str:
        """The time of day, with its date unless it is that of `near`; seconds where there are any."""
        local = at.astimezone(ZoneInfo(self.zone))
        told = f"{local:%H:%M:%S}" if local.second else f"{local:%H:%M}"
        if near is None or local.date() == near.astimezone(ZoneInfo(self.zone)).date():
            return told
        date = f"{local.day} {words.MONTHS[self.language][local.month - 1]}"
        return f"{date} {told}" if self.language == "tr" else f"{told} on {date}"

    def day(self, at: datetime) -> str:
        """The date, with its weekday."""
        local = at.astimezone(ZoneInfo(self.zone))
        weekday, month = words.DAYS[self.language][local.weekday()], words.MONTHS[self.language][local.month - 1]
        date = f"{local.day} {month} {local.year}"
        return f"{date} {weekday}" if self.language == "tr" else f"{weekday}, {date}"

    def span(self, seconds: float) -> str:
        """How long, by its two largest units."""
        left, told = max(0, round(seconds)), []
        for size, one, many in words.SPANS[self.language]:
            count, left = divmod(left, size)
            if count:
                told.append(f"{count} {one if count == 1 else many}")
        return " ".join(told[:2]) or f"0 {words.SPANS[self.language][-1][2]}"

    # --- names -----------------------------------------------------------------------------------------------------

    def agent(self, name: object) -> str:
        """An agent by the name that people know."""
        known = self.config.agent(str(name)) if name else None
        return known.display_name if known is not None else str(name or self.say("nobody"))

    def who(self, name: str) -> str:
        """Who did something, at the beginning of a sentence."""
        if name.startswith("client:"):
            found = self.say("machine", name=name.removeprefix("client:"))
        elif name in ("customer", "clock", "absence", "match", "proof"):
            found = self.say("customer" if name == "customer" else "santral")
        else:
            return self.agent(name)
        return self.capital(found)

    def capital(self, text: str) -> str:
        """With a capital; a Turkish i has its own."""
        first = "İ" if self.language == "tr" and text[:1] == "i" else text[:1].upper()
        return first + text[1:]

    def listed(self, items: Sequence[str]) -> str:
        """Ali, Veli and Can."""
        if len(items) < 2:
            return "".join(items)
        return self.say("list", most=", ".join(items[:-1]), last=items[-1])

    def people(self, names: Sequence[str], most: int = _NAMED) -> str:
        """Agents by name; of many the first, and how many more."""
        told = [self.agent(name) for name in names[:most]]
        if len(names) > most:
            told.append(self.say("more", n=len(names) - most))
        return self.listed(told)

    def channel(self, name: object) -> str:
        """A channel."""
        known = words.CHANNELS.get(str(name))
        return known[self.language] if known is not None else str(name)

    def tongue(self, code: object) -> str:
        """A language."""
        known = words.SPOKEN.get(str(code).partition("-")[0].lower())
        return known[self.language] if known is not None else str(code)

    def quoted(self, name: object) -> str:
        """A word of the configuration."""
        return f"“{name}”"

    def note(self, text: object) -> str:
        """What a colleague wrote, on one line and not too long."""
        line = " ".join(str(text).split())
        return line if len(line) <= _NOTE else line[: _NOTE - 1] + "…"

    def needs(self, text: object) -> str:
        """A requirement as decisions hold it (`billing>=3 and (tr or en)`), in words; what is none as it stands."""
        try:
            return said(from_text(str(text)), self.language)
        except ValueError:
            return str(text)

    def points(self, score: float) -> str:
        """A score, to three digits where it is small."""
        told = f"{score:.0f}" if abs(score) >= 1000 else f"{score:.3g}"
        return told.replace(".", ",") if self.language == "tr" else told

    # --- reasons ---------------------------------------------------------------------------------------------------

    def reason(self, key: str, *, n: int = 0, units: object = "?", form: int = 1, of: Config | None = None) -> str:
        """Why somebody could not take it, by the version `of`. `form` 0: of `n` people; 1: after a name; 2: to the reader."""
        kind, _, what = key.partition(":")
        values = {
            "n": n,
            "what": what or kind,
            "units": units,
            "state": self.state(what, of),
            "channel": self.channel(what),
        }
        if kind == "skill":
            try:
                kind, more = unmet(from_text(what), self.language)
            except ValueError:
                more = {"needs": what}
            values |= more
        texts = REASONS.get(kind, REASONS[""])
        return texts[self.language][form].format_map(values)

    def state(self, presence: str, of: Config | None = None) -> str:
        """What an agent is up to, in words: those of the version `of`, and of the one in force where that has none."""
        if presence and presence in words.STATES:
            return words.STATES[presence][self.language]
        states = [*(of.presences if of is not None else ()), *self.config.presences]
        known = next((one for one in states if one.name == presence), None)
        label = known.label.get(self.language, presence) if known is not None else presence
        return words.STATES[""][self.language].format(label=label)

    def reasons(self, excluded: Mapping[str, Sequence[str] | int], units: object, of: Config | None = None) -> str:
        """Why these could not take it, by the version `of`: each reason with who, or how many."""
        told = []
        for key, agents in excluded.items():
            if self.names and not isinstance(agents, int):
                told.append(f"{self.people(agents)} ({self.reason(key, units=units, of=of)})")
            else:
                count = agents if isinstance(agents, int) else len(agents)
                told.append(self.reason(key, n=count, units=units, form=0, of=of))
        return "; ".join(told)

    def chosen(self, steps: Iterable[str]) -> str:
        """What told the agent from the others that fit."""
        told = []
        for step in steps:
            number = next(iter(re.findall(r"\d+", step)), "")
            key = step if step in CHOSEN else step.partition(" ")[0]
            known = CHOSEN.get(key)
            told.append(known[self.language].format(n=number) if known is not None else step)
        return "; ".join(told)

    # --- rules -----------------------------------------------------------------------------------------------------

    def why(self, facts: Mapping[str, Any]) -> str:
        """On what grounds a rule matched."""
        return self.listed([self.fact(name, value) for name, value in facts.items()])

    def fact(self, name: str, value: Any) -> str:
        """One of the grounds."""
        called = _CALLED.fullmatch(name)
        bare, first, second = called.groups() if called else (name, None, None)
        found = value.get("words") if isinstance(value, dict) else None
        keys = [f"{bare}.words"] if found else [f"{bare}.{str(value).lower()}"] if isinstance(value, bool) else []
        known = next((FACTS[key] for key in (*keys, bare) if key in FACTS), FACTS[""])
        values = {
            "fact": name, "first": self.quoted(first) if bare in ("open", "conversation.contactsInDays") else first,
            "second": second, "value": self._value(found or value), "channel": self.channel(value), "language": self.tongue(value),
            "channels": self.listed([self.channel(one) for one in value]) if isinstance(value, list) else value,
            "proof": words.PROOFS.get(str(value), {}).get(self.language, value), "time": self._time(value),
            "day": self._weekday(value),
        }  # fmt: skip
        return known[self.language].format_map(values)

    def _value(self, value: Any) -> str:
        if isinstance(value, list | tuple):
            return self.listed([self.quoted(one) for one in value]) or "–"
        return self.quoted(value) if isinstance(value, str) else str(value).lower()

    def _time(self, value: Any) -> str:
        try:
            at = datetime.fromisoformat(value)
        except (TypeError, ValueError):
            return str(value)
        at = at if at.tzinfo is not None else at.replace(tzinfo=UTC)
        return f"{self.day(at)} {self.clock(at)}"

    def _weekday(self, value: Any) -> str:
        number = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 7
        return words.DAYS[self.language][(value - 1) % 7] if number else str(value)
