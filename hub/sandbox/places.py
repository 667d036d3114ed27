"""Where people come from, where they are taken, and which units and posts meet them."""

from dataclasses import dataclass
from itertools import accumulate
from random import Random

from hub.sandbox import vocabulary
from hub.sandbox.chance import happens, one_of


@dataclass(frozen=True, slots=True)
class Regency:
    """A regency by its Kemendagri code, with the districts and the police unit the generator uses."""

    code: str
    name: str
    weight: int
    districts: tuple[str, ...]
    unit: str | None

    @property
    def province(self) -> str:
        """The two digits of the province."""
        return self.code[:2]


# Weights: Sambas, Bengkayang, Sanggau, Sekadau and Kapuas Hulu are named as vulnerable. Kayong Utara (61.11) has no
# weight: only a story lives there, so that its cells are 1.
KALBAR: tuple[Regency, ...] = (
    Regency("61.01", "Sambas", 22, ("Paloh", "Sajingan Besar", "Tebas", "Pemangkat", "Jawai"), "SAMBAS"),
    Regency("61.02", "Mempawah", 4, ("Mempawah Hilir", "Sungai Pinyuh"), "MEMPAWAH"),
    Regency("61.03", "Sanggau", 13, ("Entikong", "Sekayam", "Kapuas", "Tayan Hilir"), "SANGGAU"),
    Regency("61.04", "Ketapang", 4, ("Delta Pawan", "Kendawangan"), "KETAPANG"),
    Regency("61.05", "Sintang", 5, ("Ketungau Hulu", "Sintang"), "SINTANG"),
    Regency("61.06", "Kapuas Hulu", 9, ("Badau", "Putussibau Utara", "Lanjak"), "KAPUAS HULU"),
    Regency("61.07", "Bengkayang", 14, ("Jagoi Babang", "Seluas", "Bengkayang"), "BENGKAYANG"),
    Regency("61.08", "Landak", 4, ("Ngabang", "Mandor"), "LANDAK"),
    Regency("61.09", "Sekadau", 9, ("Sekadau Hilir", "Nanga Mahap"), "SEKADAU"),
    Regency("61.10", "Melawi", 3, ("Nanga Pinoh",), "MELAWI"),
    Regency("61.11", "Kayong Utara", 0, ("Sukadana",), "KAYONG UTARA"),
    Regency("61.12", "Kubu Raya", 5, ("Sungai Raya", "Rasau Jaya"), "KUBU RAYA"),
    Regency("61.71", "Pontianak", 7, ("Pontianak Utara", "Pontianak Barat"), "PONTIANAK"),
    Regency("61.72", "Singkawang", 10, ("Singkawang Barat", "Singkawang Selatan"), "SINGKAWANG"),
)
ELSEWHERE: tuple[Regency, ...] = (
    Regency("52.02", "Lombok Tengah", 6, ("Praya", "Pujut"), None),
    Regency("52.03", "Lombok Timur", 6, ("Selong", "Masbagik"), None),
    Regency("73.08", "Bone", 5, ("Tanete Riattang", "Kahu"), None),
    Regency("73.11", "Barru", 3, ("Barru",), None),
    Regency("32.01", "Bogor", 3, ("Cibinong",), None),
    Regency("32.12", "Indramayu", 5, ("Indramayu", "Krangkeng"), None),
    Regency("33.01", "Cilacap", 3, ("Cilacap Utara",), None),
    Regency("35.10", "Banyuwangi", 2, ("Rogojampi",), None),
    Regency("53.04", "Belu", 3, ("Atambua",), None),
    Regency("12.07", "Deli Serdang", 2, ("Lubuk Pakam",), None),
)
BY_CODE: dict[str, Regency] = {regency.code: regency for regency in (*KALBAR, *ELSEWHERE)}
_KALBAR_WEIGHTS = tuple(accumulate(regency.weight for regency in KALBAR))
_ELSEWHERE_WEIGHTS = tuple(accumulate(regency.weight for regency in ELSEWHERE))
KALBAR_SHARE = 0.82

# Regency -> the land post its people cross at.
LAND_POST: dict[str, str] = {"61.01": "ARK", "61.06": "BDU", "61.07": "JGB"}
OFFICE_OF_KALBAR: dict[str, str] = {
    "61.01": "61.01",
    "61.72": "61.72",
    "61.07": "61.72",
    "61.03": "61.03",
    "61.09": "61.03",
}
OFFICE_OF_PROVINCE: dict[str, str] = {"52": "52.71", "73": "73.71", "32": "32.73"}


def regency(rng: Random) -> Regency:
    """A regency of origin: mostly West Kalimantan, by weight."""
    if happens(rng, KALBAR_SHARE):
        return rng.choices(KALBAR, cum_weights=_KALBAR_WEIGHTS)[0]
    return rng.choices(ELSEWHERE, cum_weights=_ELSEWHERE_WEIGHTS)[0]


def passport_office(origin: Regency) -> str:
    """The regency code of the immigration office that serves an origin."""
    if origin.province == "61":
        return OFFICE_OF_KALBAR.get(origin.code, "61.71")
    return OFFICE_OF_PROVINCE.get(origin.province, "31.71")


def land_post(origin: Regency) -> str:
    """The land border post nearest to an origin; Entikong when none is nearer."""
    return LAND_POST.get(origin.code, "ETK")


def police_unit(rng: Random, origin: Regency) -> str:
    """The unit that takes a report: `POLRES:<unit>`, `POLDA:<province>` or `BARESKRIM`."""
    if origin.unit is not None:
        return "POLDA:61" if happens(rng, 0.18) else f"POLRES:{origin.unit}"
    own = f"POLDA:{origin.province}" if origin.province in vocabulary.POLDA else "BARESKRIM"
    return one_of(rng, (50, "POLDA:61"), (40, own), (10, "BARESKRIM"))


def _fill(rng: Random, template: str, unit: str, province: str) -> str:
    polda = rng.choice(vocabulary.POLDA[province])
    return template.format(unit=unit.title(), UNIT=unit, polda=polda.title(), POLDA=polda)


def unit_text(rng: Random, unit: str) -> str:
    """A spelling of a police unit as `satker` has it."""
    kind, _, name = unit.partition(":")
    if kind == "BARESKRIM":
        return rng.choice(vocabulary.SATKER_BARESKRIM)
    if kind == "POLDA":
        return _fill(rng, rng.choice(vocabulary.SATKER_POLDA), "", name)
    if name in vocabulary.SATKER_CITY:
        return rng.choice(vocabulary.SATKER_CITY[name])
    return _fill(rng, rng.choice(vocabulary.SATKER_POLRES), name, "61")


def lp_unit_text(rng: Random, unit: str) -> str:
    """A spelling of a police unit as the number of a report has it."""
    kind, _, name = unit.partition(":")
    if kind == "BARESKRIM":
        return rng.choice(vocabulary.LP_UNIT_BARESKRIM)
    if kind == "POLDA":
        return _fill(rng, rng.choice(vocabulary.LP_UNIT_POLDA), "", name)
    template = rng.choice(vocabulary.LP_UNIT_POLRES)
    if name == "PONTIANAK":
        template = template.replace("POLRES {UNIT}", "POLRESTA PONTIANAK KOTA").replace(
            "RES {UNIT}", "RESTA PONTIANAK KOTA"
        )
    return _fill(rng, template, name, "61")
