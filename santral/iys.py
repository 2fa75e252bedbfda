"""Turkey's İYS (İleti Yönetim Sistemi): its records of consent as ours, and ours as its, in CSV and JSON.

Fields and values are those of a record in its API ("İzin ekleme", apidocs.iys.org.tr): `recipient`, `recipientType` (BIREYSEL, TACIR),
`type` (ARAMA, MESAJ, EPOSTA), `status` (ONAY, RET), `source`, `consentDate` (`YYYY-MM-DD HH:mm:ss`, Turkey's time). The page itself was not
read: the values are as İYS's integrators tell them, who agree: Netgsm (github.com/netgsm/netiys), iletiMerkezi ("İYS Consent Register
API"), Verimor, and for sources beginning with IYS_ (said at İYS itself) Mysoft ("IYS Api", 2.10).
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any, TextIO
from zoneinfo import ZoneInfo

from router.errors import Invalid
from router.suppressions import place_of
from santral.contact_files import BadFile, Reader, Refusal, decoded, plain, table

FIELDS = ("type", "source", "recipient", "recipientType", "status", "consentDate")
_ZONE = ZoneInfo("Europe/Istanbul")
_TIME = "%Y-%m-%d %H:%M:%S"
_CHANNELS = {"MESAJ": "sms", "EPOSTA": "email"}
_TYPES = {channel: type_ for type_, channel in _CHANNELS.items()}
_COMPANY = (
    "FIZIKSEL_ORTAM", "ISLAK_IMZA", "WEB", "CAGRI_MERKEZI", "SOSYAL_MEDYA", "EPOSTA", "MESAJ", "MOBIL", "EORTAM", "ETKINLIK", "2015",
    "ATM", "KARAR",
)  # fmt: skip
SOURCES = frozenset(f"HS_{name}" for name in _COMPANY)
"""What a company may say; what begins with IYS_ was said at İYS itself and only ever comes from there."""
_SOURCE = re.compile(r"(HS|IYS)_[A-Z0-9_]{2,40}")
_BY_HOW = {
    "form": "HS_WEB", "message": "HS_MESAJ", "link": "HS_WEB", "one-click": "HS_EPOSTA", "agent": "HS_CAGRI_MERKEZI",
    "paper": "HS_FIZIKSEL_ORTAM", "app": "HS_MOBIL", "event": "HS_ETKINLIK", "social": "HS_SOSYAL_MEDYA", "provider": "HS_MESAJ",
    "complaint": "HS_EPOSTA", "decision": "HS_KARAR", "import": "HS_EORTAM",
}  # fmt: skip
_HEADERS = {
    "type": "type, izin turu, tur",
    "source": "source, izin kaynagi, kaynak",
    "recipient": "recipient, alici",
    "recipientType": "recipienttype, recipient type, alici tipi, alici turu",
    "status": "status, izin durumu, durum, onay 1 ret 0",
    "consentDate": "consentdate, consent date, izin tarihi, tarih",
}
_KNOWN = {header: field for field, headers in _HEADERS.items() for header in headers.split(", ")}


def ours(record: Mapping[str, Any], reader: Reader) -> dict[str, Any]:
    """A record of İYS's as a row of `POST /v1/consents`. Raises Invalid, which names İYS's field."""
    said = {field: str(record.get(field) or "").strip() for field in FIELDS}
    if said["type"] == "ARAMA":
        raise Invalid("Santral makes no calls: consent to calls is not kept", field="type")
    channel = _CHANNELS.get(said["type"])
    if channel is None:
        raise Invalid(f"'{said['type'][:20]}' is none of ARAMA, MESAJ, EPOSTA", field="type")
    given = {"ONAY": True, "1": True, "RET": False, "0": False}.get(said["status"])
    if given is None:
        raise Invalid(f"'{said['status'][:20]}' is neither ONAY nor RET", field="status")
    if said["recipientType"] not in ("", "BIREYSEL", "TACIR"):
        raise Invalid(f"'{said['recipientType'][:20]}' is neither BIREYSEL nor TACIR", field="recipientType")
    if said["source"] and not _SOURCE.fullmatch(said["source"]):
        raise Invalid(f"'{said['source'][:40]}' is no source of İYS's, such as HS_WEB", field="source")
    try:
        at = datetime.strptime(said["consentDate"], _TIME).replace(tzinfo=_ZONE)
    except ValueError:
        raise Invalid(
            f"'{said['consentDate'][:30]}' is no time like 2026-03-02 09:00:00", field="consentDate"
        ) from None
    try:
        given_as = said["recipient"] if channel == "email" else reader.phone(_with_plus(said["recipient"]), "recipient")
        address = place_of(channel, given_as)[1]
    except Invalid as refused:
        raise Invalid(str(refused), field="recipient") from None
    row = {"channel": channel, "address": address, "purpose": "marketing", "given": given, "how": "registry"}
    row |= {"at": at.isoformat(), "merchant": said["recipientType"] == "TACIR"}
    return row | ({"source": said["source"]} if said["source"] else {})


def theirs(record: Mapping[str, Any]) -> dict[str, str] | None:
    """A record of `GET /v1/consents` as İYS takes it; None for one that is none of its: another channel, a number of another country."""
    type_ = _TYPES.get(record["channel"])
    if type_ is None or (type_ == "MESAJ" and not record["address"].startswith("+90")):
        return None
    source = record.get("source") if record.get("source") in SOURCES else _BY_HOW.get(record["how"], "HS_EORTAM")
    if source == "HS_KARAR" and record["given"]:
        source = "HS_EORTAM"  # the company's own decision can only be a refusal
    return {
        "type": type_,
        "source": str(source),
        "recipient": record["address"],
        "recipientType": "TACIR" if record["merchant"] else "BIREYSEL",
        "status": "ONAY" if record["given"] else "RET",
        "consentDate": datetime.fromisoformat(record["at"]).astimezone(_ZONE).strftime(_TIME),
    }


class IysCsv:
    """A table with a line for each record, under the API's names or the Turkish ones of İYS's own screens."""

    def rows(self, data: bytes) -> Iterator[tuple[int, dict[str, Any] | Refusal]]:
        """Each line as ours. Raises BadFile."""
        text = decoded(data)
        separator = max(";,\t", key=text.partition("\n")[0].count)
        header, rows = table(text, separator)
        columns = [_KNOWN.get(plain(cell), "") for cell in header]
        if missing := [field for field in FIELDS if field not in columns and field != "recipientType"]:
            raise BadFile(f"there is no column {', '.join(missing)}")
        for line, row in rows:
            yield line, row if isinstance(row, Refusal) else _judged(line, dict(zip(columns, row, strict=False)))

    def written(self, records: Iterable[Mapping[str, Any]], out: TextIO) -> tuple[int, int]:
        """A header and a line for each record."""
        writer = csv.DictWriter(out, FIELDS)
        writer.writeheader()
        kept = [theirs(one) for one in records]
        writer.writerows(one for one in kept if one is not None)
        return sum(one is not None for one in kept), sum(one is None for one in kept)


class IysJson:
    """A list of records, as the API's call for several takes it."""

    def rows(self, data: bytes) -> Iterator[tuple[int, dict[str, Any] | Refusal]]:
        """Each record as ours, numbered from 1. Raises BadFile."""
        try:
            records = json.loads(data)
        except (ValueError, RecursionError):
            raise BadFile("the file is no JSON") from None
        if isinstance(records, dict):
            records = records.get("list", records.get("consents"))
        if not isinstance(records, list):
            raise BadFile("the file is no list of records")
        for number, record in enumerate(records, 1):
            if isinstance(record, dict):
                yield number, _judged(number, record)
            else:
                yield number, Refusal(number, "", "this is no record")

    def written(self, records: Iterable[Mapping[str, Any]], out: TextIO) -> tuple[int, int]:
        """The list."""
        kept = [theirs(one) for one in records]
        json.dump([one for one in kept if one is not None], out, ensure_ascii=False, indent=1)
        return sum(one is not None for one in kept), sum(one is None for one in kept)


def _judged(line: int, record: Mapping[str, Any]) -> dict[str, Any] | Refusal:
    try:
        return ours(record, _READER)
    except Invalid as refused:
        return Refusal(line, refused.field or "", str(refused))


_READER = Reader(date.min, "TR", "Europe/Istanbul")


def _with_plus(text: str) -> str:
    """İYS's numbers come with and without their +: 905321112233."""
    return f"+{text}" if re.fullmatch(r"90[0-9]{10}", text) else text
