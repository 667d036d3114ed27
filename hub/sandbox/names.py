"""Names as people of West Kalimantan and the provinces beyond bear them. All combinations are invented."""

from collections.abc import Callable
from random import Random
from typing import Literal

from hub.sandbox.chance import happens, one_of

Sex = Literal["L", "P"]
Community = Literal["MALAY", "DAYAK", "HAKKA", "JAVANESE", "BUGIS", "SASAK", "SUNDANESE"]

KALBAR_COMMUNITIES: tuple[tuple[int, Community], ...] = (
    (36, "MALAY"), (30, "DAYAK"), (16, "HAKKA"), (10, "JAVANESE"), (8, "BUGIS"),
)  # fmt: skip
COMMUNITY_OF_PROVINCE: dict[str, Community] = {
    "52": "SASAK", "73": "BUGIS", "32": "SUNDANESE", "33": "JAVANESE", "35": "JAVANESE", "53": "DAYAK", "12": "MALAY",
}  # fmt: skip

_MALAY_MEN = (
    "Syarif", "Iskandar", "Zulkifli", "Hamdan", "Rahmat", "Junaidi", "Suhaimi", "Azhari", "Fadli", "Mahmud", "Ramli",
    "Sabirin", "Urai Hendra", "Usman", "Jamaludin", "Effendi", "Khairul", "Darmawan", "Hasbi", "Nurdin",
)  # fmt: skip
_MALAY_WOMEN = (
    "Nurhayati", "Aminah", "Rohani", "Zubaidah", "Maimunah", "Halimah", "Fatimah", "Nur'aini", "Sumiati", "Yulianti",
    "Dayang Rosita", "Marlina", "Hasanah", "Kartini", "Rabiah", "Saudah", "Uray Lestari", "Erni", "Juliana", "Ramlah",
)  # fmt: skip
_MALAY_LAST = (
    "Hidayat", "Abdullah", "Rahman", "Saputra", "Kurniawan", "Hamzah", "Yusuf", "Firmansyah", "Ibrahim", "Ma'ruf",
    "Anwar", "Maulana", "Syahputra", "Arifin", "Mulyadi", "Hasan",
)  # fmt: skip
_DAYAK_MEN = (
    "Yohanes", "Petrus", "Markus", "Stefanus", "Yosef", "Antonius", "Fransiskus", "Lukas", "Paulus", "Agustinus", "Sabinus",
    "Kornelis", "Herkulanus", "Theodorus", "Ambrosius", "Matius",
)  # fmt: skip
_DAYAK_WOMEN = (
    "Maria", "Kristina", "Yuliana", "Theresia", "Agnes", "Veronika", "Lusia", "Bernadeta", "Natalia", "Florensia", "Martina",
    "Elisabeth", "Monika", "Katarina", "Anastasia", "Héléna",
)  # fmt: skip
_DAYAK_LAST = (
    "Akim", "Ujang", "Jelani", "Ranting", "Banyau", "Limin", "Sudin", "Gumas", "Layang", "Atus", "Bujang", "Kulai", "Ngumbang",
    "Sawang", "Tanggi", "Nyabu", "Linggi", "Empiang",
)  # fmt: skip
_HAKKA_SURNAMES = (
    "Bong",
    "Tjhin",
    "Lim",
    "Chai",
    "Jong",
    "Liu",
    "Phang",
    "Bun",
    "Tjong",
    "Kwee",
    "Thjia",
    "Djap",
)
_HAKKA_FIRST = (
    "A",
    "Fui",
    "Mui",
    "Sui",
    "Khim",
    "Nyuk",
    "Djun",
    "Kon",
    "Sin",
    "Jan",
    "Moi",
    "Tet",
    "Tjhoi",
    "Lie",
)
_HAKKA_SECOND = (
    "Fui",
    "Moi",
    "Kiong",
    "Lan",
    "Fa",
    "Tjhin",
    "Khiun",
    "Jun",
    "Sian",
    "Hiong",
    "Ngo",
    "Kim",
    "Phin",
    "Nie",
)
_JAVANESE_MEN = (
    "Suparno", "Sutrisno", "Mulyono", "Sugeng", "Wagiman", "Slamet", "Tukiman", "Paijo", "Sunardi", "Widodo", "Bambang",
    "Soedjarwo", "Suyatno", "Ngadimin",
)  # fmt: skip
_JAVANESE_WOMEN = (
    "Suparti", "Sumarni", "Wagiyem", "Tukinem", "Lestari", "Sulastri", "Ngatini", "Winarsih", "Poniyem", "Sutinah", "Retno",
    "Wahyuningsih", "Soemiyati", "Kasmini",
)  # fmt: skip
_BUGIS_MEN = (
    "Andi Baso",
    "Daeng Mappa",
    "Ambo Tang",
    "Baharuddin",
    "Syamsuddin",
    "La Tunrung",
    "Muh. Nasir",
    "Sudirman",
)
_BUGIS_WOMEN = (
    "Andi Tenri",
    "I Mina",
    "Besse Nuraeni",
    "Hasnawati",
    "Sitti Hawang",
    "Indo Tang",
    "Rosmini",
    "Nurlaela",
)
_SASAK_MEN = (
    "Lalu Marzuki",
    "Sahrun",
    "Amaq Rumenah",
    "Muhammad Zaini",
    "Mahsun",
    "Sapardi",
    "Lalu Wirahadi",
    "Samsul",
)
_SASAK_WOMEN = (
    "Baiq Nurhasanah",
    "Inaq Sahnim",
    "Sri Wahyuni",
    "Mariani",
    "Baiq Ernawati",
    "Rumenah",
    "Sahniati",
    "Zohriah",
)
_SUNDANESE_MEN = ("Asep", "Dadang", "Ujang", "Cecep", "Deden", "Encep", "Iwan", "Tatang")
_SUNDANESE_WOMEN = ("Euis", "Neneng", "Iis", "Cucu", "Elis", "Titin", "Nining", "Imas")
_SUNDANESE_LAST = ("Suryana", "Hermawan", "Nurjanah", "Kosasih", "Sutisna", "Komariah", "Suherman", "Rohaeti")
_ALIASES = (
    "Ucok",
    "Acong",
    "Bos Jon",
    "Mak Long",
    "Pak Ngah",
    "Aling",
    "Koko",
    "Bang Din",
    "Tante Lili",
    "Apheng",
)


def _two_words(rng: Random, first: tuple[str, ...], last: tuple[str, ...]) -> str:
    return f"{rng.choice(first)} {rng.choice(last)}"


def _malay(rng: Random, sex: Sex) -> str:
    men, women = _MALAY_MEN, _MALAY_WOMEN
    if sex == "L":
        form = one_of(rng, (30, "MUHAMMAD"), (20, "BIN"), (50, "TWO"))
        return {
            "MUHAMMAD": f"Muhammad {rng.choice(men)} {rng.choice(_MALAY_LAST)}",
            "BIN": f"{rng.choice(men)} bin {rng.choice(men)}",
            "TWO": _two_words(rng, men, _MALAY_LAST),
        }[form]
    form = one_of(rng, (30, "SITI"), (20, "BINTI"), (30, "TWO"), (20, "ONE"))
    return {
        "SITI": f"Siti {rng.choice(women)}",
        "BINTI": f"{rng.choice(women)} binti {rng.choice(men)}",
        "TWO": _two_words(rng, women, _MALAY_LAST),
        "ONE": rng.choice(women),
    }[form]


def _hakka(rng: Random, sex: Sex) -> str:
    given = rng.choice(_HAKKA_FIRST) + " " + rng.choice(_HAKKA_SECOND)
    if happens(rng, 0.3):
        return f"A {rng.choice(_HAKKA_SECOND)}"
    if happens(rng, 0.2):
        return f"{rng.choice(('Hendri', 'Toni', 'Andi') if sex == 'L' else ('Lina', 'Susi', 'Meli'))} {given.split()[1]}"
    return f"{rng.choice(_HAKKA_SURNAMES)} {given}"


def _javanese(rng: Random, sex: Sex) -> str:
    one = rng.choice(_JAVANESE_MEN if sex == "L" else _JAVANESE_WOMEN)
    return one if happens(rng, 0.6) else f"{one} {rng.choice(_MALAY_LAST[:6])}"


_TWO_WORDS: dict[Community, tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]] = {
    "DAYAK": (_DAYAK_MEN, _DAYAK_WOMEN, _DAYAK_LAST),
    "BUGIS": (_BUGIS_MEN, _BUGIS_WOMEN, _MALAY_LAST),
    "SASAK": (_SASAK_MEN, _SASAK_WOMEN, _MALAY_LAST),
    "SUNDANESE": (_SUNDANESE_MEN, _SUNDANESE_WOMEN, _SUNDANESE_LAST),
}
_OWN_WAY: dict[Community, Callable[[Random, Sex], str]] = {
    "MALAY": _malay,
    "HAKKA": _hakka,
    "JAVANESE": _javanese,
}


def community(rng: Random, province: str) -> Community:
    """The community a person of a province belongs to; West Kalimantan has several."""
    return COMMUNITY_OF_PROVINCE[province] if province != "61" else one_of(rng, *KALBAR_COMMUNITIES)


def full_name(rng: Random, community: Community, sex: Sex) -> str:
    """A full name as it stands in the civil registry."""
    if community in _OWN_WAY:
        return _OWN_WAY[community](rng, sex)
    men, women, last = _TWO_WORDS[community]
    return _two_words(rng, men if sex == "L" else women, last)


def alias(rng: Random) -> str:
    """A nickname a suspect is known by."""
    return rng.choice(_ALIASES)


def foreign_name(rng: Random, country: str) -> str:
    """The name of a foreign suspect: `country` is MYS, CHN or TWN."""
    if country == "MYS":
        return f"{rng.choice(('Kelvin', 'Jackson', 'Roslan', 'Stephen'))} {rng.choice(('Ting', 'Wong', 'anak Jugah', 'Ngu'))}"
    return f"{rng.choice(('Chen', 'Wang', 'Huang', 'Lin', 'Zhang'))} {rng.choice(('Wei', 'Jianguo', 'Meiling', 'Haoran'))}"
