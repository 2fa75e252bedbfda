"""The measures by their definitions in docs/measures.md, tick by tick and without a fold: slow, and plain to read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from router.business import WallClock
from router.clocks import runs
from router.measures import Answer, Case, Shift
from router.targets import Term
from router.timeline import Mark

LINE, HAD, DONE = "WO", "CP", "RX"


class Story:
    """One conversation's marks of state, and what is asked of them at an index."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.marks: Sequence[Mark] = [mark for mark in case.timeline if mark.what.state]
        self.letters = [mark.what.value for mark in self.marks]

    def queue(self, index: int) -> str:
        """The queue of the last waiting at or before a mark."""
        waits = [mark for mark in self.marks[: index + 1] if mark.what.value == "W"]
        return (waits[-1].of if waits else None) or self.case.queue

    def queue_at(self, at: int) -> str:
        before = [index for index, mark in enumerate(self.marks) if mark.at <= at]
        return self.queue(before[-1]) if before else self.case.queue

    def until(self, index: int) -> float:
        return self.marks[index + 1].at if index + 1 < len(self.marks) else float("inf")

    def stretch(self, index: int, letters: str) -> int:
        """The first index of the unbroken run of such states that this one belongs to."""
        while index > 0 and self.letters[index - 1] in letters:
            index -= 1
        return index


def counted(
    cases: Iterable[Case], shifts: Iterable[Shift], start: int, end: int, answers: Iterable[Answer] = ()
) -> dict[str, Any]:
    """Everything that falls into [start, end), by the text of its key."""
    shifts = list(shifts)
    counts: Counter[tuple[str, str]] = Counter()
    waits: dict[tuple[str, str], list[int]] = {}
    ages: dict[str, list[tuple[int, int | None]]] = {}
    for case in cases:
        if not case.spam:
            _conversation(Story(case), start, end, counts, waits, ages)
        _held(Story(case), shifts, start, end, counts)
    for shift in shifts:
        _shift(shift, start, end, counts)
    for answer in answers:
        if start <= answer.at < end:
            counts[f"|{answer.channel}||{answer.language or ''}|", f"{answer.kind}.{answer.value}"] += 1
    return {
        "counts": {key: n for key, n in counts.items() if n},
        "waits": {key: sorted(found) for key, found in waits.items()},
        "standing": {
            key: (
                len(found), sum(age for age, _ in found), max(age for age, _ in found),
                sum(lined is not None for _, lined in found), max((lined or 0) for _, lined in found),
            )
            for key, found in ages.items()
        },
    }  # fmt: skip


def _line(case: Case, queue: str) -> str:
    return f"{queue}|{case.channel}|{case.tier or ''}|{case.language or ''}|{case.skill or ''}"


def _conversation(story: Story, start: int, end: int, counts: Any, waits: Any, ages: Any) -> None:
    case, marks, letters = story.case, story.marks, story.letters

    def count(queue: str, name: str, at: float, agent: str | None = None, n: int = 1) -> None:
        if start <= at < end:
            counts[_line(case, queue), name] += n
            if agent is not None:
                counts[f"{agent}|{queue}|{case.channel}", name] += n

    for index, mark in enumerate(marks):
        letter = letters[index]
        before = letters[index - 1] if index else ""
        if not before:
            count(story.queue(index), "begun", mark.at)
        if before and before in DONE and letter not in DONE:
            count(story.queue(index), "reopens", mark.at)
        if letter in LINE and before not in ("W", "O"):
            _wait(story, index, start, end, count, waits)
        if letter in HAD:
            _having(story, index, start, end, count)
        if letter == "R" and before not in ("R", "X"):
            after = "".join(letters[index:]).lstrip("RX")
            if mark.of is None:
                count(story.queue(index), "alone", mark.at)
            else:
                earlier = [
                    i for i in range(index)
                    if letters[i] == "R" and marks[i].of is not None and (i == 0 or letters[i - 1] not in DONE)
                ]  # fmt: skip
                count(story.queue(index), "resolved", mark.at, mark.of)
                if after:
                    count(story.queue(index), "reopened", mark.at, mark.of)
                if not earlier:
                    count(story.queue(index), "first", mark.at, mark.of)
                    if not after:
                        count(story.queue(index), "first_kept", mark.at, mark.of)
    past = [index for index, mark in enumerate(marks) if mark.at < end]
    if past and letters[past[-1]] not in DONE:
        now = past[-1]
        begun = max((i + 1 for i in range(now) if letters[i] in DONE), default=0)
        lined = end - marks[story.stretch(now, LINE)].at if letters[now] in LINE else None
        ages.setdefault(_line(case, story.queue(now)), []).append((end - marks[begun].at, lined))
    for run in runs(case.timeline, case.terms):
        due = run.sum(case.terms.terms[run.target]).due
        missed = due is not None and (run.ended is None or due < run.ended)
        at = due if missed else run.ended if run.met else None
        if at is not None:
            whose = _whose(story, due) if missed and run.by is None and due is not None else run.by
            count(story.queue_at(at), f"{'missed' if missed else 'met'}.{run.target.value}", at, whose)
    for one in case.promises:
        settled = one.due if one.ended is None or one.due < one.ended else one.ended
        kept = one.ended is not None and one.kept
        count(story.queue_at(settled), f"promises_{'kept' if kept else 'broken'}", settled, one.by)
    for score in case.scores:
        count(story.queue_at(score.at), f"{score.kind}.{score.value}", score.at, score.agent)


def _whose(story: Story, at: int) -> str | None:
    """Which agent has it at that tick?"""
    now = [index for index, mark in enumerate(story.marks) if mark.at <= at]
    return story.marks[now[-1]].of if now and story.letters[now[-1]] in HAD else None


def _in_time(term: Term, begun: int, at: int) -> bool:
    """Tick by tick: was no more of its time used than there is?"""
    amount = term.amount_from(begun)
    if isinstance(term.time, WallClock):
        return amount is None or at - begun <= amount
    return amount is None or sum(term.time.is_open(tick) for tick in range(begun, at)) <= amount


def _wait(story: Story, index: int, start: int, end: int, count: Any, waits: Any) -> None:
    """A wait that begins at this mark: how does it end?"""
    case, marks, letters = story.case, story.marks, story.letters
    begun = marks[index].at
    last = index
    while last + 1 < len(letters) and letters[last + 1] in LINE:
        last += 1
    whole = list(case.timeline)
    here = next(i for i, mark in enumerate(whole) if mark is marks[index])
    over = next((i for i, mark in enumerate(whole) if last + 1 < len(marks) and mark is marks[last + 1]), len(whole))
    answers = [i for i in range(here, over) if whole[i].what.value == "A"]
    if answers:
        at, agent, given_up = whole[answers[0]].at, whole[answers[0]].of, False
        states_before = sum(mark.what.state for mark in whole[: answers[0]])
        queue = story.queue(states_before - 1)
    elif over == len(whole) or letters[last + 1] in "ZX":
        return
    else:
        at, agent, given_up = (
            marks[last + 1].at,
            marks[last + 1].of,
            letters[last + 1] == "R" and marks[last + 1].of is None,
        )
        queue = story.queue(last + 1)
    ms = at - begun
    if start <= at < end:
        keys = [_line(case, queue)] + ([] if given_up or agent is None else [f"{agent}|{queue}|{case.channel}"])
        for key in keys:
            waits.setdefault((key, "abandoned" if given_up else "answered"), []).append(ms)
    in_time = _in_time(case.target, begun, at)
    if given_up and not in_time:
        count(queue, "late_abandoned", at)
    if not given_up and in_time:
        count(queue, "in_time", at, agent)


def _having(story: Story, index: int, start: int, end: int, count: Any) -> None:
    """An agent has it at this mark: time by ticks; and if the agent's turn begins here, how it ends."""
    marks, letters = story.marks, story.letters
    agent, queue = marks[index].of, story.queue(index)
    if letters[index] == "C":
        for tick in range(start, end):
            if marks[index].at <= tick < story.until(index):
                count(queue, "active_ms", tick, agent)
    if index and letters[index - 1] in HAD and marks[index - 1].of == agent:
        return
    last = index
    while last + 1 < len(marks) and letters[last + 1] in HAD and marks[last + 1].of == agent:
        last += 1
    if last + 1 == len(marks):
        return
    at = marks[last + 1].at
    worked = sum(marks[i + 1].at - marks[i].at for i in range(index, last + 1) if letters[i] == "C")
    count(queue, "handled", at, agent)
    count(queue, "handled_ms", at, agent, worked)
    after = last + 1
    while after < len(marks) and letters[after] == "O":
        after += 1
    if after < len(marks):
        to_queue = letters[after] == "W" and story.queue(after) != queue
        to_agent = letters[after] in HAD and marks[after].of != agent
        if to_queue or to_agent:
            count(queue, "transfers", marks[after].at, agent)


def _held(story: Story, shifts: Iterable[Shift], start: int, end: int, counts: Any) -> None:
    for index, mark in enumerate(story.marks):
        if story.letters[index] in "OCP" and mark.of is not None:
            for tick in range(start, end):
                if mark.at <= tick < story.until(index) and any(_can(shift, mark.of, tick) for shift in shifts):
                    counts[f"{mark.of}|{story.queue(index)}|{story.case.channel}", "held"] += story.case.units


def _can(shift: Shift, agent: str, tick: int) -> bool:
    past = [state for state in shift.states if state.at <= tick]
    return shift.agent == agent and bool(past) and past[-1].available and past[-1].presence != "offline"


def _shift(shift: Shift, start: int, end: int, counts: Any) -> None:
    key = f"{shift.agent}||"
    for index, state in enumerate(shift.states):
        was = shift.states[index - 1].presence if index else "offline"
        if start <= state.at < end and (was == "offline") != (state.presence == "offline"):
            counts[key, "joined" if was == "offline" else "left"] += 1
    for tick in range(start, end):
        past = [state for state in shift.states if state.at <= tick]
        if past and past[-1].presence != "offline":
            counts[key, f"presence.{past[-1].presence}"] += 1
            counts[key, "room"] += shift.units if _can(shift, shift.agent, tick) else 0
