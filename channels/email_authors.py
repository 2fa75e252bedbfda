"""Who wrote a mail: its From as a person reads it, and who stands behind it where the From is the inbox's own."""

from __future__ import annotations

from collections.abc import Sequence

from channels.mail_headers import addresses, normal_address
from channels.mime import Part
from router.messages import Party


def author_of(root: Part, problems: list[str], inbox: str, source: Sequence[str], *, ours: bool) -> tuple[Party, bool]:
    """The author, and whether SES's DMARC verdict can speak for them: one From header with one mailbox.

    `source` is the envelope's sender; `ours`: we sent this very mail. What is odd about the From is added to `problems`.
    """
    found = addresses(root.all("from"))
    if found:
        alone = len(root.all("from")) == 1
        single = alone and len(found) == 1
        if single and not ours and (author := _behind(root, problems, found[0].address, inbox)):
            return author, False
        whole = [party for party in found if "@" in party.address]
        if alone and len(found) > 1 and len(whole) == 1:
            problems.append("a comma in the From's name without quotes: not proved")
            name = root.read("from").partition("<")[0].strip("\"' ")[:200]
            return Party(address=whole[0].address, name=name or whole[0].name), False
        if not single:
            problems.append("several authors in From: the first is taken, and none counts as proved")
        elif not whole:
            problems.append("the From address has no domain")
        return found[0], single and bool(whole)
    for name in ("sender", "resent-from", "reply-to", "return-path"):
        found = addresses(root.all(name))
        if found:
            problems.append(f"no readable From: the sender is taken from {name.title()}")
            return found[0], False
    problems.append("no readable From")
    return Party(address=normal_address(" ".join(source)) or ""), False


def _behind(root: Part, problems: list[str], shown: str, inbox: str) -> Party | None:
    """Who wrote what comes in the inbox's own name: through its mailing group or a form on the company's pages.

    An answer to the inbox itself would reach nobody. Groups that take over the From keep it in X-Original-From; forms put
    the customer into Reply-To.
    """
    if _without_plus(shown) != _without_plus(inbox):
        return None
    for name in ("x-original-from", "x-original-sender", "reply-to"):
        found = addresses(root.all(name))
        if len(found) == 1 and "@" in found[0].address and _without_plus(found[0].address) != _without_plus(inbox):
            problems.append(f"From is the inbox's own address: the sender is taken from {name.title()}")
            return found[0]
    return None


def _without_plus(address: str) -> str:
    local, at, domain = address.lower().rpartition("@")
    return f"{local.partition('+')[0]}{at}{domain}"
