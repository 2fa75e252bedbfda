"""Messages, conversations and contacts: stored once, read back by id, by contact and by time."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from router.aws import rows
from router.aws.codec import to_ms
from router.aws.dynamo import Change, Key, check, put, update
from router.aws.store import Store
from router.conversations import FOLLOW_WITHIN, Conversation, State
from router.errors import Lost
from router.ids import first_thread
from router.messages import Message
from router.records import Contact, Incoming, Known
from router.sends import Send

_OUTREACH_MS = 30 * 86_400_000
"""So long before a conversation what we wrote first is shown with it, in milliseconds."""
_MOST_MERGES = 10  # each hop is a merge by hand or proof; a circle cannot be, and must not hang


class Conversations(Store):
    """A contact's slot per thread group, its past, and the messages under their own ids."""

    def known(self, incoming: Sequence[Incoming]) -> list[Known]:
        """Is it a duplicate, who wrote it, their open conversation, what it refers to: 1 call a batch, 3 R a message."""
        keys: list[Key] = []
        for one in incoming:
            keys += [rows.message_key(one.message_id), rows.contact_key(one.contact), self._slot(one)]
            keys += map(rows.contact_key, one.also)
            keys += self._referenced(one)
        found = self.dynamo.get_many(keys)
        answer = []
        for one in incoming:
            duplicate = found.get(rows.message_key(one.message_id))
            contact = found.get(rows.contact_key(one.contact))
            open_ = found.get(self._slot(one))
            named = [found[key]["cv"] for key in self._referenced(one) if key in found and "cv" in found[key]]
            answer.append(
                Known(
                    duplicate_of=duplicate["cv"] if duplicate else None,
                    contact=rows.to_contact(contact) if contact else None,
                    conversation=rows.to_conversation(open_) if open_ else None,
                    also=tuple(
                        rows.to_contact(found[key]) if (key := rows.contact_key(i)) in found else None for i in one.also
                    ),
                    referenced=tuple(dict.fromkeys(named)),
                    unfetched=duplicate is not None and "due" in duplicate and "st" not in duplicate,
                )
            )
        return answer

    @staticmethod
    def _slot(one: Incoming) -> Key:
        return f"P#{one.contact}", f"open#{one.group}"

    def _referenced(self, one: Incoming) -> list[Key]:
        return [*map(rows.message_key, one.sends), *(rows.reference_key(self.key, wire) for wire in one.wires)]

    def new_message(self, message: Message, conversation: str, *, asks: bool = False) -> Change:
        """Store a message once: 2 T +1; one whose files, or author's name, are still to be fetched is due: +1."""
        item = rows.message_item(message, conversation)
        if asks or any(attachment.unfetched for attachment in message.attachments):
            item |= rows.due_keys(item["pk"], message.received_at + FOLLOW_WITHIN)
        return put("message", item, "attribute_not_exists(#pk)")

    def new_conversation(self, conversation: Conversation) -> Change:
        """Open the contact's empty slot: 2 T +1."""
        return put(
            "conversation", rows.conversation_item(replace(conversation, version=1)), "attribute_not_exists(#pk)"
        )

    def save_conversation(self, before: Conversation, after: Conversation) -> Change:
        """Write a conversation unless somebody changed it since: 2 T, +2 when what is due next moved."""
        item = rows.conversation_item(replace(after, version=before.version + 1))
        return put("conversation", item, "#v = :v AND #n = :n", {"v": before.version, "n": before.number})

    def save_past(self, before: Conversation, after: Conversation) -> Change:
        """Correct an archived conversation: 2 T."""
        key = f"P#{before.contact}", f"past#{before.group}#{before.number:06d}"
        item = rows.conversation_item(replace(after, version=before.version + 1), key)
        return put("past", item, "#v = :v", {"v": before.version})

    def archive(self, conversation: Conversation) -> Change:
        """Move a closed conversation into the contact's past: 2 T."""
        pk, _ = rows.slot(conversation)
        closed = replace(conversation, state=State.CLOSED, follow=(), follow_at=None, heard=(), visits=())
        item = rows.conversation_item(closed, (pk, f"past#{conversation.group}#{conversation.number:06d}"))
        return put("archive", item, "attribute_not_exists(#pk)")

    def new_contact(self, contact: Contact) -> Change:
        """Meet a person: 2 T +1, which lists them; one who is part of another 2 T."""
        return put("contact", rows.contact_item(contact), "attribute_not_exists(#pk)")

    def save_contact(self, before: Contact, after: Contact) -> Change:
        """Change what is known of a person, unless somebody changed it since: 2 T; +1 when they become part of another, or are parted."""
        item = rows.contact_item(replace(after, version=before.version + 1))
        return put("contact", item, "#v = :v", {"v": before.version})

    def followed(self, conversation: Conversation) -> bool:
        """Clear what had to follow, unless it changed meanwhile: 1 W +2. A clock that still runs stays due."""
        after = replace(conversation, follow=(), follow_at=None)
        due = rows.due_keys(f"P#{conversation.contact}", after.due_at)
        expression = (
            "REMOVE #fw, #fa" + (", #dk, #due" if not due else "") + (" SET #dk = :dk, #due = :due" if due else "")
        )
        try:
            self.commit(
                update(
                    "conversation", rows.slot(conversation), expression, {"v": conversation.version, **due}, "#v = :v"
                )
            )
        except Lost:
            return False
        return True

    def conversation(self, conversation_id: str) -> Conversation | None:
        """One conversation by id, open or past: 1 call, 2 R."""
        return self.conversations([conversation_id]).get(conversation_id)

    def standing(self, conversation_id: str) -> Conversation | None:
        """A conversation, or what it has become part of since: 1 call, one more for each time that it was merged."""
        found = self.conversation(conversation_id)
        for _ in range(_MOST_MERGES):
            if found is None or found.into is None:
                break
            found = self.conversation(found.into)
        return found

    def open_conversation(self, contact: str, group: str) -> Conversation | None:
        """A contact's latest conversation in a thread group: 1 R."""
        item = self.dynamo.get((f"P#{contact}", f"open#{group}"))
        return rows.to_conversation(item) if item else None

    def conversations(self, ids: Iterable[str]) -> dict[str, Conversation]:
        """Conversations by id: 1 call for 50."""
        wanted = {i: keys for i in ids if (keys := rows.conversation_keys(i)) is not None}
        found = self.dynamo.get_many(key for keys in wanted.values() for key in keys)
        loaded = (rows.to_conversation(item) for item in found.values())
        by_id = {c.id: c for c in loaded}
        return {i: by_id[i] for i in wanted if i in by_id}

    def conversations_of(self, contact: str) -> list[Conversation]:
        """All of a contact's conversations, newest first: 1 call."""
        items = self.dynamo.query(f"P#{contact}", prefix="past#")
        past = [rows.to_conversation(item) for item in items]
        open_ = [rows.to_conversation(item) for item in self.dynamo.query(f"P#{contact}", prefix="open#")]
        return sorted([*past, *open_], key=lambda c: c.opened_at, reverse=True)

    @staticmethod
    def listed_conversations(listed: Sequence[tuple[Key, str]]) -> list[tuple[str, str]]:
        """Listed keys as conversation ids with their marks: no call."""
        return [(mark.rpartition("#")[2], mark) for _, mark in listed]

    def still_apart(self, contact: Contact) -> Change:
        """A known person's first conversation in a thread group is theirs only while nobody joined them elsewhere: 2 T."""
        condition = "attribute_not_exists(#it)" if contact.into is None else "#it = :it"
        return check("apart", rows.contact_key(contact.id), condition, {"it": contact.into} if contact.into else None)

    def slots(self, contact: str) -> list[Conversation]:
        """A contact's latest conversation in each thread group: 1 call."""
        return [rows.to_conversation(item) for item in self.dynamo.query(f"P#{contact}", prefix="open#")]

    def contacts(self, contacts: Iterable[str]) -> dict[str, Contact]:
        """Several people: 1 call."""
        found = self.dynamo.get_many(rows.contact_key(contact) for contact in contacts)
        return {contact.id: contact for contact in map(rows.to_contact, found.values())}

    def contacts_listed(self, cursor: str | None, limit: int) -> tuple[list[Contact], str | None]:
        """All people page by page, and where to go on (`<shard>.<mark>`): 2 calls a page, one more for each empty shard."""
        shard, _, mark = (cursor or "0.").partition(".")
        number, found = int(shard), list[Contact]()
        while number < rows.CONTACT_SHARDS:
            listed = self.listed(f"contacts#{number}", after=rows.behind(mark), limit=limit)
            items = self.dynamo.get_many(key for key, _ in listed)
            found = [rows.to_contact(items[key]) for key, _ in listed if key in items]
            if len(listed) == limit:
                return found, f"{number}.{rows.to_listed(listed[-1][1]).cursor}"
            number, mark = number + 1, ""
            if found:
                break
        return found, f"{number}." if number < rows.CONTACT_SHARDS else None

    def withdraw(self, message: Message, at: datetime) -> Change:
        """Its author took it back: the words and files go, that there was one stays: 2 T."""
        gone = {"text": "", "reply_text": None, "html": None, "attachments": (), "raw": None, "subject": None}
        item = rows.message_item(message.model_copy(update=gone | {"withdrawn_at": at}), "-")
        return update(
            "withdrawn", rows.message_key(message.id), "SET #d = :d", {"d": item["d"]}, "attribute_exists(#pk)"
        )

    def rehome(self, message: str, conversation: str, to: str) -> bool:
        """Move one message to another conversation: 1 W +2. False if it is not there (any more)."""
        values = {"to": to, "cv": conversation}
        try:
            self.commit(update("message", rows.message_key(message), "SET #cv = :to", values, "#cv = :cv"))
        except Lost:
            return False
        return True

    def contact(self, contact: str) -> Contact | None:
        """A person: 1 R."""
        item = self.dynamo.get(rows.contact_key(contact))
        return rows.to_contact(item) if item else None

    def messages(
        self,
        conversation: str,
        *,
        after: str | None = None,
        before: str | None = None,
        limit: int = 50,
        backwards: bool = False,
    ) -> list[Message | Send]:
        """A conversation's messages by time, outbound ones with their state: 1 call, an index read."""
        found = self.dynamo.query(
            conversation, index="conversation", after=after, before=before, limit=limit, backwards=backwards
        )
        return [rows.to_send(item) if "st" in item else rows.to_message(item) for item in found]

    def thread(
        self,
        conversation: Conversation,
        *,
        after: str | None = None,
        before: str | None = None,
        limit: int = 50,
        backwards: bool = False,
        outreach: bool = False,
    ) -> list[Message | Send]:
        """As `messages`, with those of the conversations that became part of it: 1 call each.

        With `outreach` also what we had written first to its people, from 30 days before it began until it was closed: 1 call more each.
        """
        own = (conversation.id, *conversation.merged)
        pages = [self.messages(one, after=after, before=before, limit=limit, backwards=backwards) for one in own]
        if outreach:
            since = max(after or "", f"{max(0, to_ms(conversation.opened_at) - _OUTREACH_MS):013d}")
            ended = conversation.resolved_at if conversation.state is State.CLOSED else None
            until = "9" if ended is None else f"{to_ms(ended):013d}~"
            until = min(until, before) if before is not None else until
            for thread in dict.fromkeys(filter(None, map(first_thread, own))):
                found = self.dynamo.query(
                    thread, index="conversation", between=(f"{since}!", until), limit=limit, backwards=backwards
                ) if since < until else ()  # fmt: skip
                pages.append([rows.to_send(item) for item in found if "st" in item])
        if len(pages) == 1:
            return pages[0]
        return list(heapq.merge(*pages, key=_cursor, reverse=backwards))[:limit]

    def message(self, message_id: str) -> Message | Send | None:
        """One message by id: 1 R."""
        item = self.dynamo.get(rows.message_key(message_id))
        if item is None:
            return None
        return rows.to_send(item) if "st" in item else rows.to_message(item)


def _cursor(one: Message | Send) -> str:
    return one.message.cursor if isinstance(one, Send) else one.cursor
