"""Step: carry one person's journey on, as far as it comes by now.

Whoever is to be written to is judged just before (router/arbiter.py), on what is known then. What is claimed is written at once: the slot,
the journey and the send, in one transaction; the call to the provider is `deliver`'s, and its outcome brings the journey here again.
Every write has the condition that nobody wrote meanwhile, so that this may run twice, late, or in two places at once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from router.arbiter import judge
from router.campaigns import Campaign
from router.campaigns import Send as Step
from router.candidates import Candidate, Caps, Drop, Hold, Reason
from router.composing import Composed, Unfit, composed, message_id, price_of, variant_of
from router.config import Config
from router.errors import Lost, Temporary
from router.exchange import Exchange
from router.fitting import about, fits, holds
from router.followed import followed_links
from router.ids import digest, split_conversation_id
from router.in_force import under
from router.journeys import (
    DONE,
    Ask,
    Journey,
    Over,
    Rest,
    Seen,
    Stage,
    advance,
    over,
    past,
    program,
    to,
    wants,
    watched,
)
from router.messages import ChannelName, ReceiptStatus
from router.outreach_facts import Route, candidate_of, complains, facts_of, place_of, policy_of, routes, slot_id
from router.outreach_values import MILLIONTHS, Control, Live, OutreachRow, Person
from router.purposes import Purpose
from router.rates import turn
from router.records import Happening
from router.scores import ScoreKind
from router.sends import Send, SendState
from router.signals import Deliver, Signal, journey_timer
from router.signals import Step as Step_
from router.slots import claim, planned, released, without
from router.surveys import Asked, one_of, recent
from router.templates import Unrenderable
from router.times import from_ms, to_ms, whole_ms
from router.upcoming import Ahead, upcoming
from router.zones import zone

if TYPE_CHECKING:
    from router.aws.dynamo import Change

_TRIES = 8
AGAIN = 15 * 60_000
"""What is paused, or on its way, is looked at again after so long, in milliseconds."""
JUDGED = "outreach: "
"""What the error of a send begins with that was taken back at the last moment; the reason's code follows."""
_DAY = 86_400_000
REACH = 15 * 60_000
"""As far as timers reach, in milliseconds: to the second, where the sweep comes once a minute."""
_EARLY = 10 * 60_000
"""So long before a turn that is further away a timer is set for it."""
_BACK_WITHIN = timedelta(hours=24)
"""A message that comes back later than that goes by no other channel."""
_UNSENT = (SendState.FAILED, SendState.DISCARDED)


def step(x: Exchange, contact: str, campaign: str, occurrence: str) -> list[Signal]:
    """Carry a journey on; what must follow. One that is not there, or over, is left alone. Raises Temporary under contention."""
    for _ in range(_TRIES):
        found, controls = x.table.journeys_and_controls([(contact, campaign, occurrence)])
        journey = next(iter(found.values()), None)
        if journey is None or (journey.due is None and journey.stage is Stage.ENDED):
            return []
        try:
            return _Way(under(x, journey.version), journey, controls[campaign], x.config()).go()
        except Lost:
            continue
    raise Temporary("somebody else keeps changing this journey; try again")


def attend(x: Exchange, journey: Journey) -> list[Signal]:
    """A journey is due: a timer rang, or the sweep found it. It is carried on in its own queue, behind nothing that support waits for."""
    if journey.due is None or journey.due > to_ms(x.now()):
        return []
    return [Step_(*journey.key, digest(x.key, "due", *journey.key, str(journey.due)))]


@dataclass(slots=True)
class _Way:
    """One look at a journey: what was read, and what is made of it. `force` is the configuration in force, whatever it began under."""

    x: Exchange
    journey: Journey
    control: Control
    force: Config
    refund: int = 0  # what a message would have cost that did not leave, in millionths
    freed: bool = False  # a slot of the row that was read is given back

    def go(self) -> list[Signal]:
        x, journey, control, now = self.x, self.journey, self.control, self.now
        campaign = x.config().campaign(journey.campaign)
        if journey.stage in (Stage.WATCHED, Stage.ENDED) and not journey.came_back:
            return self._write(
                watched(journey, campaign, now) if journey.stage is Stage.WATCHED else replace(journey, due=None)
            )
        person = x.table.person(journey.contact)
        if person is None:
            return self._write(over(journey, campaign, Reason("gone"), now))
        if campaign is None:
            return self._end(person, None, Reason("gone"))
        if journey.came_back and person.contact.into is None:
            return self._came_back(person, campaign, control)
        if journey.send is not None:
            return self._outcome(person, campaign, control)
        return self._through(person, campaign, control, journey)

    def _through(self, person: Person, campaign: Campaign, control: Control, journey: Journey) -> list[Signal]:
        """On, unless there is something that stops it whatever step it stands at."""
        if person.contact.into is not None:
            return self._joined(person, campaign, journey)
        if journey.began <= control.cancelled:
            return self._end(person, campaign, Reason("cancelled"), journey)
        if person.contact.blocked_at is not None:
            return self._end(person, campaign, Reason("blocked"), journey)
        in_force = self.force.campaign(campaign.name) or campaign
        over_ = journey.at >= len(program(campaign.steps))  # nothing is left that could leave
        if (control.paused or not in_force.enabled) and not over_:
            return self._save(person, campaign, replace(journey, due=self.now + AGAIN), person.row)
        return self._on(person, campaign, journey)

    @property
    def now(self) -> int:
        return to_ms(self.x.now())

    # --- on its way ---------------------------------------------------------------------------------------------------

    def _on(self, person: Person, campaign: Campaign, journey: Journey) -> list[Signal]:
        """To its next message, wait or end."""
        config = self.x.config()
        event = self._event(journey)
        seen = Seen(
            place_of(person, config).zones[0],
            complains(person, config),
            lambda branch, at: holds(self.x, branch, person, event, at),
        )
        if not _theirs(journey, person, event):
            return self._end(person, campaign, Reason("parted"), journey)
        begins = journey.fresh
        if begins and not campaign.scheduled and not fits(self.x, campaign, person, event, journey):
            return self._end(person, campaign, Reason("segment"))
        found = advance(journey, campaign, seen, self.now)
        match found:
            case Over():
                why = Reason("exit", {"what": found.why}) if "." in found.why else Reason(found.why)
                return self._end(person, campaign, why, found.journey)
            case Rest():
                return self._save(person, campaign, found.journey, person.row)
            case Ask():
                return self._ask(person, campaign, found.journey, found.step, event)

    def _event(self, journey: Journey) -> Happening | None:
        if journey.about is None or not journey.about.startswith("e_"):
            return None
        return self.x.table.happening(journey.about)

    # --- a message ----------------------------------------------------------------------------------------------------

    def _ask(
        self, person: Person, campaign: Campaign, journey: Journey, wanted: Step, event: Happening | None
    ) -> list[Signal]:
        """May its message leave, and by which way?"""
        x, config, now = self.x, self.x.config(), self.now
        name, of = variant_of(x.key, campaign, wanted, journey.contact)
        journey = replace(journey, variant=name or journey.variant)
        template = config.template(of)
        if template is None:
            return self._end(person, campaign, Reason("gone"), journey)
        last = person.row.entered_at(campaign.name)
        anew = not (journey.sent or journey.tried or journey.back)
        if campaign.again is not None and anew and last is not None and now - last < campaign.again * 1000:
            return self._end(person, campaign, Reason("again", {"since": last}), journey)
        unasked = self._unasked(person, journey) if wanted.survey is not None else None
        if unasked is not None:
            return self._end(person, campaign, unasked, journey)
        (person,) = x.table.with_suppressions([person])
        caps = policy_of(config).caps.get(template.purpose)
        ahead = upcoming(x, self.force, person, journey, template.purpose, now) if caps is not None else Ahead()
        first: Reason | None = None
        for route in routes(campaign, wanted, template, person, config, journey):
            if str(route.channel) in journey.tried:
                continue
            candidate = candidate_of(x.key, campaign, wanted, template.purpose, journey, route.channel, config)
            ledger = ahead.seen(person.row.ledger)
            verdict = judge(
                candidate, facts_of(person, route, template.purpose, ledger, config, now), policy_of(config), now
            )
            if isinstance(verdict, Hold):
                return self._hold(person, campaign, journey, candidate, caps, verdict)
            if isinstance(verdict, Drop):
                first = first or verdict.reason
                if verdict.reason.code.startswith(("suppressed", "consent.")):
                    continue  # another way may do
                return self._end(person, campaign, verdict.reason, journey)
            try:
                made = composed(x, campaign, wanted, template, journey, person, route, event, x.now())
            except Unrenderable as error:
                variable = error.variable or ""
                first = first or Reason(
                    "template", {"template": template.name, "variable": variable, "what": error.what}
                )
                continue
            except Unfit as error:
                first = first or Reason(error.code, {"channel": str(route.channel)})
                continue
            return self._leave(person, campaign, journey, candidate, caps, ahead, route, made, wanted)
        if journey.tried and first is None:
            first = Reason("failed", {"channel": journey.tried[-1]})
        return self._end(person, campaign, first or Reason("unreachable"), journey)

    def _hold(
        self,
        person: Person,
        campaign: Campaign,
        journey: Journey,
        candidate: Candidate,
        caps: Caps | None,
        verdict: Hold,
    ) -> list[Signal]:
        zone_ = zone(place_of(person, self.x.config()).zones[0])
        ledger = planned(person.row.ledger, candidate, caps, verdict.until, zone_, self.now)
        held = replace(journey, stage=Stage.HELD, reason=verdict.reason, due=verdict.until, turn=None)
        return self._save(person, campaign, held, person.row.with_ledger(ledger))

    def _leave(
        self,
        person: Person,
        campaign: Campaign,
        journey: Journey,
        candidate: Candidate,
        caps: Caps | None,
        ahead: Ahead,
        route: Route,
        made: Composed,
        wanted: Step,
    ) -> list[Signal]:
        """It has its turn at the provider, or gets one; then it is claimed: slot, journey, send and links at once."""
        x, now = self.x, self.now
        zone_ = zone(place_of(person, x.config()).zones[0])
        at = journey.turn
        if at is None:
            first = candidate.triggered or candidate.purpose is Purpose.TRANSACTIONAL
            at = turn(x, route.inbox, route.channel, now, first=first)
        if at > now:
            ledger = planned(person.row.ledger, candidate, caps, at, zone_, now)
            waits = replace(
                journey, stage=Stage.PLANNED, turn=at, due=at if at - now <= REACH else at - _EARLY, reason=None
            )
            return self._save(person, campaign, waits, person.row.with_ledger(ledger))
        claimed = claim(ahead.seen(person.row.ledger), candidate, caps, zone_, now)
        if isinstance(claimed, Hold):
            return self._hold(person, campaign, journey, candidate, caps, claimed)
        if isinstance(claimed, Drop):
            return self._end(person, campaign, claimed.reason, journey)
        sending = replace(
            journey, stage=Stage.SENDING, reason=None, send=made.send.id, channel=str(route.channel), turn=None,
            cost=journey.cost + made.cost, due=now + AGAIN,
        )  # fmt: skip
        row = person.row.with_ledger(ahead.unseen(claimed, person.row.ledger))
        if campaign.again is not None and not journey.sent:
            row = row.entering(campaign.name, now)
        if wanted.survey is not None:
            row = row.asking(self._asked(person, journey, wanted, made), x.now())
        changes: list[Change] = [x.table.new_send(made.send)]
        links = followed_links(
            made.links, send=made.send.id, contact=journey.contact, at=x.now(), campaign=journey.campaign, occurrence=journey.occurrence
        )  # fmt: skip
        changes += map(x.table.new_link, links)
        budget = (self.force.campaign(campaign.name) or campaign).budget
        if budget is not None:
            cost, self.refund = made.cost - self.refund, 0
            changes.append(x.table.spend_on(campaign.name, journey.run, cost, round(budget.most * MILLIONTHS)))
        try:
            self._save(person, campaign, sending, row, *changes)
        except Lost as lost:
            if "budget" in lost.names:
                return self._out_of_budget(person, campaign, journey)
            raise
        x.count("OutreachSent", 1)
        return [Deliver(made.send.conversation, made.send.id, f"{made.send.id}.0", bulk=True)]

    def _asked(self, person: Person, journey: Journey, wanted: Step, made: Composed) -> Asked:
        """The survey that leaves with a message."""
        conversation = about(self.x, journey, person)
        at, message = self.x.now(), made.send.message
        inbox = self.x.config().inbox(message.inbox)
        return Asked(
            send=made.send.id,
            kind=ScoreKind(wanted.survey or ""),
            campaign=journey.campaign,
            contact=person.contact.id,
            conversation=conversation.id if conversation is not None else None,
            channel=message.channel,
            at=whole_ms(at),
            until=whole_ms(at) + timedelta(seconds=self.x.config().outreach.surveys.reply_within),
            language=message.language,
            brand=inbox.brand if inbox is not None else "default",
            occurrence=journey.occurrence,
        )

    def _unasked(self, person: Person, journey: Journey) -> Reason | None:
        """Why the person may not be asked: a conversation is asked about once, and nobody more often than the policy says."""
        own = {
            message_id(self.x.key, journey, channel) for channel in ChannelName
        }  # by another channel, where one refused it
        asked = [one for one in person.row.asked if one.send not in own]
        conversation = about(self.x, journey, person)
        if conversation is not None and one_of(asked, conversation.id) is not None:
            return Reason("survey.once")
        return Reason("survey.recent") if recent(asked, self.x.now(), self.x.config().outreach.surveys) else None

    def _out_of_budget(self, person: Person, campaign: Campaign, journey: Journey) -> list[Signal]:
        """The run has spent what it may: who is left waits until somebody gives it more, or it makes no sense any more."""
        x = self.x
        x.table.commit(x.table.spent_up(campaign.name, journey.run, self.now))
        x.count("CampaignOutOfBudget", 1)
        held = replace(journey, stage=Stage.HELD, reason=Reason("budget"), due=self.now + AGAIN)
        return self._save(person, campaign, held, person.row)

    # --- what came of it ----------------------------------------------------------------------------------------------

    def _outcome(self, person: Person, campaign: Campaign, control: Control) -> list[Signal]:
        """Its message left, was refused, waits for a person, or is still on its way."""
        x, journey, now = self.x, self.journey, self.now
        send = x.table.sends([journey.send or ""]).get(journey.send or "")
        if send is None:
            return self._end(person, campaign, Reason("gone"))
        if send.state is SendState.SENT:
            left = replace(
                past(journey, now),
                mark=now,
                sent=(*journey.sent, send.id),
                last=journey.at,
                stage=Stage.PLANNED,
                due=now,
                reason=None,
            )
            return self._through(person, campaign, control, left)
        if (
            send.state is SendState.PARKED
        ):  # whoever decides, or a late receipt, brings it here; if that is lost, the day does
            return self._write(replace(journey, stage=Stage.PARKED, reason=Reason("parked"), due=now + _DAY))
        if send.state in _UNSENT:
            return self._unsent(person, campaign, control, send)
        at = max(now + AGAIN, to_ms(send.due_at) if send.due_at is not None else 0)
        return self._write(replace(journey, stage=Stage.SENDING, due=at))

    def _unsent(self, person: Person, campaign: Campaign, control: Control, send: Send) -> list[Signal]:
        """Refused for good: by another channel if there is one. What the arbiter took back at the last moment is over.

        Nothing reached the person, so it has no slot, and asked them nothing.
        """
        journey = self.journey
        freed = person.row.with_ledger(released(person.row.ledger, slot_id(self.x.key, journey)))
        freed = replace(freed, asked=tuple(one for one in freed.asked if one.send != send.id))
        self.freed = freed != person.row
        person = replace(person, row=freed)
        self.refund = min(journey.cost, price_of(self.x.config(), send.message.channel, send.message.text))
        cost = journey.cost - self.refund
        if send.state is SendState.DISCARDED:  # by a person, or by what was judged again just before the call
            code = (send.error or "").removeprefix(JUDGED) if (send.error or "").startswith(JUDGED) else "discarded"
            return self._end(person, campaign, Reason(code), replace(journey, send=None, cost=cost))
        tried = (*journey.tried, str(send.message.channel))
        again = replace(journey, send=None, tried=tried, cost=cost, stage=Stage.PLANNED, due=self.now, reason=None)
        return self._through(person, campaign, control, again)

    def _came_back(self, person: Person, campaign: Campaign, control: Control) -> list[Signal]:
        """The provider had taken its last message and could not deliver it: by another channel, if that makes sense yet."""
        x, now = self.x, self.now
        journey = replace(self.journey, back=now)
        at_last = replace(journey, at=journey.last)
        ids = {message_id(x.key, at_last, channel): channel for channel in ChannelName}
        sends = x.table.sends(list(ids))
        last = sends.get(journey.sent[-1])
        over_ = journey.began <= control.cancelled or journey.send is not None
        if last is None or not _undelivered(last) or over_ or x.now() - last.message.received_at > _BACK_WITHIN:
            return self._write(journey)
        tried = tuple(str(ids[id_]) for id_, send in sends.items() if send.state in _UNSENT or _undelivered(send))
        self.refund = min(journey.cost, price_of(x.config(), last.message.channel, last.message.text))
        cost = journey.cost - self.refund
        again = replace(
            to(journey, journey.last, now), sent=journey.sent[:-1], tried=tried, cost=cost, stage=Stage.PLANNED, due=now, reason=None,
            ended=None,
        )  # fmt: skip
        return self._on(person, campaign, again)

    # --- writing ------------------------------------------------------------------------------------------------------

    def _joined(self, person: Person, campaign: Campaign, journey: Journey) -> list[Signal]:
        """The person is part of another: the journey goes on there, unless that one has been on it."""
        x = self.x
        into = person.contact.into or ""
        row = person.row.with_ledger(without(person.row.ledger, slot_id(x.key, journey)))
        row = row.over(journey.campaign, journey.occurrence)
        ended = replace(journey, stage=Stage.ENDED, due=None, reason=Reason("joined"), ended=self.now)
        if journey.sent or x.table.journey(into, journey.campaign, journey.occurrence) is not None:
            return self._save(person, campaign, ended, row)
        there = replace(journey, contact=into, stage=Stage.PLANNED, due=self.now, turn=None, reason=None, row=0)
        self._save(person, campaign, ended, row, x.table.new_journey(there))
        return [journey_timer(*there.key, from_ms(self.now))]

    def _end(
        self, person: Person, campaign: Campaign | None, why: Reason, journey: Journey | None = None
    ) -> list[Signal]:
        journey = journey if journey is not None else self.journey
        ended = over(journey, campaign, why, self.now)
        row = person.row.with_ledger(without(person.row.ledger, slot_id(self.x.key, journey)))
        if ended.stage is Stage.ENDED:
            row = row.over(journey.campaign, journey.occurrence)
        if not journey.sent and why.code not in (DONE, "cancelled"):
            self.x.count("OutreachNotSent", 1)
        return self._save(person, campaign, ended, row)

    def _save(
        self, person: Person, campaign: Campaign | None, after: Journey, row: OutreachRow, *more: Change
    ) -> list[Signal]:
        """Write the journey, and the person's row where it is another; a timer where it is due soon."""
        x = self.x
        if after.stage is not Stage.ENDED and campaign is not None:
            row = row.begun(Live(after.campaign, after.occurrence, wants(campaign)))
        changes: list[Change] = [x.table.save_journey(self.journey, after), *more]
        if self.refund and campaign is not None and (self.force.campaign(campaign.name) or campaign).budget is not None:
            changes.append(x.table.spend_on(campaign.name, after.run, -self.refund, 2**53))
        if row != person.row or self.freed:
            changes.append(x.table.save_outreach_row(person.contact.id, person.row, row))
        x.table.commit(*changes)
        return _timer(x, after)

    def _write(self, after: Journey) -> list[Signal]:
        """Write the journey alone; one that has nothing to do any more leaves the person's row as well."""
        x = self.x
        if after.stage is not Stage.ENDED or self.journey.stage is Stage.ENDED:
            x.table.commit(x.table.save_journey(self.journey, after))
            return _timer(x, after)
        row = x.table.outreach_row(after.contact)
        left = row.over(after.campaign, after.occurrence)
        changes = [x.table.save_journey(self.journey, after)]
        if left != row:
            changes.append(x.table.save_outreach_row(after.contact, row, left))
        x.table.commit(*changes)
        return []


def _theirs(journey: Journey, person: Person, event: Happening | None) -> bool:
    """Is what set it off this person's own? Contacts that were joined may have been parted since."""
    own = {one.contact for one in person.contact.identities}
    place = split_conversation_id(journey.about or "")
    return (event is None or event.contact in own) and (place is None or place[0] in own)


def _undelivered(send: Send) -> bool:
    return send.receipt in (ReceiptStatus.FAILED, ReceiptStatus.BOUNCED)


def _timer(x: Exchange, journey: Journey) -> list[Signal]:
    """A timer for what is due within their reach."""
    now = to_ms(x.now())
    if journey.due is None or not now < journey.due <= now + REACH or journey.stage is Stage.SENDING:
        return []
    return [journey_timer(*journey.key, from_ms(journey.due))]
