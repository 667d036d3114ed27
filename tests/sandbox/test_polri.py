"""The police answer a real HTTP client."""

import base64
from collections.abc import Iterator
from json import JSONDecodeError

import httpx
import pytest

from hub.sandbox.run import Running
from hub.sandbox.stories import story
from hub.sandbox.truth import Truth

REPORTS = "/emp/v1/laporan_polisi"


@pytest.fixture
def client(polri: Running) -> Iterator[httpx.Client]:
    settings = polri.settings
    with httpx.Client(base_url=settings["url"], trust_env=False) as http:
        answer = http.post(
            "/oauth2/token",
            data={"grant_type": "client_credentials"},
            auth=(settings["client_id"], settings["client_secret"]),
        )
        assert answer.json()["expires_in"] == 3600
        http.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        yield http


def all_reports(client: httpx.Client, **parameters: str | int) -> list[dict]:
    reports, after = [], None
    while True:
        page = client.get(REPORTS, params={**parameters, **({"setelah": after} if after else {})}).json()
        reports += page["data"]
        after = page["berikutnya"]
        if after is None:
            return reports


def test_paging_gives_every_report_once_in_order_of_change(client: httpx.Client, the_truth: Truth):
    reports = all_reports(client, batas=7)

    keys = [report["id"] for report in reports]
    assert len(set(keys)) == len(keys)
    assert set(keys) == {r.key for r in the_truth.records if r.object == "laporan_polisi"}
    order = [(report["diperbarui_pada"], report["id"]) for report in reports]
    assert order == sorted(order)
    assert all(report["diperbarui_pada"].endswith("+07:00") for report in reports)


def test_every_victim_and_suspect_of_the_truth_is_on_the_wire(client: httpx.Client, the_truth: Truth):
    on_the_wire = {
        f"{report['id']}/{kind}/{part['no_urut']}"
        for report in all_reports(client, batas=1000)
        for kind in ("korban", "tersangka")
        for part in report.get(kind, [])
    }

    assert on_the_wire == {r.key for r in the_truth.records if r.object in {"korban", "tersangka"}}


def test_sejak_leaves_out_what_is_older(client: httpx.Client):
    since = "2025-06-01T00:00:00+07:00"

    newer = all_reports(client, sejak=since, batas=100)

    everything = all_reports(client, batas=1000)
    assert [r["id"] for r in newer] == [r["id"] for r in everything if r["diperbarui_pada"] >= since]
    assert 0 < len(newer) < len(everything)


def test_no_token_wrong_token_and_wrong_secret_are_401(polri: Running):
    url = polri.settings["url"]

    assert httpx.get(url + REPORTS, trust_env=False).status_code == 401
    assert httpx.get(url + REPORTS, headers={"Authorization": "Bearer x"}, trust_env=False).status_code == 401
    basic = base64.b64encode(b"tppo-hub:wrong").decode()
    form = {"grant_type": "client_credentials"}
    answer = httpx.post(
        url + "/oauth2/token", data=form, headers={"Authorization": f"Basic {basic}"}, trust_env=False
    )
    assert (answer.status_code, answer.json()) == (401, {"error": "invalid_client"})


@pytest.mark.parametrize(
    "parameters", [{"batas": 0}, {"batas": 1001}, {"batas": "x"}, {"setelah": "!!"}, {"sejak": "kemarin"}]
)
def test_malformed_parameters_are_400(client: httpx.Client, parameters: dict):
    assert client.get(REPORTS, params=parameters).status_code == 400


def test_failures_stalls_and_rubbish_happen_as_often_as_ordered(client: httpx.Client, polri: Running, order):
    order(polri, "fail", count=2, status=503)
    statuses = [client.get(REPORTS).status_code for _ in range(3)]
    order(polri, "rubbish", count=1)
    malformed, sound = (client.get(REPORTS) for _ in range(2))
    order(polri, "stall", seconds=0.2, count=1)
    slow, quick = (client.get(REPORTS).elapsed.total_seconds() for _ in range(2))

    assert statuses == [503, 503, 200]
    with pytest.raises(JSONDecodeError):
        malformed.json()
    assert sound.json()["data"]
    assert slow >= 0.2 > quick


def test_a_changed_report_comes_last_and_a_deleted_one_leaves_a_tombstone(
    client: httpx.Client, polri: Running, order
):
    key = "EMP-0000003"
    before = all_reports(client, batas=1000)[-1]["diperbarui_pada"]

    order(polri, "change", key=key, field="tahap", value="P21")
    changed = all_reports(client, sejak=before, batas=1000)[-1]
    order(polri, "change", key=f"{key}/korban/1", field="umur", value=33)
    with_part = all_reports(client, sejak=before, batas=1000)[-1]
    order(polri, "delete", key=key)
    deleted = all_reports(client, sejak=before, batas=1000)[-1]

    assert (changed["id"], changed["tahap"]) == (key, "P21")
    assert with_part["korban"][0]["umur"] == 33
    assert deleted == {"id": key, "dihapus": True, "diperbarui_pada": deleted["diperbarui_pada"]}
    assert before < changed["diperbarui_pada"] < deleted["diperbarui_pada"]
    assert order(polri, "change", key="EMP-x", field="tahap", value="P21").status_code == 404


def test_the_returned_file_is_submitted_again_later(client: httpx.Client, polri: Running, order):
    key = story("returned_file").later[0].key
    stage = {report["id"]: report.get("tahap") for report in all_reports(client, batas=1000)}[key]

    order(polri, "later")

    assert (stage, all_reports(client, batas=1000)[-1]["tahap"]) == ("P19", "TAHAP1")
