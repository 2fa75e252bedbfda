"""What messages lack of their files, and uploads, on every DynamoDB: every step belongs to its attempt."""

import pytest

from router.aws.table import Table
from router.messages import Attachment
from router.records import Incoming, Unfetched, Upload
from tests.kit import values as v
from tests.kit.backends import BACKENDS
from tests.kit.stocked import due_keys

pytestmark = pytest.mark.parametrize("dynamo", BACKENDS, indirect=True)

WITH_THE_PROVIDER = (
    Attachment(content_type="image/png", url="https://provider.example/1"),
    Attachment(content_type="image/*", media_id="42"),
)


@pytest.fixture
def lacking(table: Table) -> Unfetched:
    """A message whose two files are with their provider."""
    table.commit(table.new_message(v.message("m_1", attachments=WITH_THE_PROVIDER), "c_1.default.1"))
    found = table.unfetched("m_1")
    assert found is not None
    return found


def test_a_message_is_due_with_its_files_and_not_without(table: Table, lacking: Unfetched) -> None:
    table.commit(table.new_message(v.message("m_2"), "c_1.default.1"))
    assert (lacking.attempts, lacking.conversation, lacking.due_at) == (0, "c_1.default.1", v.later(1))
    assert table.unfetched("m_2") is None
    assert table.unfetched("m_nothing") is None
    assert due_keys(table, 1) == {("M#m_1", "m")}
    assert table.due_item(("M#m_1", "m")) == lacking
    ids = ("m_1", "m_2", "m_3")
    assert [one.unfetched for one in table.known([Incoming(i, "p_1", "default") for i in ids])] == [True, False, False]


def test_an_attempt_is_begun_by_one(table: Table, lacking: Unfetched) -> None:
    begun = table.begin_fetch(lacking, v.later(3))
    assert begun is not None
    assert (begun.attempts, begun.due_at) == (1, v.later(3))
    assert table.begin_fetch(lacking, v.later(4)) is None
    assert table.unfetched("m_1") == begun


def test_each_file_is_kept_by_itself_and_then_nothing_is_due(table: Table, lacking: Unfetched) -> None:
    begun = table.begin_fetch(lacking, v.later(3))
    assert begun is not None
    here = Attachment(content_type="image/png", ref="s3://blobs/media/m_1/0", size=3)
    gone = WITH_THE_PROVIDER[1].model_copy(update={"problem": "gone"})
    first = table.keep_file(begun, 0, here)
    assert first is not None
    assert table.keep_file(begun, 1, gone) is None, "written over what was not read"
    second = table.keep_file(first, 1, gone)
    assert second is not None
    assert table.unfetched("m_1") == second
    assert table.end_fetch(second, None)
    assert table.unfetched("m_1") is None
    assert due_keys(table, 60) == set()
    (message,) = table.messages("c_1.default.1")
    assert message == v.message("m_1", attachments=(here, gone))


def test_a_later_attempt_is_counted_and_an_earlier_one_changes_nothing_more(table: Table, lacking: Unfetched) -> None:
    first = table.begin_fetch(lacking, v.later(3))
    assert first is not None
    assert table.end_fetch(first, v.later(9))
    again = table.unfetched("m_1")
    assert again is not None
    second = table.begin_fetch(again, v.later(12))
    assert second is not None
    assert (second.attempts, second.due_at) == (2, v.later(12))
    assert table.keep_file(first, 0, Attachment(content_type="image/png", ref="s3://b/k")) is None
    assert not table.end_fetch(first, None)
    assert due_keys(table, 12) == {("M#m_1", "m")}


def test_an_upload_is_remembered_until_its_time(table: Table) -> None:
    upload = Upload("f_1", "ayse", "fatura şubat.pdf", "application/pdf", 8, v.later(60 * 48))
    table.new_upload(upload)
    assert table.uploads(["f_1", "f_2"]) == {"f_1": upload}
    item = table.dynamo.get(("U#f_1", "u"))
    assert item is not None
    assert item["ttl"] == int(v.later(60 * 48).timestamp())
