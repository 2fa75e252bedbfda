"""How a run of a campaign stands, as text."""

from __future__ import annotations

from typing import Any


def told_status(found: dict[str, Any]) -> str:
    """A status as text."""
    which = f", run {found['run']}" if found["run"] else f", since {found['since']}" if found["since"] else ""
    lines = [f"{found['campaign']}: {found['state'].replace('_', ' ')}{which}"]
    if found["state"] == "paused" and found["by"]:
        lines.append(f"  paused by {found['by']}")
    if found["state"] == "out_of_budget":
        lines.append(f"  Raise the budget, apply, and `santral campaign resume {found['campaign']}`.")
    if found["state"] == "asking":
        lines.append(
            f"  It is for about {found['share']} % of all contacts: `santral campaign confirm {found['campaign']}` lets it go on."
        )
    if found["run"]:
        lines.append(f"  looked at   {found['looked']:>8}   not for them {found['outside']}")
    lines.append(f"  journeys    {found['journeys']:>8}")
    lines.append(f"  sent        {found['sent']:>8}" + _spread(found["channels"]) + _messages(found))
    lines += [f"  {name:<12}{found[name]:>8}" for name in ("pending", "parked", "dropped")]
    if found["reasons"]:
        lines.append("  why nothing has left, or not yet")
    lines += [f"    {code:<22}{count:>8}   {found['told'].get(code, '')}" for code, count in found["reasons"].items()]
    if found["clicked"] or found["replied"]:
        lines.append(f"  clicked     {found['clicked']:>8}   replied {found['replied']}")
    lines.append(f"  cost        {_sum(found['cost']):>8} {found['currency']}")
    if found["budget"] is not None:
        lines.append(f"  budget      {_sum(found['budget']):>8} {found['currency']} for each run")
    lines += [_survey(one) for one in found["surveys"]]
    for one in found["variants"]:
        if not found["goal"]:
            lines.append(f"  {one['name']}: {one['people']} people")
        elif len(found["variants"]) > 1:
            lines.append(
                f"  {one['name']}: {one['reached']} of {one['people']} reached the goal ({100 * one['rate']:.1f} %)"
            )
            if one["told"]:
                lines.append(f"    {one['told']}")
    return "\n".join(lines)


def _sum(amount: float) -> str:
    """With as many digits as a small sum needs to be seen."""
    return f"{amount:.{2 if amount >= 1 or not amount else 4}f}"


def _survey(one: dict[str, Any]) -> str:
    """One kind of score: how many answered, and what that comes to."""
    line = f"  {one['kind']:<12}{one['answers']:>8}"
    if one["answers"]:
        line += f"   mean {one['mean']:.1f}" + (f", NPS {one['nps']:+.0f}" if one["nps"] is not None else "")
        line += f"   ({100 * one['rate']:.1f} % answered)" if one["rate"] is not None else ""
    return line


def _spread(channels: dict[str, int]) -> str:
    return "   " + ", ".join(f"{channel} {count}" for channel, count in channels.items()) if channels else ""


def _messages(found: dict[str, Any]) -> str:
    return f"   ({found['messages']} messages)" if found["messages"] != found["sent"] else ""
