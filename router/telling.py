"""What another system tells of a person, as it is written: the body of `POST /v1/events`, or an event on EventBridge."""

from __future__ import annotations

import json

from pydantic import ValidationError

from router import happened
from router.errors import Invalid, NotFound, Unparsable
from router.exchange import Exchange
from router.integration_views import EventBody
from router.once import User
from router.records import Happening


def told(x: Exchange, user: User, body: EventBody, name: str) -> Happening:
    """Store what a body tells; `name` is its id where it gives none. Raises Invalid, NotFound, Refused."""
    try:
        data = json.dumps(body.data, ensure_ascii=False, allow_nan=False)
    except ValueError:  # the parser takes NaN and 1e999, which no JSON can give back (RFC 8259, section 6)
        raise Invalid("data holds a number that is none in JSON", field="data") from None
    if len(data.encode("utf-8", "surrogatepass")) > happened.MOST_BYTES:
        raise Invalid("an event holds at most 32 KB of data", field="data")
    about = happened.About(body.contact.id, body.contact.channel, body.contact.address, body.create)
    return happened.tell(x, user, body.id or name, body.type, about, body.time, body.data)


def hear(x: Exchange, text: str) -> Happening | None:
    """Store what an event on our bus tells: `detail` is a body without its type, which is `detail-type`, and `source` says who tells it.

    None where it is about somebody nobody knows: as with the API such an event is kept for nobody. Raises Unparsable, and Invalid
    for a body that breaks a rule; both say nothing of what is in it.
    """
    try:
        event = json.loads(text)
        own, source, kind, detail = str(event["id"]), str(event["source"]), event["detail-type"], dict(event["detail"])
    except (ValueError, KeyError, TypeError):
        raise Unparsable("this is no event of EventBridge") from None
    given = {name: value for name, value in detail.items() if value is not None}
    try:
        body = EventBody.model_validate_json(json.dumps({"time": event.get("time"), **given, "type": kind}))
    except ValidationError as error:
        first = str((error.errors()[0]["loc"] or ("detail",))[0])
        field = first if first in EventBody.model_fields else "detail"  # a name that is not ours may be anything
        x.log("event not read", {"event": own, "source": source, "field": field})
        raise Invalid(f"event {own}: {field} is wrong", field=field) from None
    user = User(f"bus:{source}", frozenset({"agent"}), machine=True, scopes=frozenset({"events:write"}))
    try:
        return told(x, user, body, own)
    except NotFound:
        x.count("EventAboutNobody", 1)
        x.log("event about nobody", {"event": own, "source": source})
        return None
    except Invalid as error:
        x.log("event not read", {"event": own, "source": source, "field": error.field})
        raise
