"""The texts of automatic answers, looked over: what must not reach a customer, and what is only worth a note."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta

from router.config import AutomaticAnswers, Config, Inbox, Rule
from router.escalations import TOLD
from router.segments import split
from router.targets import Sla
from router.wordings import PLACEHOLDER, SPOKEN, chosen, filled, within
from santral.config_places import Fault

KNOWN: Mapping[str, frozenset[str]] = {
    "acknowledgement": frozenset({"name", "company", "expected"}),
    "out_of_hours": frozenset({"name", "company", "expected", "opens"}),
    "stopped": frozenset({"name", "company"}),
    "started": frozenset({"name", "company"}),
    "help": frozenset({"name", "company"}),
    "tell": TOLD - {"voucher"},
    "tell with a voucher": TOLD,
}
MOST_SEGMENTS = 3
"""An SMS of more is a letter: each part is billed."""
_LONGEST = {
    "name": "Wolfeschlegelstein",
    "opens": "2 Eylül çarşamba günü saat 09:00",
    "expected": within(timedelta(minutes=15), "tr"),
    "due": "2 Eylül çarşamba günü saat 09:00",
    "voucher": "OZUR-7K4M-Q2XD",
}


def faults(config: Config, where: Mapping[tuple[str, str], str], directory: str) -> Iterator[Fault]:
    """Placeholders nobody fills: a customer would read them with their braces."""
    for index, one in enumerate(config.answers):
        file = where.get(("answers", one.queue), directory)
        for kind, texts in _texts(one).items():
            for language, what in _unfilled(kind, texts):
                yield Fault(file, f"answers[{index}].{kind}.{language} ({_name(one)})", what)
    for index, rule in enumerate(config.rules):
        file = where.get(("rules", rule.name), directory)
        for language, what in _unfilled("acknowledgement", rule.answer):
            yield Fault(file, f"rules[{index}].answer.{language} ({rule.name})", what)
    for index, policy in enumerate(config.sla):
        file = where.get(("sla", policy.name), directory)
        for number, escalation in enumerate(policy.escalate):
            kind = "tell" if escalation.voucher is None else "tell with a voucher"
            for language, what in _unfilled(kind, escalation.tell):
                yield Fault(file, f"sla[{index}].escalate[{number}].tell.{language} ({policy.name})", what)


def _unfilled(kind: str, texts: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Each language whose text has a placeholder that nobody fills, and what is wrong with it."""
    for language, text in texts.items():
        for name in PLACEHOLDER.findall(text):
            if name not in KNOWN[kind]:
                known = ", ".join(f"{{{known}}}" for known in sorted(KNOWN[kind]))
                yield language, f"nobody fills in {{{name}}} here; known are {known}"


def warnings(config: Config) -> list[str]:
    """What works and may not be meant: languages without a text, texts of many SMS, times told in numbers."""
    notes = [note for one in config.answers for note in _notes(config, one)]
    notes += [note for rule in config.rules for note in _rule_notes(config, rule)]
    return [*notes, *(note for policy in config.sla for note in _policy_notes(config, policy))]


def _policy_notes(config: Config, policy: Sla) -> Iterator[str]:
    name = f"sla {policy.name}"
    for number, escalation in enumerate(policy.escalate):
        kind = f"escalate[{number}].tell"
        for inbox in config.inboxes if escalation.tell else ():
            if chosen(escalation.tell, (inbox.language,)) is None:
                lacks = f"{name}: {kind} has no text in '{inbox.language}', the language of inbox '{inbox.name}', nor in English"
                yield f"{lacks}: nothing leaves"
        if escalation.voucher is not None and not escalation.tell:
            yield f"{name}: escalate[{number}] gives a code and no text: nobody tells the customer"
        for language, text in escalation.tell.items():
            if escalation.voucher is not None and "voucher" not in PLACEHOLDER.findall(text):
                yield f"{name}: {kind}.{language} does not tell the code: write {{voucher}} into it"
            yield from _numbers(name, kind, language, text)
            for inbox in config.inboxes:
                yield from _long(name, kind, language, text, inbox)


def _rule_notes(config: Config, rule: Rule) -> Iterator[str]:
    name = f"rule {rule.name}"
    for inbox in config.inboxes if rule.answer else ():
        if chosen(rule.answer, (inbox.language,)) is None:
            lacks = f"{name}: answer has no text in '{inbox.language}', the language of inbox '{inbox.name}', nor in English"
            yield f"{lacks}: what the queue says leaves"
    for language, text in rule.answer.items():
        yield from _numbers(name, "answer", language, text)
        for inbox in config.inboxes:
            yield from _long(name, "answer", language, text, inbox)


def _notes(config: Config, one: AutomaticAnswers) -> Iterator[str]:
    inboxes = [inbox for inbox in config.inboxes if inbox.queue == one.queue and one.inbox in (inbox.name, None)]
    inboxes = [inbox for inbox in inboxes if config.answers_for(one.queue, inbox.name) is one]
    for kind in ("acknowledgement", "out_of_hours"):
        texts = _texts(one)[kind]
        for inbox in inboxes if texts else ():
            found = chosen(texts, (inbox.language,))
            lacks = f"{_name(one)}: {kind} has no text in '{inbox.language}', the language of inbox '{inbox.name}'"
            if found is None:
                yield f"{lacks}, nor in English: nothing leaves"
            elif found[1].partition("-")[0] != inbox.language.partition("-")[0]:
                yield f"{lacks}: the English one leaves"
    for kind, texts in _texts(one).items():
        for language, text in texts.items():
            yield from _numbers(_name(one), kind, language, text)
            for inbox in inboxes:
                yield from _long(_name(one), kind, language, text, inbox)


def _numbers(name: str, kind: str, language: str, text: str) -> Iterator[str]:
    if language.partition("-")[0] not in SPOKEN and {"expected", "opens", "due"} & set(PLACEHOLDER.findall(text)):
        yield f"{name}: {kind}.{language}: times are told in words in {', '.join(sorted(SPOKEN))} only, here in numbers"


def _long(name: str, kind: str, language: str, text: str, inbox: Inbox) -> Iterator[str]:
    if inbox.channel != "twilio":
        return
    sent = split(filled(text, {**_LONGEST, "company": inbox.display_name or inbox.brand}))
    if sent.count > MOST_SEGMENTS:
        size = f"{sent.count} parts ({sent.encoding}), each billed"
        yield f"{name}: {kind}.{language} is too long for SMS by inbox '{inbox.name}': {size}"


def _texts(one: AutomaticAnswers) -> dict[str, dict[str, str]]:
    return {kind: getattr(one, kind) for kind in KNOWN if kind in AutomaticAnswers.model_fields}


def _name(one: AutomaticAnswers) -> str:
    return one.queue if one.inbox is None else f"{one.queue}, {one.inbox}"
