"""What SES knows of a mail inbox: may we send from it, and does its mail come to this stack?

Facts are from SES's pages "Verified identities", "Receipt rules" and "Moving out of the sandbox".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from santral.inbox_checks import Line, listed


@dataclass(frozen=True, slots=True)
class Ses:
    """What was read: the identity (its domain's, if the address has none), the account, the active receipt rule set."""

    region: str
    bucket: str
    identity: Mapping[str, Any] | None
    account: Mapping[str, Any]
    active: Mapping[str, Any] | None  # None: SES does not receive in this region


def mail(address: str, ses: Ses) -> Iterator[Line]:
    """The findings."""
    domain = address.rpartition("@")[2]
    if ses.identity is None:
        todo = f"aws sesv2 create-email-identity --email-identity {domain}, and publish the DKIM records it names"
        yield Line("missing", f"SES knows neither {address} nor {domain}", todo)
    elif ses.identity.get("VerifiedForSendingStatus") is not True:
        yield Line(
            "missing", f"{domain} is not verified yet", "publish the DKIM records, and wait for SES to find them"
        )
    else:
        yield Line("ok", f"SES sends from {domain}")
        dkim = ses.identity.get("DkimAttributes")
        if isinstance(dkim, Mapping) and dkim.get("Status") not in (None, "SUCCESS"):
            yield Line("missing", f"DKIM is {dkim.get('Status')}", "publish the three CNAME records SES names")
    if ses.account.get("SendingEnabled") is False:
        yield Line("missing", "SES paused this account's sending", "see the account's dashboard in SES")
    if ses.account.get("ProductionAccessEnabled") is False:
        todo = "SES console > Account dashboard > Request production access"
        yield Line("missing", "SES sends only to verified addresses: the account is in the sandbox", todo)
    yield from _received(address, domain, ses)


def _received(address: str, domain: str, ses: Ses) -> Iterator[Line]:
    if ses.active is None:
        yield Line("missing", f"SES receives no mail in {ses.region}", "deploy in a region where it does")
        return
    name = (ses.active.get("Metadata") or {}).get("Name")
    if not name:
        todo = "create and activate a rule set, then deploy with its name as ReceiptRuleSetName"
        yield Line("missing", "the account has no active receipt rule set", todo)
        return
    rules = [rule for rule in listed(ses.active.get("Rules")) if _stores(rule, ses.bucket)]
    if not rules:
        yield Line(
            "missing",
            f"the active rule set '{name}' has no rule of this stack",
            f"deploy with ReceiptRuleSetName={name}",
        )
        return
    if not any(rule.get("Enabled") is True for rule in rules):
        yield Line("missing", f"this stack's rule in '{name}' is disabled", "enable it")
    elif not any(covers(rule.get("Recipients") or [], address) for rule in rules):
        yield Line("missing", f"this stack's rule takes no mail for {domain}", f"deploy with MailDomain={domain}")
    else:
        yield Line("ok", f"the active rule set '{name}' gives mail for {domain} to this stack")
    mx = f"inbound-smtp.{ses.region}.amazonaws.com"
    yield Line("unknown", f"whether {domain}'s MX is 10 {mx}", f"dig +short MX {domain}")


def covers(recipients: list[str], address: str) -> bool:
    """Does a rule take mail for the address? A domain takes its addresses, `.domain` its subdomains', none takes all."""
    domain = address.rpartition("@")[2].lower()
    wanted = {one.lower() for one in recipients}
    above = {f".{domain.split('.', n)[n]}" for n in range(1, domain.count(".") + 1)}
    return not wanted or bool(wanted & {address.lower(), domain, *above})


def _stores(rule: Mapping[str, Any], bucket: str) -> bool:
    return any((action.get("S3Action") or {}).get("BucketName") == bucket for action in listed(rule.get("Actions")))
