"""Before anything else: no real account can be reached, and no function reads this machine's own settings."""

import os

os.environ.update(
    {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_SESSION_TOKEN": "testing",
        "AWS_DEFAULT_REGION": "eu-central-1",
        "AWS_REGION": "eu-central-1",
        "AWS_ACCOUNT_ID_ENDPOINT_MODE": "disabled",
        "AWS_EC2_METADATA_DISABLED": "true",
        "POWERTOOLS_SERVICE_NAME": "test",
        "POWERTOOLS_METRICS_NAMESPACE": "Santral",
        "POWERTOOLS_DEV": "false",
        "LOG_LEVEL": "ERROR",
    }
)
for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL"):
    os.environ.pop(name, None)

import gc  # noqa: E402 - the environment comes first
from functools import cache  # noqa: E402

from hypothesis import settings  # noqa: E402
from typer import testing  # noqa: E402
from typer.main import get_command  # noqa: E402

from tests.kit import quick  # noqa: E402 - the environment comes first
from tests.kit.amount import times  # noqa: E402
from tests.kit.fixtures import world  # noqa: E402, F401

# Otherwise twelve thousand tests and all that they import are looked through for garbage again and again: a quarter of the time of
# those of the functions.
gc.set_threshold(50_000, 20, 50)


def pytest_collection_finish() -> None:
    """What is there now stays until the end."""
    gc.collect()
    gc.freeze()


settings.register_profile(
    "untimed", deadline=None, max_examples=times(100)
)  # a machine that is busy is no fault of what is tested
settings.load_profile("untimed")
quick.install()
setattr(testing, "_get_command", cache(get_command))  # noqa: B010 - a command line is put together once
