"""Templates of what the stack writes first: a text for each channel and language, filled in from values, or not sent at all.

A value that is missing raises Unrenderable before anything leaves: nobody reads "Dear ,". See docs/templates.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Annotated, Any

from pydantic import Field, JsonValue, StringConstraints, model_validator

from router.errors import Invalid
from router.purposes import Purpose
from router.wordings import chosen
from router.written import Language, Model, Slug

_Written = Annotated[str, StringConstraints(min_length=1, max_length=100_000)]
PLACE = re.compile(r"\{\{\s*(\d+)\s*\}\}")
"""A variable in the body of a message that a provider approved: {{1}}."""


class Unrenderable(Invalid):
    """This template cannot become a message with these values: nothing is sent. `variable` is None where no value is missing."""

    def __init__(
        self, template: str, channel: str, language: str | None, what: str, *, part: str | None = None,
        line: int | None = None, variable: str | None = None,
    ) -> None:  # fmt: skip
        place = ", ".join(
            word for word in (channel, language, part, f"line {line}" if line is not None else None) if word
        )
        super().__init__(f"template '{template}', {place}: {what}", field=variable)
        self.template, self.channel, self.language = template, channel, language
        self.part, self.line, self.variable, self.what = part, line, variable, what


class Mail(Model):
    """An e-mail: the HTML is an alternative to the text, which every mail has."""

    subject: _Written = Field(description="one line")
    text: _Written = Field(description="what is read where no HTML is")
    html: _Written | None = Field(default=None, description="values are escaped in it")


class Approved(Model):
    """A message that WhatsApp approved beforehand, as it reads there, and what stands in its variables."""

    approved: Annotated[str, StringConstraints(min_length=1, max_length=512)] = Field(
        description="its name at the provider; Twilio: its ContentSid"
    )
    body: _Written = Field(description="as it was approved, with {{1}}, {{2}}...: what the desk and a preview show")
    parameters: tuple[_Written, ...] = Field(
        default=(), max_length=50, description="what stands for {{1}}, {{2}}..., in order"
    )
    code: str | None = Field(default=None, description="its language at the provider, where that is another: tr, en_GB")


class Channels(Model):
    """The texts of a template: by channel, then by language. A channel that is not here is not written to."""

    email: dict[Language, Mail] = Field(default={}, description="by language")
    sms: dict[Language, _Written] = Field(default={}, description="by language")
    whatsapp: dict[Language, Approved] = Field(default={}, description="by language")
    telegram: dict[Language, _Written] = Field(default={}, description="by language")
    messenger: dict[Language, _Written] = Field(default={}, description="by language")
    instagram: dict[Language, _Written] = Field(default={}, description="by language")
    webchat: dict[Language, _Written] = Field(default={}, description="by language")


class Template(Model):
    """What is written to people who did not ask just now, on each channel and in each language."""

    name: Slug
    purpose: Purpose = Field(description="what consent it needs: transactional, service or marketing")
    needs: dict[str, JsonValue] = Field(
        default={}, description="the values it is filled in with, by name, each with an example"
    )
    optional: tuple[str, ...] = Field(
        default=(), description="those of them that may be missing, as paths: name, order.note"
    )
    channels: Channels = Field(description="the texts, by channel and language")

    @model_validator(mode="after")
    def _has_a_text(self) -> Template:
        if not any(True for _ in self.texts):
            raise ValueError("has no text on any channel; write one under `channels`")
        return self

    @property
    def texts(self) -> Iterator[tuple[str, str]]:
        """Each channel and language there is."""
        for channel in self.written:
            yield from ((channel, language) for language in getattr(self.channels, channel))

    @property
    def written(self) -> list[str]:
        """The channels that have a text."""
        return [channel for channel in Channels.model_fields if getattr(self.channels, channel)]


@dataclass(frozen=True, slots=True)
class Part:
    """One source of a template. `name`: subject, text, html, or parameters[0] and so on."""

    name: str
    source: str

    @property
    def html(self) -> bool:
        """Are its values escaped?"""
        return self.name == "html"


@dataclass(frozen=True, slots=True)
class Rendered:
    """A template filled in. `text` is what people read (of an approved message too); `parameters` fill in `approved`.

    `untracked`: addresses in it that stay as they are (router/links.py).
    """

    language: str
    text: str
    subject: str | None = None
    html: str | None = None
    approved: str | None = None
    code: str | None = None
    parameters: tuple[str, ...] = ()
    untracked: frozenset[str] = frozenset()


GIVEN: Mapping[str, str] = {"unsubscribe": "https://example.com/u/0123456789"}
"""What every template may use without naming it in `needs`, with an example: where the reader ends these messages."""


def parts(template: Template, channel: str, language: str) -> tuple[Part, ...]:
    """The sources of one text; those of a message approved elsewhere are its parameters."""
    written: Mail | Approved | str = getattr(template.channels, channel)[language]
    match written:
        case Mail():
            found = (Part("subject", written.subject), Part("text", written.text))
            return found if written.html is None else (*found, Part("html", written.html))
        case Approved():
            return tuple(Part(f"parameters[{index}]", one) for index, one in enumerate(written.parameters))
    return (Part("text", written),)


def render(
    template: Template, channel: str, languages: Sequence[str | None], values: Mapping[str, Any], *, zone: tzinfo
) -> Rendered:
    """The message for somebody who reads these languages, best first, then English; times are told by the zone's clock.

    `values` is plain data: texts, numbers, dates (or ISO 8601 texts), lists, mappings. A null is missing. Raises Unrenderable.
    """
    texts: Mapping[str, Any] = getattr(template.channels, channel, {})
    found = chosen(dict.fromkeys(texts, ""), languages)
    if found is None:
        wanted = ", ".join(dict.fromkeys(filter(None, (*languages, "en"))))
        what = f"there is no text in any of {wanted}" if texts else "there is no text for this channel"
        raise Unrenderable(template.name, channel, None, what)
    return render_in(template, channel, found[1], values, zone=zone)


def render_in(template: Template, channel: str, language: str, values: Mapping[str, Any], *, zone: tzinfo) -> Rendered:
    """The message in a language that the channel's texts have. Raises Unrenderable."""
    from router.template_engine import Broken, fill  # Jinja is for who renders

    written: Mail | Approved | str = getattr(template.channels, channel)[language]
    filled: dict[str, str] = {}
    untracked: set[str] = {values["unsubscribe"]} if isinstance(values.get("unsubscribe"), str) else set()
    for part in parts(template, channel, language):
        try:
            text, marked = fill(part.source, values, language=language, zone=zone, html=part.html)
        except Broken as error:
            line, what = error.faults[0]
            raise Unrenderable(
                template.name, channel, language, what, part=part.name, line=line, variable=error.variable
            ) from None
        one_line = part.name == "subject" or isinstance(written, Approved)
        filled[part.name] = " ".join(text.split()) if one_line else text.strip()
        untracked |= marked
        if not filled[part.name]:
            raise Unrenderable(template.name, channel, language, "nothing is left to read", part=part.name)
    marks = frozenset(untracked)
    if isinstance(written, Approved):
        parameters = tuple(filled.values())
        return Rendered(
            language, _body(written.body, parameters), approved=written.approved, parameters=parameters, untracked=marks,
            code=written.code or language.replace("-", "_"),
        )  # fmt: skip
    return Rendered(language, filled["text"], filled.get("subject"), filled.get("html"), untracked=marks)


def _body(body: str, parameters: Sequence[str]) -> str:
    """An approved message as it will read. A variable without a parameter stays: `check` tells it."""

    def one(found: re.Match[str]) -> str:
        number = int(found[1])
        return parameters[number - 1] if 0 < number <= len(parameters) else found[0]

    return PLACE.sub(one, body)
