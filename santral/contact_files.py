"""A file of contacts read as people write one: in any of the usual encodings, separators and headers, Turkish and English.

Each row becomes what `POST /v1/contact-rows` takes, or is refused with its line, column and reason.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from router.errors import Invalid
from router.keywords import folded
from router.messages import ChannelName, Proof
from router.profile import Changes, attribute_name, changed
from router.records import Contact
from router.suppressions import place_of
from router.times import from_ms

_HEADERS: Mapping[str, str] = {
    "name": "name, full name, ad soyad, adi soyadi, isim soyisim, musteri adi, musteri",
    "first_name": "first name, given name, ad, adi, isim",
    "last_name": "last name, surname, family name, soyad, soyadi, soyisim",
    "email": "email, e mail, e mail address, email address, mail, e posta, eposta, e posta adresi, eposta adresi",
    "sms": "sms, phone, phone number, mobile, mobile phone, cell, gsm, gsm no, telefon, telefon no, telefon numarasi, cep, cep telefonu",
    "whatsapp": "whatsapp, whatsapp no, whatsapp number",
    "language": "language, lang, dil",
    "zone": "zone, time zone, timezone, saat dilimi",
    "birthday": "birthday, birth date, date of birth, dogum gunu, dogum tarihi",
    "tags": "tags, tag, etiketler, etiket",
    "preferred": "preferred, preferred channel, tercih edilen kanal, tercih",
    "email_consent": "email consent, e mail consent, e posta izni, eposta izni, e posta onayi, eposta onayi",
    "sms_consent": "sms consent, sms izni, sms onayi, mesaj izni, mesaj onayi",
    "whatsapp_consent": "whatsapp consent, whatsapp izni, whatsapp onayi",
    "consent_at": "consent at, consent date, izin tarihi, onay tarihi",
    "consent_source": "consent source, izin kaynagi, onay kaynagi",
}
_KNOWN = {header: field for field, headers in _HEADERS.items() for header in headers.split(", ")}
_IGNORED = frozenset({"id", "first seen at"})  # of our own export
_LANGUAGES = {
    "turkce": "tr",
    "turkish": "tr",
    "ingilizce": "en",
    "english": "en",
    "almanca": "de",
    "german": "de",
    "deutsch": "de",
}
_YES = frozenset({"1", "yes", "y", "true", "evet", "e", "onay", "var", "x"})
_NO = frozenset({"0", "no", "n", "false", "hayir", "h", "ret", "red", "yok"})
_SEPARATORS = (";", ",", "\t", "|")
_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,6})?")
_DAY_FIRST = re.compile(r"([0-9]{1,2})[./-]([0-9]{1,2})(?:[./-]([0-9]{4}))?")
_DAY_FIRST_TIME = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})(?: ([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?)?")
_GUARD = re.compile(r"'(?=[=+\-@\t\r])")
_NOBODY = Contact("p_", ChannelName.EMAIL, "", Proof.NONE, from_ms(0))


class BadFile(Exception):
    """The file as a whole cannot be read; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that is not taken in. Lines count from 1, the header among them."""

    line: int
    column: str
    reason: str


@dataclass(frozen=True, slots=True)
class Reader:
    """How a file is to be understood: `country` is that of numbers without one (ISO 3166), `zone` that of times without one."""

    today: date
    country: str | None = None
    zone: str = "UTC"

    def rows(self, data: bytes) -> Iterator[tuple[int, dict[str, Any] | Refusal]]:
        """Each row with its line: the API's row, or why it is none. Raises BadFile."""
        text = decoded(data)
        first = next((line for line in text.splitlines() if line.strip()), "")
        separator = max(_SEPARATORS, key=lambda one: (_named(first.split(one)), first.count(one)))
        header, rows = table(text, separator)
        columns = columns_of(header)
        for line, row in rows:
            yield line, row if isinstance(row, Refusal) else self._row(line, columns, header, row)

    def _row(
        self, line: int, columns: Sequence[str], header: Sequence[str], row: Sequence[str]
    ) -> dict[str, Any] | Refusal:
        if len(row) > len(columns) and any(cell.strip() for cell in row[len(columns) :]):
            return Refusal(line, "", f"the row has {len(row)} cells, the header {len(columns)}")
        cells = {
            name: _GUARD.sub("", cell.strip(), 1) for name, cell in zip(columns, row, strict=False) if cell.strip()
        }
        shown = dict(zip(columns, header, strict=True))
        try:
            return self._judged(cells)
        except Invalid as refused:
            field = (refused.field or "").removeprefix("attributes.")
            return Refusal(line, shown.get(field, field).strip(), str(refused))

    def _judged(self, cells: Mapping[str, str]) -> dict[str, Any]:
        addresses = []
        for channel in ("email", "sms", "whatsapp"):
            if channel in cells:
                said = cells[channel] if channel == "email" else self.phone(cells[channel], channel)
                try:
                    addresses.append({"channel": channel, "address": place_of(channel, said)[1]})
                except Invalid as refused:
                    raise Invalid(str(refused), field=channel) from None
        if not addresses:
            raise Invalid("the row has no address: neither e-mail nor phone", field="email")
        names = [cells[name] for name in ("first_name", "last_name") if name in cells]
        row: dict[str, Any] = {"addresses": addresses, "name": cells.get("name") or " ".join(names) or None}
        row["language"] = _LANGUAGES.get(folded(cells.get("language", "")), cells.get("language"))
        row["zone"], row["preferred"] = cells.get("zone"), cells.get("preferred", "").lower() or None
        row["birthday"] = birthday(cells["birthday"]) if "birthday" in cells else None
        row["tags"] = (
            [tag.strip() for tag in re.split(r"[,;|]", cells["tags"]) if tag.strip()] if "tags" in cells else None
        )
        attributes = {
            name: scalar(text) for name, text in cells.items() if name not in _HEADERS and not name.startswith(_SKIP)
        }
        row["attributes"] = attributes or None
        changed(
            _NOBODY,
            Changes(
                row["name"], row["language"], row["preferred"], row["zone"], row["birthday"],
                tuple(row["tags"]) if row["tags"] else None, attributes,
            ),
            self.today,
        )  # fmt: skip
        row["consents"] = list(self._consents(cells, addresses))
        return {name: value for name, value in row.items() if value not in (None, [])}

    def _consents(self, cells: Mapping[str, str], addresses: Sequence[Mapping[str, str]]) -> Iterator[dict[str, Any]]:
        for one in addresses:
            column = f"{one['channel']}_consent"
            if column not in cells:
                continue
            said = folded(cells[column])
            if said not in _YES | _NO:
                raise Invalid(f"'{cells[column][:20]}' is neither yes nor no", field=column)
            if "consent_at" not in cells:
                raise Invalid(
                    "a consent without its time proves nothing: give the date it was said", field="consent_at"
                )
            at = self.time(cells["consent_at"])
            yield {**one, "given": said in _YES, "at": at.isoformat(), "source": cells.get("consent_source")}

    def phone(self, text: str, field: str) -> str:
        """A number in E.164. Raises Invalid."""
        import phonenumbers  # 20 ms, which no other command should pay

        text = "+" + text[2:] if text.startswith("00") else text
        if self.country is None and not text.startswith("+"):
            raise Invalid("the number names no country: begin it with +90 or the like, or say --country", field=field)
        try:
            number = phonenumbers.parse(text, self.country)
        except phonenumbers.NumberParseException:
            raise Invalid(f"'{text[:30]}' is no phone number", field=field) from None
        if not phonenumbers.is_possible_number(number):
            raise Invalid(f"'{text[:30]}' has too few or too many digits for a phone number", field=field)
        return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))

    def time(self, text: str) -> datetime:
        """A time as ISO 8601 or `DD.MM.YYYY HH:MM[:SS]` says it, in the reader's zone unless it says its own. Raises Invalid."""
        try:
            if found := _DAY_FIRST_TIME.fullmatch(text):
                day, month, year, hour, minute, second = (int(part or 0) for part in found.groups())
                at = datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 - its zone is put in below
            else:
                at = datetime.fromisoformat(text)
        except ValueError:
            raise Invalid(
                f"'{text[:30]}' is no time: write 2026-03-02 09:00 or 02.03.2026 09:00", field="consent_at"
            ) from None
        return at if at.tzinfo is not None else at.replace(tzinfo=ZoneInfo(self.zone))


def decoded(data: bytes) -> str:
    """A file's text: UTF-8 with or without its mark, UTF-16 with it, else Windows-1254, which Turkish Excel writes. Raises BadFile."""
    encodings = ["utf-16"] if data.startswith((b"\xff\xfe", b"\xfe\xff")) else ["utf-8-sig", "cp1254"]
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise BadFile("the file is neither UTF-8 nor Windows-1254 text: save it as CSV UTF-8")


def table(text: str, separator: str) -> tuple[list[str], Iterator[tuple[int, list[str] | Refusal]]]:
    """A file's first row that has anything in it, and each such row after it with the line that it begins in. Raises BadFile."""
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    rows = _rows(lines)
    _, header = next(rows, (0, []))
    if isinstance(header, Refusal):
        raise BadFile(f"its first line cannot be read: {header.reason}")
    return header, rows


def _rows(lines: Any) -> Iterator[tuple[int, list[str] | Refusal]]:
    while True:
        line = lines.line_num + 1
        try:
            row = next(lines)
        except StopIteration:
            return
        except csv.Error as error:
            yield line, Refusal(line, "", str(error))
            continue
        if any(cell.strip() for cell in row):
            yield line, row


def columns_of(header: Sequence[str]) -> list[str]:
    """What each column is: a field of ours by any of its names, else an attribute. Raises BadFile."""
    columns = [_field(cell) for cell in header]
    if not {"email", "sms", "whatsapp"} & set(columns):
        raise BadFile("no column is an address: name one email (e-posta), phone (telefon) or whatsapp")
    twice = sorted({name for name in columns if name and columns.count(name) > 1})
    if twice:
        raise BadFile(f"two columns are '{twice[0]}': rename or remove one")
    for name, cell in zip(columns, header, strict=True):
        if name and name not in _HEADERS and name not in _IGNORED:
            try:
                attribute_name(name)
            except Invalid as refused:
                raise BadFile(f"column '{cell.strip()[:40]}': {refused}") from None
    return [f"{_SKIP}{index}" if not name or name in _IGNORED else name for index, name in enumerate(columns)]


_SKIP = "\0"


def birthday(text: str) -> str:
    """`YYYY-MM-DD`, `MM-DD`, or the day first with dots or strokes: 29.02.2000. Raises Invalid where a stroke leaves it open."""
    found = _DAY_FIRST.fullmatch(text)
    if found is None or (found[3] is None and "-" in text):
        return text
    day, month = int(found[1]), int(found[2])
    if "." not in text and day <= 12 and month <= 12 and day != month:
        raise Invalid(f"'{text}' may be two days: write YYYY-MM-DD or DD.MM.YYYY", field="birthday")
    if "." not in text and month > 12:
        day, month = month, day
    return (f"{found[3]}-" if found[3] else "") + f"{month:02d}-{day:02d}"


def scalar(text: str) -> str | int | float | bool:
    """An attribute's value: a number or a truth where the text can be nothing else; 0042 is a text."""
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    if _NUMBER.fullmatch(text) and text != "-0":
        return float(text) if "." in text else int(text)
    return text


def plain(cell: str) -> str:
    """A header as it is compared: small letters without accents, and one blank for all else."""
    return re.sub(r"[^a-z0-9]+", " ", folded(cell)).strip()


def _field(cell: str) -> str:
    name = plain(cell)
    return name if name in _IGNORED else _KNOWN.get(name, name.replace(" ", "_"))


def _named(cells: Sequence[str]) -> int:
    """How many cells of a header are columns that are known."""
    return sum(plain(cell) in _KNOWN for cell in cells)
