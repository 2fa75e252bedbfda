"""Who a page-scoped id is: Messenger's and Instagram's webhooks bring no names.

Sources: "User Profile API" (first_name, last_name, name), "Instagram User Profile API" (name, username). People who blocked the
page, or whose consent is missing, are not told of (230, 551 and others): then the id is all there is.
"""

from __future__ import annotations

from urllib.parse import quote

from channels import meta
from channels.base import Credentials, HttpRequest, HttpResponse
from channels.reading import clean, json_object
from router.errors import Temporary, Unparsable

MAX_NAME = 200


def ask(address: str, fields: str, credentials: Credentials, host: str = meta.GRAPH) -> HttpRequest | None:
    """A GET of the person's profile."""
    token = credentials.get("access_token")
    if not token or not address:
        return None
    url = f"{host}/{quote(address, safe='')}?fields={fields}"
    return HttpRequest("GET", url, {"authorization": f"Bearer {token}", "accept": "application/json"})


def name_in(response: HttpResponse) -> str | None:
    """The whole name, else what there is of it, else the username."""
    if response.status in (408, 429) or response.status >= 500:
        raise Temporary(f"Meta answered {response.status} when asked for a name")
    if response.status != 200:
        return None
    try:
        found = json_object(response.body)
    except Unparsable:
        return None
    parts = [word for field in ("first_name", "last_name") if (word := _word(found.get(field)))]
    name = _word(found.get("name")) or " ".join(parts) or _word(found.get("username"))
    return name[:MAX_NAME] or None


def _word(value: object) -> str:
    return " ".join(clean(value).split()) if isinstance(value, str) else ""
