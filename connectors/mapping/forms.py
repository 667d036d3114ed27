"""Forms: what a wire value is, and the canonical value that it becomes.

A form is made once, when the file is read, and then called for each value. It gives the canonical value; NOTHING where
a known spelling means no value; None where it does not know a text that the file allows to be unknown, which is told
as drift.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum
from types import MappingProxyType
from typing import Final, TypeAlias

from connectors.mapping import dates, law, places, police
from connectors.mapping.tables import SAYS_NOTHING, Table
from schema import identifiers
from schema.declaration import Kind
from schema.errors import IdentifierInvalid, ValueMalformed, ValueUnknown
from schema.record import Json


class Nothing(Enum):
    """What a known spelling says that means no value; no value of an agency is equal to it."""

    NOTHING = "nothing"


NOTHING: Final = Nothing.NOTHING
Reading: TypeAlias = "Json | Nothing"
Convert: TypeAlias = Callable[[str, date], Reading]
"""From a text that is not empty, and the day on which it holds, to its canonical value."""

_INTEGER = re.compile(r"([0-9]{1,9})(?:\.0+)?")
_AMOUNT = re.compile(r"([0-9]{1,3}(?:\.[0-9]{3})+|[0-9]{1,15})(?:,([0-9]{1,2}))?")
_CURRENCY = re.compile(r"[A-Z]{3}")
_NIK_SIGNS = re.compile(r"[\s.\-]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Arguments:
    """What a file says on one field, for the form that reads it.

    Attributes:
        path: the wire field, for errors.
        tables: one for each target; empty where the form needs none.
        respell: puts abbreviations into full words.
        unknown: the code that an unknown text becomes, or SAYS_NOTHING for none; None refuses the record.
    """

    path: str
    tables: tuple[Table, ...]
    respell: Callable[[str], str]
    unknown: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A form.

    Attributes:
        make: its converter.
        gives: kinds of field that it can fill.
        spread: it gives one value for each target.
        may_miss: it gives None for a text that it cannot read.
    """

    make: Callable[[Arguments], Convert]
    gives: frozenset[Kind | None]
    spread: bool = False
    may_miss: bool = False


def _unknown(arguments: Arguments, problem: str) -> Convert:
    fallback, path = arguments.unknown, arguments.path

    def refuse(_text: str, _day: date) -> Json:
        raise ValueUnknown(path, problem)

    def give(_text: str, _day: date) -> Json:
        return fallback

    def tell(_text: str, _day: date) -> Json:
        return None

    if fallback is None:
        return refuse
    return tell if fallback == SAYS_NOTHING else give


def _checked(arguments: Arguments, read: Callable[[str], Json], problem: str) -> Convert:
    """A converter that refuses what `read` gives None for."""
    path = arguments.path

    def convert(text: str, _day: date) -> Json:
        found = read(text)
        if found is None:
            raise ValueMalformed(path, problem)
        return found

    return convert


def _text(_: Arguments) -> Convert:
    return lambda text, _day: text


def _code(arguments: Arguments) -> Convert:
    find = arguments.tables[0].find
    otherwise = _unknown(arguments, "the value is not in the table of the mapping file")

    def convert(text: str, day: date) -> Reading:
        found = find(text)
        if found is None:
            return otherwise(text, day)
        return NOTHING if found == SAYS_NOTHING else found

    return convert


def _code_of_one_list(arguments: Arguments) -> Convert:
    """The code goes to the target whose table knows it; the other targets get nothing."""
    finds = [table.find for table in arguments.tables]
    path = arguments.path

    def convert(text: str, _day: date) -> Json:
        found = [find(text) for find in finds]
        if not any(found):
            raise ValueUnknown(path, "the value is not in the tables of the mapping file")
        return [None if code == SAYS_NOTHING else code for code in found]

    return convert


def _date(arguments: Arguments) -> Convert:
    def read(text: str) -> Json:
        day = dates.day_of(text)
        return day.isoformat() if day else None

    return _checked(arguments, read, "no day that exists can be read")


def _date_range(arguments: Arguments) -> Convert:
    def read(text: str) -> Json:
        days = dates.days_of(text)
        return [days[0].isoformat(), days[1].isoformat() if days[1] else None] if days else None

    return _checked(arguments, read, "neither a day nor a first and a last day can be read")


def _moment(arguments: Arguments) -> Convert:
    def read(text: str) -> Json:
        moment = dates.moment_of(text)
        return moment.isoformat() if moment else None

    return _checked(arguments, read, "no moment that exists can be read")


def _day_as_moment(arguments: Arguments) -> Convert:
    def read(text: str) -> Json:
        day = dates.day_of(text)
        return dates.noon_of(day).isoformat() if day else None

    return _checked(arguments, read, "no day that exists can be read")


def _age(arguments: Arguments) -> Convert:
    path = arguments.path

    def convert(text: str, day: date) -> Json:
        match = _INTEGER.fullmatch(text)
        if match is None or int(match[1]) > dates.OLDEST_AGE:
            raise ValueMalformed(path, "the age is not a whole number of years up to 120")
        return dates.born_at_age(int(match[1]), day).isoformat()

    return convert


def _age_or_unknown(arguments: Arguments) -> Convert:
    convert = _age(arguments)
    return lambda text, day: NOTHING if text == "0" else convert(text, day)


def _integer(arguments: Arguments) -> Convert:
    def read(text: str) -> Json:
        match = _INTEGER.fullmatch(text)
        return int(match[1]) if match else None

    return _checked(arguments, read, "the value is not a whole number")


def _amount(arguments: Arguments) -> Convert:
    def read(text: str) -> Json:
        match = _AMOUNT.fullmatch(text)
        if match is None:
            return None
        whole = match[1].replace(".", "").lstrip("0") or "0"
        return f"{whole}.{match[2]}" if match[2] else whole

    return _checked(arguments, read, "the amount is not a number with thousands dots or without")


def _currency(arguments: Arguments) -> Convert:
    def read(text: str) -> Json:
        return text.upper() if _CURRENCY.fullmatch(text.upper()) else None

    return _checked(arguments, read, "the currency is not three letters (ISO 4217)")


def _nik(_: Arguments) -> Convert:
    """An ill-formed NIK is kept, sealed: it is evidence, and the hub never matches by it."""
    return lambda text, _day: _NIK_SIGNS.sub("", text)


def _document_number(_: Arguments) -> Convert:
    """A passport in its one spelling; another number as it is."""
    return lambda text, _day: identifiers.passport(text) or text


def _phone(arguments: Arguments) -> Convert:
    path = arguments.path

    def convert(text: str, _day: date) -> Json:
        number = identifiers.phone(text)
        if number is None:
            raise IdentifierInvalid(path, "no telephone number can be read")
        return number

    return convert


def _country(arguments: Arguments) -> Convert:
    table = arguments.tables[0] if arguments.tables else None
    otherwise = _unknown(arguments, "the country is not in the code list")

    def convert(text: str, day: date) -> Reading:
        found = (table.find(text) if table else None) or places.country(text)
        return found or otherwise(text, day)

    return convert


def _region_code(arguments: Arguments) -> Convert:
    otherwise = _unknown(arguments, "the value is no Kemendagri code of a known province or regency")
    return lambda text, day: places.region_by_code(text) or otherwise(text, day)


def _region_name(arguments: Arguments) -> Convert:
    respell = arguments.respell
    otherwise = _unknown(arguments, "no province or regency has this name")
    return lambda text, day: places.region_by_name(text, respell) or otherwise(text, day)


def _police_report(arguments: Arguments) -> Convert:
    respell = arguments.respell
    return lambda text, _day: police.report_key(text, respell)


def _police_unit(arguments: Arguments) -> Convert:
    respell = arguments.respell
    return lambda text, _day: police.unit_mention(text, respell)


def _legal_articles(_: Arguments) -> Convert:
    def convert(text: str, day: date) -> Json:
        found = law.articles(text)
        return law.legal_basis(found, day) if found else None

    return convert


_TEXT = frozenset([Kind.TEXT, Kind.TEXTS])
_CODES = frozenset([Kind.CODE, Kind.CODES])
_DATE, _TIME = frozenset([Kind.DATE]), frozenset([Kind.TIMESTAMP])

FORMS: Mapping[str, Form] = MappingProxyType(
    {
        "text": Form(make=_text, gives=_TEXT),
        "code": Form(make=_code, gives=_CODES),
        "code_of_one_list": Form(make=_code_of_one_list, gives=_CODES, spread=True),
        "date": Form(make=_date, gives=_DATE),
        "date_range": Form(make=_date_range, gives=_DATE, spread=True),
        "moment": Form(make=_moment, gives=_TIME),
        "day_as_moment": Form(make=_day_as_moment, gives=_TIME),
        "age": Form(make=_age, gives=_DATE),
        "age_or_unknown": Form(make=_age_or_unknown, gives=_DATE),
        "integer": Form(make=_integer, gives=frozenset([Kind.INTEGER])),
        "amount": Form(make=_amount, gives=frozenset([Kind.MONEY])),
        "currency": Form(make=_currency, gives=_TEXT),
        "nik": Form(make=_nik, gives=_TEXT),
        "document_number": Form(make=_document_number, gives=_TEXT),
        "phone": Form(make=_phone, gives=_TEXT),
        "country": Form(make=_country, gives=_TEXT),
        "region_code": Form(make=_region_code, gives=_TEXT),
        "region_name": Form(make=_region_name, gives=_TEXT),
        "police_report": Form(make=_police_report, gives=_TEXT),
        "police_unit": Form(make=_police_unit, gives=frozenset([None])),
        "legal_articles": Form(make=_legal_articles, gives=frozenset([Kind.OBJECTS]), may_miss=True),
    }
)
