"""What Meta knows of an inbox: its app, its token, its account, and whether the account's events come to this webhook.

Facts are from Meta's pages "Debug-Token", "App Subscriptions", "Page Subscribed Apps", "WhatsApp Business Account Subscribed
Apps" (Graph API reference), "Webhooks for Instagram" and "Setup Webhooks Subscriptions" (Instagram Platform).
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

from channels import meta, registry
from channels.instagram import OWN_HOST
from channels.whatsapp_values import digits
from router.errors import SantralError
from router.wire import HttpRequest, HttpResponse
from santral.inbox_checks import Check, Fix, Line, Subject, handshake, listed, object_in, shown

SOON = timedelta(days=14)
Asked = Generator[HttpRequest | Line, HttpResponse | None, dict[str, Any] | None]


@dataclass(frozen=True, slots=True)
class Needs:
    """What a channel must have at Meta. Without the `fields` something is lost; `scopes` are the token's permissions."""

    object: str
    fields: tuple[str, ...]
    scopes: tuple[str, ...]


NEEDS = {
    "whatsapp": Needs(
        "whatsapp_business_account", ("messages",), ("whatsapp_business_messaging", "whatsapp_business_management")
    ),
    "messenger": Needs(
        "page",
        (
            "messages",
            "messaging_postbacks",
            "message_deliveries",
            "message_reads",
            "message_echoes",
            "message_reactions",
        ),
        ("pages_messaging", "pages_manage_metadata"),
    ),
    "instagram": Needs(
        "instagram",
        ("messages", "messaging_postbacks", "messaging_seen", "message_reactions"),
        ("instagram_basic", "instagram_manage_messages", "pages_manage_metadata"),
    ),
}


def check(s: Subject) -> Check:
    """The whole check of a WhatsApp, Messenger or Instagram inbox."""
    yield from handshake(s)
    token = s.credentials.get("access_token", "")
    if not token:
        return
    if s.inbox.channel == "instagram" and s.inbox.settings.get("login") == "instagram":
        yield from _own_login(s, token)
        return
    app = yield from _ask(f"{meta.GRAPH}/app?fields=id,name", token, "access_token")
    if app is None:
        return
    app_id = str(app.get("id") or "")
    yield Line("ok", f"access_token is one of the app {app_id}")
    stated = str(s.inbox.settings.get("app_id") or app_id)
    if stated != app_id:
        yield Line("missing", f"settings.app_id is {stated}, the token is of {app_id}", "correct it, or take it out")
    data = None
    if s.credentials.get("app_secret"):
        yield from _app(s, app_id)
        data = yield from _debugged(s, app_id, token)
    yield from _account(s, token, app_id, data or {})


def _app(s: Subject, app_id: str) -> Check:
    """Does the app call us, for this object, with all that we read? Its secret proves itself on the way."""
    needs, mine = NEEDS[s.inbox.channel], f"{app_id}|{s.credentials['app_secret']}"
    found = yield from _ask(f"{meta.GRAPH}/{quote(app_id, safe='')}/subscriptions", mine, "app_secret")
    if found is None:
        return
    yield Line("ok", "app_secret is that of the app")
    subscription = next((one for one in listed(found.get("data")) if one.get("object") == needs.object), {})
    fields = {name for one in subscription.get("fields") or [] if (name := _name(one))}
    lacking = [name for name in needs.fields if name not in fields]
    urls = {s.url, *(s.webhook_of(one) for one in s.beside)}
    form = {
        "object": needs.object, "callback_url": s.url, "include_values": "true",
        "verify_token": s.credentials.get("verify_token", ""), "fields": ",".join(sorted(fields | set(needs.fields))),
    }  # fmt: skip
    question = f"Let the app {app_id} call {s.url} about '{needs.object}'? It calls one URL for all its accounts."
    fix = Fix(question, _post(f"{meta.GRAPH}/{quote(app_id, safe='')}/subscriptions", mine, form), _failed)
    todo = f"App Dashboard > Webhooks > '{needs.object}': {s.url}, the verify_token, and its fields; or --fix"
    url = str(subscription.get("callback_url") or "")
    if url not in urls:
        yield Line("missing", f"for '{needs.object}' the app calls {shown(url)}", todo, fix)
    elif subscription.get("active") is False:
        yield Line("missing", f"the app's webhook for '{needs.object}' is switched off", todo, fix)
    elif lacking:
        yield Line("missing", f"the app is not subscribed to {', '.join(lacking)}", todo, fix)
    else:
        whose = "this inbox's URL" if url == s.url else f"a neighbour's URL, which serves this one too: {url}"
        yield Line("ok", f"for '{needs.object}' the app calls {whose}")


def _debugged(s: Subject, app_id: str, token: str) -> Asked:
    """Is the token alive, until when, and what may it do?"""
    mine = f"{app_id}|{s.credentials['app_secret']}"
    found = yield from _ask(f"{meta.GRAPH}/debug_token?{urlencode({'input_token': token})}", mine, "access_token")
    if found is None:
        return None
    data = found.get("data")
    data = data if isinstance(data, dict) else {}
    if data.get("is_valid") is not True:
        yield Line("missing", "Meta calls the access_token no longer valid", "make a new one")
        return data
    lacking = [scope for scope in NEEDS[s.inbox.channel].scopes if scope not in (data.get("scopes") or [])]
    if lacking:
        yield Line("missing", f"access_token lacks {', '.join(lacking)}", "make a new one with these permissions")
    else:
        yield Line("ok", "access_token has its permissions")
    until = data.get("expires_at")
    if isinstance(until, int) and until > 0:
        end = datetime.fromtimestamp(until, UTC)
        state: Any = "missing" if end - s.now < SOON else "unknown"
        yield Line(state, f"access_token ends on {end:%Y-%m-%d}", "a system user's token can be made to never end")
    else:
        yield Line("ok", "access_token never ends")
    return data


def _account(s: Subject, token: str, app_id: str, data: dict[str, Any]) -> Check:
    if s.inbox.channel == "whatsapp":
        yield from _number(s, token, app_id, data)
        return
    fields = "id,name" + (",instagram_business_account{id,username}" if s.inbox.channel == "instagram" else "")
    page = yield from _ask(f"{meta.GRAPH}/me?{urlencode({'fields': fields})}", token, "access_token")
    if page is None:
        return
    found = str(page.get("id") or "")
    linked = page.get("instagram_business_account")
    own = str(linked.get("id") or "") if isinstance(linked, dict) else ""
    stated = registry.get(s.inbox.channel).account(s.inbox)
    if s.inbox.channel == "instagram" and not own:
        todo = "link them: the page's Settings > Linked accounts > Instagram; or the token is not the page's"
        yield Line("missing", "the token's page has no Instagram professional account", todo)
    elif stated and stated not in (found, own):
        todo = "correct the inbox's address, or store that page's own token"
        yield Line("missing", f"the token is of account {own or found}, the inbox says {stated}", todo)
    else:
        yield Line("ok", f"access_token is that of account {own or found}")
    yield from _subscribed(s, token, found, app_id, page=True)


def _number(s: Subject, token: str, app_id: str, data: dict[str, Any]) -> Check:
    number_id = str(s.inbox.settings.get("phone_number_id") or (s.inbox.address if s.inbox.address.isdigit() else ""))
    if not number_id:
        todo = "copy Phone number ID from App Dashboard > WhatsApp > API Setup"
        yield Line("missing", "settings.phone_number_id is not stated: nothing can be sent", todo)
    else:
        fields = "display_phone_number,verified_name,quality_rating"
        number = yield from _ask(f"{meta.GRAPH}/{quote(number_id, safe='')}?fields={fields}", token, "phone_number_id")
        if number is not None:
            shown_as, own = digits(number.get("display_phone_number")), digits(s.inbox.address)
            if own and own not in (shown_as, number_id):
                todo = "correct the inbox's address or its phone_number_id"
                yield Line("missing", f"phone_number_id is of +{shown_as}, the inbox's address is another", todo)
            else:
                yield Line(
                    "ok", f"phone_number_id is of +{shown_as}, quality {number.get('quality_rating') or 'unknown'}"
                )
    granted = {
        str(target)
        for one in listed(data.get("granular_scopes"))
        if one.get("scope") == "whatsapp_business_management"
        for target in one.get("target_ids") or []
    }
    waba = str(s.inbox.settings.get("waba_id") or (granted.pop() if len(granted) == 1 else ""))
    if waba:
        yield from _subscribed(s, token, waba, app_id, page=False)
    else:
        todo = "write WhatsApp Business Account ID into settings.waba_id, and look again"
        yield Line("unknown", "which WhatsApp Business Account it is: the token may see several, or says none", todo)


def _subscribed(s: Subject, token: str, account: str, app_id: str, *, page: bool) -> Check:
    """Has the account the app among those that hear of it? After an hour of failures Meta takes it out."""
    where = f"{meta.GRAPH}/{quote(account, safe='')}/subscribed_apps"
    found = yield from _ask(where, token, "access_token")
    if found is None:
        return
    needed = NEEDS["messenger"].fields if page else ()
    form = {"subscribed_fields": ",".join(needed)} if page else {}
    what = "page" if page else "WhatsApp Business Account"
    fix = Fix(f"Subscribe the app {app_id} to the {what} {account}?", _post(where, token, form), _failed)
    apps = {_app_of(one): one for one in listed(found.get("data"))}
    mine = apps.get(app_id)
    todo = f"POST /{account}/subscribed_apps, or --fix"
    if mine is None:
        yield Line("missing", f"the {what} {account} does not tell the app anything", todo, fix)
        return
    has = {name for one in mine.get("subscribed_fields") or [] if (name := _name(one))}
    lacking = [name for name in needed if name not in has]
    if s.inbox.channel == "messenger" and lacking:
        yield Line("missing", f"the page tells the app nothing of {', '.join(lacking)}", todo, fix)
    else:
        yield Line("ok", f"the {what} {account} tells the app")


def _own_login(s: Subject, token: str) -> Check:
    """An account connected by Instagram Login: its own host, its own app."""
    me = yield from _ask(f"{OWN_HOST}/me?fields=user_id,username", token, "access_token")
    if me is None:
        return
    found, stated = str(me.get("user_id") or ""), registry.get("instagram").account(s.inbox)
    if stated and found and stated != found:
        yield Line("missing", f"the token is of account {found}, the inbox says {stated}", "correct the address")
    else:
        yield Line("ok", f"access_token is that of account {found}")
    where = f"{OWN_HOST}/me/subscribed_apps"
    apps = yield from _ask(where, token, "access_token")
    if apps is None:
        return
    needed = NEEDS["instagram"].fields
    fix = Fix(
        "Subscribe the app to the Instagram account?",
        _post(where, token, {"subscribed_fields": ",".join(needed)}),
        _failed,
    )
    has = {
        name for app in listed(apps.get("data")) for one in app.get("subscribed_fields") or [] if (name := _name(one))
    }
    lacking = [name for name in needed if name not in has]
    if lacking:
        yield Line(
            "missing",
            f"the account tells the app nothing of {', '.join(lacking)}",
            "POST subscribed_apps, or --fix",
            fix,
        )
    else:
        yield Line("ok", "the account tells the app")
    todo = (
        "App Dashboard > Instagram > API setup with Instagram login > Configure webhooks: this URL and the verify_token"
    )
    yield Line("unknown", "which URL an app of Instagram Login calls is not told by the API", todo)


def _ask(url: str, token: str, credential: str) -> Asked:
    """What the Graph API gives; None after a line that says why it gives nothing."""
    answer = yield HttpRequest("GET", url, {"authorization": f"Bearer {token}", "accept": "application/json"})
    if answer is not None and 200 <= answer.status < 300:
        return object_in(answer)
    if answer is None or answer.status >= 500:
        yield Line("unknown", "Meta does not answer", "look again later")
        return None
    yield Line("missing", f"with this {credential} {_why(answer)}", "see docs/channels.md for where it stands")
    return None


def _post(url: str, token: str, form: dict[str, str]) -> HttpRequest:
    headers = {"authorization": f"Bearer {token}", "content-type": "application/x-www-form-urlencoded"}
    return HttpRequest("POST", url, headers, urlencode(form).encode())


def _failed(answer: HttpResponse) -> str | None:
    return None if 200 <= answer.status < 300 and object_in(answer).get("success") is not False else _why(answer)


def _why(answer: HttpResponse) -> str:
    """A refusal in our own words."""
    try:
        meta.refused(answer, harmless=True)
    except SantralError as error:
        return str(error)


def _name(field: object) -> str:
    """A field's name: some answers give it bare, some with its version."""
    return str(field.get("name") or "") if isinstance(field, dict) else str(field)


def _app_of(one: dict[str, Any]) -> str:
    whatsapp = one.get("whatsapp_business_api_data")
    return str((whatsapp if isinstance(whatsapp, dict) else one).get("id") or "")
