"""Immigration answers zeep, a real SOAP client, in its strict mode."""

from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import pytest
import zeep
from zeep.exceptions import Fault, TransportError, XMLSyntaxError

from hub.sandbox.run import Running
from hub.sandbox.stories import story
from hub.sandbox.truth import Truth

BEGINNING, END = datetime(2020, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC)


@pytest.fixture
def service(imigrasi: Running) -> Iterator:
    transport = zeep.Transport()
    transport.session.auth = (imigrasi.settings["username"], imigrasi.settings["password"])
    transport.session.trust_env = False
    yield zeep.Client(
        imigrasi.settings["wsdl"], transport=transport, settings=zeep.Settings(strict=True)
    ).service
    transport.session.close()


def keys_of(told: Truth, kind: str) -> set[str]:
    return {record.key for record in told.records if record.object == kind}


def test_documents_are_found_by_nik_and_by_number(service):
    woman = story("two_passports").people[0]
    old, new = (passport.number for passport in woman.passports)

    by_nik = service.CariDokumen(nik=[woman.nik])
    by_number = service.CariDokumen(no_dokumen=[new])

    assert [document.no_paspor for document in by_nik] == [old, new]
    (document,) = by_number
    assert (document.no_paspor, document.status, document.nik) == (new, "SAH", woman.nik)
    assert document.diperbarui_pada.utcoffset() is not None


def test_an_unknown_key_finds_nothing(service):
    assert service.CariDokumen(nik=["9900000000000000"]) == []
    assert service.CariPerlintasan(no_dokumen=["Z0000000"]) == []


def test_crossings_are_found_by_document_in_both_time_formats(service):
    woman = story("two_time_formats").people[0]

    out, home = service.CariPerlintasan(no_dokumen=[woman.passports[0].number])

    assert (out.arah, out.waktu_lintas, out.moda, out.kode_tpi) == ("K", "20251105071530", "U", "PNK")
    assert (home.arah, home.waktu_lintas, home.negara_tujuan) == ("M", "2026-02-01T16:40:00", "INDONESIA")
    assert (out.nama, out.tgl_lahir) == ("BAIQ NURHASANAH", "1999-09-19")


def test_more_than_two_hundred_keys_are_a_fault(service):
    with pytest.raises(Fault, match="at most 200 keys"):
        service.CariPerlintasan(no_dokumen=["X0000000"] * 201)


def test_paging_through_time_gives_every_crossing_once(service, the_truth: Truth):
    keys, after = [], None
    while True:
        page = service.PerlintasanPerWaktu(dari=BEGINNING, sampai=END, setelah=after, batas=17)
        keys += [crossing.id_lintas for crossing in page.perlintasan]
        after = page.berikutnya
        if after is None:
            break

    assert len(keys) == len(set(keys))
    assert set(keys) == keys_of(the_truth, "perlintasan")


def test_a_window_holds_what_changed_in_it_and_nothing_else(service):
    late = next(record for record in story("late_entikong").records if record.object == "perlintasan")

    inside = service.PerlintasanPerWaktu(
        dari=late.updated_at, sampai=late.updated_at.replace(minute=59), batas=1000
    )
    before = service.PerlintasanPerWaktu(dari=BEGINNING, sampai=late.updated_at, batas=1000)

    assert late.key in [crossing.id_lintas for crossing in inside.perlintasan]
    assert late.key not in [crossing.id_lintas for crossing in before.perlintasan]


def test_preventions_come_by_time(service, the_truth: Truth):
    found = service.PenundaanPerWaktu(dari=BEGINNING, sampai=END)

    assert {prevention.id_tunda for prevention in found} == keys_of(the_truth, "penundaan")
    assert {prevention.jenis for prevention in found} <= {"TUNDA_BERANGKAT", "TOLAK_PASPOR"}


def test_without_the_password_nothing_is_answered(imigrasi: Running):
    assert httpx.get(imigrasi.settings["wsdl"], trust_env=False).status_code == 401
    assert (
        httpx.get(imigrasi.settings["wsdl"], auth=("hub-tppo", "wrong"), trust_env=False).status_code == 401
    )


def test_a_document_type_is_a_fault(imigrasi: Running):
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]><x>&e;</x>'
    auth = (imigrasi.settings["username"], imigrasi.settings["password"])

    answer = httpx.post(
        imigrasi.settings["wsdl"].removesuffix("?wsdl"), content=bomb, auth=auth, trust_env=False
    )

    assert answer.status_code == 500
    assert "a document type is not accepted" in answer.text


def test_the_control_door_fails_spoils_changes_and_removes(service, imigrasi: Running, order):
    person = story("known_to_all").people[0]
    number = person.passports[0].number

    order(imigrasi, "fail", count=1, status=503)
    with pytest.raises(TransportError):
        service.CariDokumen(nik=[person.nik])
    order(imigrasi, "rubbish", count=1)
    with pytest.raises((XMLSyntaxError, TransportError)):
        service.CariDokumen(nik=[person.nik])
    before = service.CariDokumen(nik=[person.nik])[0]
    order(imigrasi, "change", key=number, field="status", value="HILANG")
    after = service.CariDokumen(nik=[person.nik])[0]
    order(imigrasi, "delete", key=number)

    assert (before.status, after.status) == ("SAH", "HILANG")
    assert after.diperbarui_pada > before.diperbarui_pada
    assert service.CariDokumen(nik=[person.nik]) == []
