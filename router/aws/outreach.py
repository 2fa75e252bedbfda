"""Outreach: journeys beside their person, what caps count, runs over all contacts, turns at a provider."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from router.aws import rows
from router.aws.codec import Item, pack, unpack
from router.aws.consents import to_consent
from router.aws.dynamo import Change, Key, check, put, update
from router.aws.sends import Sends
from router.candidates import Reason
from router.consents import standing
from router.errors import Lost
from router.ids import contact_id
from router.journeys import MOST_HEARD, Heard, Journey, Stage, label
from router.outreach_values import PARTS, Control, Entered, Listed, Live, OutreachRow, Part, Person, Run
from router.records import Contact
from router.slots import ledger_of
from router.surveys import packed, unpacked

STOPPED = "campaigns"
"""The list of what waits for a person: campaigns out of budget, runs that ask."""
KEEP_SECONDS = 400 * 86_400
"""A journey that is over is kept for so long: no occurrence comes again later than that."""
_LIST_SHARDS = 8


class Outreach(Sends):
    """A journey is put once under campaign, occurrence and contact; every later write has the condition that nobody wrote meanwhile."""

    # --- people -----------------------------------------------------------------------------------------------------

    def person(self, contact: str) -> Person | None:
        """All that is known of somebody but suppressions: 1 call, 1 R for 4 KB; one more for each address joined from elsewhere."""
        return self.people([contact])[0]

    def people(self, contacts: Sequence[str]) -> list[Person | None]:
        """Several, in the order asked; None for who is not there: 1 call each, and one for each address joined from elsewhere.

        They are asked side by side, in two rounds.
        """
        own = self.dynamo.query_many([(f"P#{one}", {"between": ("consent#", "outreach")}) for one in contacts])
        met = [next((rows.to_contact(item) for item in items if item["sk"] == "contact"), None) for items in own]
        owners = [() if contact is None else self._owners(contact) for contact in met]
        asked = [(f"P#{owner}", {"between": ("consent#", "outreach")}) for some in owners for owner in some]
        elsewhere = iter(self.dynamo.query_many(asked))
        joined = [[item for _ in some for item in next(elsewhere)] for some in owners]
        return [
            None if contact is None else _person(contact, items, more)
            for contact, items, more in zip(met, own, joined, strict=True)
        ]

    def _owners(self, contact: Contact) -> Sequence[str]:
        """Contacts beside whose ids the consents of joined addresses stand, and what caps had counted of them."""
        places = [(str(one.channel), one.address) for one in contact.identities]
        owners = [contact_id(self.key, channel, address, proved=True) for channel, address in places]
        owners += [one.contact for one in contact.joined]
        return [owner for owner in dict.fromkeys(owners) if owner != contact.id]

    def with_suppressions(self, people: Sequence[Person]) -> list[Person]:
        """The same people with those of their addresses that nothing is sent to: 1 call for 100 addresses."""
        places = {(i.channel, i.address) for person in people for i in person.addresses}
        found = self.suppressed(places)
        return [
            replace(
                person, suppressed={p: found[p] for i in person.addresses if (p := (i.channel, i.address)) in found}
            )
            for person in people
        ]

    def outreach_row(self, contact: str) -> OutreachRow:
        """What caps count of a person, and their journeys: 1 R."""
        item = self.dynamo.get((f"P#{contact}", "outreach"))
        return _row(item) if item is not None else OutreachRow()

    def save_outreach_row(self, contact: str, before: OutreachRow, after: OutreachRow) -> Change:
        """Write it unless somebody did since: 2 T for each KB."""
        rest = {
            "sl": after.ledger.rows(),
            "lv": [[one.campaign, one.occurrence, *one.wants] for one in after.live],
            "en": [[one.campaign, one.at] for one in after.entered],
        }
        item: Item = {
            "pk": f"P#{contact}", "sk": "outreach", "v": before.version + 1,
            "sv": packed(after.asked) or None, "d": pack({name: value for name, value in rest.items() if value}),
        }  # fmt: skip
        if before.version == 0:
            return put("outreach", item, "attribute_not_exists(#pk)")
        return put("outreach", item, "#v = :v", {"v": before.version})

    def same_outreach_row(self, contact: str, row: OutreachRow) -> Change:
        """The condition that nobody wrote it since it was read: 2 R."""
        key = (f"P#{contact}", "outreach")
        if row.version == 0:
            return check("outreach", key, "attribute_not_exists(#pk)")
        return check("outreach", key, "#v = :v", {"v": row.version})

    # --- journeys ---------------------------------------------------------------------------------------------------

    def journey(self, contact: str, campaign: str, occurrence: str) -> Journey | None:
        """One journey: 1 R."""
        item = self.dynamo.get(journey_key(contact, campaign, occurrence))
        return to_journey(item) if item is not None else None

    def journeys(self, keys: Iterable[tuple[str, str, str]]) -> dict[tuple[str, str, str], Journey]:
        """Several by contact, campaign and occurrence; those that there are: 1 call for 100."""
        found = self.dynamo.get_many(journey_key(*key) for key in keys)
        return {one.key: one for one in map(to_journey, found.values())}

    def journeys_and_controls(
        self, keys: Iterable[tuple[str, str, str]]
    ) -> tuple[dict[tuple[str, str, str], Journey], dict[str, Control]]:
        """Several by contact, campaign and occurrence, and what was decided of each of their campaigns: 1 call for 100 items."""
        asked = list(keys)
        of = {_control_key(campaign): campaign for _, campaign, _ in asked}
        found = self.dynamo.get_many([*(journey_key(*key) for key in asked), *of])
        controls = {name: to_control(found.pop(key)) if key in found else Control(name) for key, name in of.items()}
        return {one.key: one for one in map(to_journey, found.values())}, controls

    def journeys_of(self, contact: str) -> list[Journey]:
        """All that a contact ever had, by campaign and occurrence: 1 call."""
        return [to_journey(item) for item in self.dynamo.query(f"P#{contact}", prefix="tour#")]

    def new_journey(self, journey: Journey) -> Change:
        """Begin one, once: 2 T +2, half of that alone."""
        return put("journey", _journey_item(replace(journey, row=1)), "attribute_not_exists(#pk)")

    def save_journey(self, before: Journey, after: Journey) -> Change:
        """Write one unless somebody did since: 2 T +4."""
        return put("journey", _journey_item(replace(after, row=before.row + 1)), "#v = :v", {"v": before.row})

    def hear(self, contact: str, campaign: str, occurrence: str, what: str, at: int, due: int) -> Change:
        """Tell a journey what its person did, and have it looked at then: 2 T +1."""
        key = journey_key(contact, campaign, occurrence)
        values = {"one": [[what, at]], "none": [], "inc": 1, "dk": rows.due_shard(key[0]), "due": due}
        expression = "SET #hd = list_append(if_not_exists(#hd, :none), :one), #v = #v + :inc, #dk = :dk, #due = :due"
        return update("heard", key, expression, values, "attribute_exists(#pk)")

    def journeys_listed(
        self, campaign: str, run: str | None = None, *, shard: int, after: str | None = None, limit: int | None = None
    ) -> Iterator[tuple[Key, str]]:
        """Keys and labels of a campaign's journeys in one of eight lists, by run: 1 call for some thousands, an index read."""
        lk = f"tours#{campaign}#{shard}"
        found = self.dynamo.query(
            lk,
            index="list",
            after=after,
            prefix=f"{run}#" if run is not None and after is None else None,
            limit=limit,
            page=2000,
        )
        for item in found:
            if run is not None and not item["ls"].startswith(f"{run}#"):
                return
            yield (item["pk"], item["sk"]), item["ls"]

    @property
    def journey_lists(self) -> range:
        """The lists that a campaign's journeys are in."""
        return range(_LIST_SHARDS)

    # --- runs -------------------------------------------------------------------------------------------------------

    def control(self, campaign: str) -> Control:
        """What was decided of a campaign: 1 R."""
        item = self.dynamo.get(_control_key(campaign))
        return to_control(item) if item is not None else Control(campaign)

    def controls(self, campaigns: Iterable[str]) -> dict[str, Control]:
        """What was decided of several: 1 call, 1 R each."""
        keys = {(f"CAMPAIGN#{name}", "control"): name for name in campaigns}
        found = self.dynamo.get_many(keys)
        return {name: to_control(found[key]) if key in found else Control(name) for key, name in keys.items()}

    def run_by_hand(self, campaign: str, run: str, at: int) -> Change:
        """Remember the last run that somebody began: 2 T."""
        values = {"run": run, "at": at}
        return update("control", (f"CAMPAIGN#{campaign}", "control"), "SET #hr = :run, #ha = :at", values)

    def save_control(self, before: Control, after: Control) -> Change:
        """Decide otherwise, unless somebody did since: 2 T."""
        values: dict[str, Any] = {
            "p": 1 if after.paused else 0, "y": after.why, "b": after.by, "t": after.at, "c": after.cancelled, "v1": before.version + 1,
            "v": before.version,
        }  # fmt: skip
        expression = "SET #pa = :p, #wy = :y, #by = :b, #at1 = :t, #ca = :c, #v = :v1"
        condition = "#v = :v" if before.version else "attribute_not_exists(#v)"
        if not before.version:
            del values["v"]
        return update("control", _control_key(before.campaign), expression, values, condition)

    def spend_on(self, campaign: str, run: str, cost: int, most: int) -> Change:
        """Count what a message of a run costs, in millionths, if that is within its budget; less than nothing gives back: 2 T."""
        values = {"cost": cost, "left": most - cost}
        condition = "attribute_not_exists(#sp) OR #sp <= :left"
        return update("budget", _spent_key(campaign, run), "ADD #sp :cost", values, condition)

    def spent_up(self, campaign: str, run: str, at: int) -> Change:
        """List a run that has spent what it may, for a person: 1 W +1."""
        values = {"lk": STOPPED, "ls": f"{at:013d}#{campaign}#{run}"}
        return update(
            "spent",
            _spent_key(campaign, run),
            "SET #lk = if_not_exists(#lk, :lk), #ls = if_not_exists(#ls, :ls)",
            values,
        )

    def unlist_spent(self, campaign: str, until: int) -> None:
        """Runs that had spent what they may until then wait for nobody any more: 1 call, 1 W +1 for each."""
        for item in self.dynamo.query(f"CAMPAIGN#{campaign}", prefix="spent#"):
            if "lk" in item and int(item["ls"].partition("#")[0]) <= until:
                with suppress(Lost):  # somebody else took it off
                    condition = {"ls": item["ls"]}
                    self.commit(update("spent", (item["pk"], item["sk"]), "REMOVE #lk, #ls", condition, "#ls = :ls"))

    def new_run(self, run: Run) -> Change:
        """Begin a run, once: 1 W."""
        return put("run", _run_item(replace(run, row=1)), "attribute_not_exists(#pk)")

    def save_run(self, before: Run, after: Run) -> Change:
        """Write a run unless somebody did since: 1 W."""
        return put("run", _run_item(replace(after, row=before.row + 1)), "#v = :v", {"v": before.row})

    def run(self, campaign: str, name: str) -> Run | None:
        """One run: 1 R."""
        item = self.dynamo.get((f"CAMPAIGN#{campaign}", f"run#{name}"))
        return to_run(item) if item is not None else None

    def unlist_asking(self, campaign: str, until: int) -> None:
        """Runs that asked until then ask nobody any more: 1 call for some thousands, 1 W +1 for each."""
        for run in self.runs(campaign, None):
            if run.waits and run.at <= until:
                with suppress(Lost):  # somebody has confirmed it, or taken it off
                    self.commit(self.save_run(run, replace(run, asking=False)))

    def runs(self, campaign: str, limit: int | None = 100) -> list[Run]:
        """A campaign's runs, the newest first, all of them without a limit: 1 call.

        Their names are times by several clocks, which does not order them.
        """
        found = self.dynamo.query(f"CAMPAIGN#{campaign}", prefix="run#", backwards=True, limit=limit)
        return sorted(map(to_run, found), key=lambda one: (-one.at, one.name))

    def runs_of(self, campaign: str, group: str) -> list[Run]:
        """The runs of one occurrence, the oldest first: 1 call."""
        found = self.dynamo.query(f"CAMPAIGN#{campaign}", prefix=f"run#{group}")
        return sorted((one for one in map(to_run, found) if one.group == group), key=lambda one: (one.at, one.name))

    def looked(self, campaign: str) -> int | None:
        """Until when recipients' own times were looked for; None if never: 1 R."""
        item = self.dynamo.get((f"CAMPAIGN#{campaign}", "looked"))
        return item["to"] if item is not None else None

    def set_looked(self, campaign: str, until: int) -> None:
        """Remember it; a later look stays: 1 W."""
        item: Item = {"pk": f"CAMPAIGN#{campaign}", "sk": "looked", "to": until}
        with suppress(Lost):
            self.commit(put("looked", item, "attribute_not_exists(#pk) OR #to < :to", {"to": until}))

    def parts(self, campaign: str, run: str) -> list[Part]:
        """How far a run has come in each part: 1 call."""
        keys = [(f"CAMPAIGN#{campaign}", f"part#{run}#{number}") for number in range(PARTS)]
        found = self.dynamo.get_many(keys)
        return [_part(number, found.get(key)) for number, key in enumerate(keys)]

    def part(self, campaign: str, run: str, number: int) -> Part:
        """How far a run has come in one part: 1 R."""
        return _part(number, self.dynamo.get((f"CAMPAIGN#{campaign}", f"part#{run}#{number}")))

    def move_part(self, campaign: str, run: str, before: Part, after: Part) -> bool:
        """Remember how far it has come: 1 W. False if somebody has come on from the same place."""
        item: Item = {
            "pk": f"CAMPAIGN#{campaign}", "sk": f"part#{run}#{before.number}", "cu": after.cursor, "lo": after.looked, "ou": after.outside,
            "dn": 1 if after.done else None,
        }  # fmt: skip
        first = before.cursor == "" and not before.done
        condition = "attribute_not_exists(#pk) OR #cu = :cu" if first else "#cu = :cu AND attribute_not_exists(#dn)"
        try:
            self.commit(put("part", item, condition, {"cu": before.cursor}))
        except Lost:
            return False
        return True

    def contacts_in(self, part: int, after: str, limit: int) -> list[Listed]:
        """Contacts of one part of all, in the order in which they were met: 1 call, an index read."""
        listed = self.listed(f"contacts#{part}", after=rows.behind(after), limit=limit)
        return [rows.to_listed(mark) for _, mark in listed]

    # --- turns ------------------------------------------------------------------------------------------------------

    def turns(self, inbox: str, count: int, apart: float, now: int) -> int:
        """Take so many turns of an inbox, `apart` milliseconds from each other; when the first of them is: 1 R, 1 W, again if contended."""
        key = (f"RATE#{inbox}", "r")
        while True:
            item = self.dynamo.get(key)
            known = item["to"] if item is not None else 0
            first = max(known, now)
            taken: Item = {"pk": key[0], "sk": key[1], "to": first + round(count * apart)}
            try:
                if item is None:
                    self.commit(put("turns", taken, "attribute_not_exists(#pk)"))
                else:
                    self.commit(put("turns", taken, "#to = :was", {"was": known}))
            except Lost:
                continue
            return int(first)


def journey_key(contact: str, campaign: str, occurrence: str) -> Key:
    """A journey stands beside its person."""
    return f"P#{contact}", f"tour#{campaign}#{occurrence}"


def _spent_key(campaign: str, run: str) -> Key:
    return f"CAMPAIGN#{campaign}", f"spent#{run}"


def _control_key(campaign: str) -> Key:
    return f"CAMPAIGN#{campaign}", "control"


def _journey_item(j: Journey) -> Item:
    pk, sk = journey_key(*j.key)
    shard = zlib.crc32(pk.encode()) % _LIST_SHARDS
    rest: dict[str, Any] = {
        "rn": j.run, "ve": j.version, "bg": j.began, "at": j.at, "si": j.since, "mk": j.mark, "un": j.until, "ab": j.about, "tz": j.zone,
        "va": j.variant, "ch": j.channel, "se": j.send, "st": list(j.sent), "tr": list(j.tried), "tu": j.turn, "co": j.cost,
        "re": j.reached or None, "la": j.last, "ba": j.back, "en": j.ended,
        "rs": [j.reason.code, dict(j.reason.values)] if j.reason is not None else None,
    }  # fmt: skip
    item: Item = {
        "pk": pk, "sk": sk, "sg": str(j.stage), "v": j.row, "hd": [[one.what, one.at] for one in j.heard[-MOST_HEARD:]] or None,
        "lk": f"tours#{j.campaign}#{shard}", "ls": f"{j.run}#{label(j)}#{j.contact}#{j.occurrence}",
        "d": pack({name: value for name, value in rest.items() if value not in (None, [], "")}),
    }  # fmt: skip
    if j.due is not None:
        item |= {"dk": rows.due_shard(pk), "due": j.due}
    if not j.stage.live and j.due is None:
        item["ttl"] = (j.ended or j.began) // 1000 + KEEP_SECONDS
    return item


def to_journey(item: Item) -> Journey:
    """The journey an item holds."""
    rest = unpack(item["d"])
    _, campaign, occurrence = item["sk"].split("#", 2)
    reason = rest.get("rs")
    return Journey(
        contact=item["pk"].removeprefix("P#"),
        campaign=campaign,
        occurrence=occurrence,
        run=rest["rn"],
        version=rest["ve"],
        began=rest["bg"],
        due=item.get("due"),
        stage=Stage(item["sg"]),
        at=rest.get("at", 0),
        since=rest.get("si", 0),
        mark=rest.get("mk", 0),
        until=rest.get("un"),
        about=rest.get("ab"),
        zone=rest.get("tz"),
        reason=Reason(reason[0], reason[1]) if reason else None,
        variant=rest.get("va", ""),
        channel=rest.get("ch", ""),
        send=rest.get("se"),
        sent=tuple(rest.get("st", ())),
        tried=tuple(rest.get("tr", ())),
        turn=rest.get("tu"),
        cost=rest.get("co", 0),
        heard=tuple(Heard(what, at) for what, at in item.get("hd", ())),
        reached=bool(rest.get("re")),
        last=rest.get("la", 0),
        back=rest.get("ba", 0),
        ended=rest.get("en"),
        row=item["v"],
    )


def _person(contact: Contact, items: Sequence[Item], elsewhere: Sequence[Item]) -> Person:
    consents = [to_consent(item) for item in (*items, *elsewhere) if item["sk"].startswith("consent#")]
    found = next((item for item in items if item["sk"] == "outreach"), None)
    row = _row(found) if found is not None else OutreachRow()
    for item in elsewhere:
        if item["sk"] == "outreach":
            row = row.joined(_row(item))
    return Person(
        contact=contact,
        conversations=tuple(rows.to_conversation(item) for item in items if item["sk"].startswith("open#")),
        consents=standing(consents),
        row=row,
    )


def _row(item: Item) -> OutreachRow:
    rest = unpack(item["d"])
    return OutreachRow(
        ledger=ledger_of(item["v"], rest.get("sl", ())),
        live=tuple(Live(campaign, occurrence, tuple(wants)) for campaign, occurrence, *wants in rest.get("lv", ())),
        entered=tuple(Entered(campaign, at) for campaign, at in rest.get("en", ())),
        asked=unpacked(item["pk"].removeprefix("P#"), item.get("sv", ())),
    )


def to_control(item: Item) -> Control:
    """The control an item holds."""
    return Control(
        campaign=item["pk"].removeprefix("CAMPAIGN#"),
        paused=bool(item.get("pa")),
        why=item.get("wy", ""),
        by=item.get("by", ""),
        at=item.get("at1", 0),
        cancelled=item.get("ca", 0),
        hand=item.get("hr", ""),
        hand_at=item.get("ha", 0),
        version=item.get("v", 0),
    )


def _run_item(run: Run) -> Item:
    rest = {"oc": run.occurrence, "zo": dict(run.zones), "sh": run.share}
    return {
        **({"lk": STOPPED, "ls": f"{run.at:013d}#{run.campaign}#{run.name}"} if run.waits else {}),
        **({"dk": rows.due_shard(f"CAMPAIGN#{run.campaign}"), "due": run.due} if run.due is not None else {}),
        "pk": f"CAMPAIGN#{run.campaign}", "sk": f"run#{run.name}", "ve": run.version, "at1": run.at, "v": run.row,
        "as": 1 if run.asking else None, "cf": 1 if run.confirmed else None,
        "d": pack({name: value for name, value in rest.items() if value}),
    }  # fmt: skip


def to_run(item: Item) -> Run:
    """The run an item holds."""
    rest = unpack(item["d"])
    return Run(
        campaign=item["pk"].removeprefix("CAMPAIGN#"),
        name=item["sk"].removeprefix("run#"),
        version=item["ve"],
        at=item["at1"],
        occurrence=rest.get("oc", ""),
        zones=rest.get("zo", {}),
        asking="as" in item,
        share=rest.get("sh", 0),
        confirmed="cf" in item,
        due=item.get("due"),
        row=item["v"],
    )


def _part(number: int, item: Item | None) -> Part:
    if item is None:
        return Part(number)
    return Part(number, item["cu"], item["lo"], item["ou"], "dn" in item)
