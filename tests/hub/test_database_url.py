"""A URL that leads to no PostgreSQL is told by its variable, and no part of it is shown: any may be the password."""

import pytest

from hub import database
from schema.errors import SettingError

SECRET = "rahasia-sekali"  # noqa: S105 -- of nobody
PROBLEM = "write postgresql://ROLE:PASSWORD@HOST/DATABASE, the password percent-encoded"
URLS = {
    "empty": "",
    "no URL": SECRET,
    "another database": f"mysql://hub_service:{SECRET}@127.0.0.1/hub",
    "no number as port": f"postgresql://hub_service@127.0.0.1:{SECRET}/hub",
    "an at sign in the password": f"postgresql://hub_service:5@{SECRET}@127.0.0.1:1/hub",
    "an at sign and a slash in the password": f"postgresql://hub_service:5@{SECRET}/x@127.0.0.1:1/hub",
}


@pytest.mark.parametrize("url", URLS.values(), ids=URLS)
def test_the_service_s_url_is_refused_by_its_name(url):
    with pytest.raises(SettingError) as told:
        database.check(url)

    assert str(told.value) == f"HUB_DATABASE_URL: {PROBLEM}"


@pytest.mark.parametrize("url", URLS.values(), ids=URLS)
def test_the_owner_s_url_is_refused_by_its_name(url):
    with pytest.raises(SettingError) as told:
        database.migrate(url)

    assert str(told.value) == f"HUB_DATABASE_OWNER_URL: {PROBLEM}"
