"""Tracked links and answers to surveys, on every DynamoDB: put once, and clicks that come at once all count."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from router.aws.dynamo import put
from router.aws.table import Table
from router.errors import Lost
from router.followed import Followed
from router.messages import ChannelName
from router.scores import ScoreKind
from router.surveys import Asked, Rating, packed
from tests.kit import values as v
from tests.kit.backends import BACKENDS

pytestmark = pytest.mark.parametrize("dynamo", BACKENDS, indirect=True)

LINK = Followed("4kq0m7x2c9hb", "https://shop.example/", "m_1", 1, "p_1", v.NOW, "bahar", "2026-03-02")
ASKED = Asked(
    "m_1",
    ScoreKind.NPS,
    "sonrasi",
    "p_1",
    None,
    ChannelName.SMS,
    v.NOW,
    v.NOW + timedelta(days=3),
    None,
    "shop",
    "2026-03-02",
)


def test_a_link_is_put_once(table: Table) -> None:
    assert table.link(LINK.code) is None
    table.commit(table.new_link(LINK))
    assert table.link(LINK.code) == LINK
    with pytest.raises(Lost):
        table.commit(table.new_link(replace(LINK, url="https://elsewhere.example/")))
    assert table.links([LINK.code, "0" * 12]) == [LINK]


def test_of_two_first_clicks_one_is_the_first_and_its_time_stays(table: Table) -> None:
    table.commit(table.new_link(LINK))
    table.commit(table.clicked(LINK.code, v.later(1), first=True))
    with pytest.raises(Lost):
        table.commit(table.clicked(LINK.code, v.later(2), first=True))
    table.commit(table.clicked(LINK.code, v.later(3), first=False))
    found = table.link(LINK.code)
    assert found == replace(LINK, clicks=2, first_click_at=v.later(1), last_click_at=v.later(3))


def test_what_is_no_link_is_not_made_one_by_a_click(table: Table) -> None:
    for first in (True, False):
        with pytest.raises(Lost):
            table.commit(table.clicked(LINK.code, v.NOW, first=first))
    assert table.link(LINK.code) is None


def test_clicks_at_once_all_count(table: Table, request: pytest.FixtureRequest) -> None:
    at_once = 1 if request.node.callspec.params["dynamo"] == "moto" else 4  # threads race in moto itself
    table.commit(table.new_link(LINK))
    with ThreadPoolExecutor(at_once) as pool:
        list(pool.map(lambda _: table.commit(table.clicked(LINK.code, v.NOW, first=False)), range(20)))
    found = table.link(LINK.code)
    assert found is not None
    assert found.clicks == 20


def test_a_survey_is_answered_once(table: Table) -> None:
    rating = Rating(ASKED, 0, "link", v.later(1), "pahalı", "ayse", "c_1.shop.2")
    assert table.rating(ASKED) is None
    table.commit(table.new_rating(rating))
    assert table.rating(ASKED) == rating
    with pytest.raises(Lost):
        table.commit(table.new_rating(replace(rating, value=10)))


def test_a_contact_s_answers_are_told_the_last_survey_first(table: Table) -> None:
    asked = [replace(ASKED, send=f"m_{n}", at=v.later(n)) for n in range(3)]
    made = [Rating(one, 9, "reply", v.later(9 - n)) for n, one in enumerate(asked)]
    table.commit(*map(table.new_rating, made))
    assert table.ratings("p_1") == made[::-1]
    assert table.ratings("p_1", limit=1) == [made[2]]
    assert table.ratings_of([["p_2", "p_1"], [], ["p_2"], ["p_1"]]) == [made[::-1], [], [], made[::-1]]
    assert table.ratings_of([["p_1"]], limit=2) == [made[:0:-1]]


def test_what_somebody_was_asked_stands_in_their_row(table: Table) -> None:
    asked = (ASKED, replace(ASKED, send="m_2", conversation="c_1.shop.1", language="tr", occurrence=""))
    table.commit(put("outreach", {"pk": "P#p_1", "sk": "outreach", "sv": packed(asked)}))
    assert table.surveys_asked("p_1") == asked
    assert table.surveys_asked("p_2") == ()
