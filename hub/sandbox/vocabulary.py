"""The spellings that occur in the free-text fields of the four sandbox agencies, and no others.

Each constant names the wire field it fills. The keys of a table are the generator's own words for what is truly
meant; they never travel on the wire. `{unit}`-like holes are filled by `places.py`.
"""

# --- polri.laporan_polisi.modus ------------------------------------------------------------------------------------
# The key is what truly happened. Press labels (PRT, PSK, ESKA, ABK), case and spelling vary as they do in exports.
MODUS: dict[str, tuple[str, ...]] = {
    "CONTRACT_MARRIAGE": (
        "Kawin kontrak",
        "KAWIN KONTRAK dengan WNA",
        "kawin kontrak WN Tiongkok",
        "Perkawinan kontrak dengan warga negara asing",
        "nikah kontrak",
    ),
    "MAIL_ORDER_BRIDE": (
        "Pengantin pesanan",
        "PENGANTIN PESANAN",
        "pengantin pesanan ke Tiongkok",
        "modus amoy/pengantin pesanan Taiwan",
        "Pengantin pesanan (mak comblang)",
    ),
    "INTERNSHIP_ABROAD": (
        "Magang luar negeri",
        "MAGANG",
        "magang ke luar negeri (ferienjob)",
        "Program magang mahasiswa ke Taiwan",
        "pemagangan di Jepang tidak sesuai",
    ),
    "SCHOLARSHIP_STUDY": (
        "Beasiswa kuliah di Taiwan",
        "beasiswa/studi sambil kerja",
        "BEASISWA LUAR NEGERI",
    ),
    "TRANSLATOR_MANDARIN": (
        "Penerjemah bahasa Mandarin",
        "penerjemah mandarin di Myanmar",
        "PENERJEMAH MANDARIN",
        "Translator Mandarin, dipekerjakan di Kamboja",
        "juru bahasa mandarin",
    ),
    "ONLINE_IT_OPERATOR": (
        "Online scam",
        "ONLINE SCAMMING KAMBOJA",
        "operator judi online",
        "Admin/operator judol di Kamboja",
        "Operator IT, penipuan daring",
        "CS online, love scamming",
    ),
    "SPORTS_TEAM": (
        "Tim sepak bola",
        "direkrut sebagai pemain sepak bola di Kamboja",
        "TIM OLAHRAGA (BOLA)",
    ),
    "CAFE_SINGER": (
        "Penyanyi kafe",
        "LC / penyanyi cafe di Malaysia",
        "penyanyi café di Sibu",
    ),
    "DOMESTIC_WORK_ABROAD": (
        "PRT",
        "PRT ke Malaysia",
        "Pembantu rumah tangga di luar negeri",
        "PMI nonprosedural sektor PLRT",
        "pengiriman PRT ke Timur Tengah",
        "ART di Kuching, gaji tidak dibayar",
    ),
    "DOMESTIC_WORK_IN_COUNTRY": (
        "PRT dalam negeri",
        "Pembantu rumah tangga di Jakarta, disekap majikan",
        "ART di Pontianak tidak digaji",
    ),
    "IRREGULAR_WORKER_PLANTATION": (
        "PMI nonprosedural, kebun sawit",
        "PMI ilegal ladang sawit Malaysia",
        "PEKERJA KEBUN SARAWAK",
        "Penempatan PMI nonprosedural (perkebunan)",
    ),
    "IRREGULAR_WORKER_CONSTRUCTION": (
        "PMI nonprosedural, bangunan",
        "PMI ilegal buruh konstruksi",
        "kuli bangunan di Miri",
    ),
    "IRREGULAR_WORKER_FACTORY": (
        "PMI nonprosedural, pabrik",
        "PMI ilegal kilang papan Sibu",
        "BURUH PABRIK (KILANG) MALAYSIA",
    ),
    "SHIP_CREW": (
        "ABK",
        "ABK kapal ikan asing",
        "Anak buah kapal (ABK) Taiwan",
        "awak kapal ikan, gaji ditahan",
    ),
    "LOCAL_SEX_TRADE": (
        "PSK",
        "Prostitusi online (MiChat)",
        "PSK di bawah ancaman muncikari",
        "Eksploitasi seksual, warung kopi pangku",
        "pekerja seks lokalisasi",
    ),
    "CHILD_EXPLOITATION": (
        "ESKA",
        "Eksploitasi anak",
        "anak",
        "EKSPLOITASI SEKSUAL ANAK (ESKA)",
        "anak dipekerjakan di kafe",
    ),
    "ILLEGAL_ADOPTION": (
        "Adopsi ilegal",
        "jual beli bayi",
        "PENJUALAN BAYI ke Singapura",
    ),
    "ORGAN_TRADE": (
        "Perdagangan organ",
        "jual ginjal di Kamboja",
    ),
    "FORCED_BEGGING": (
        "Dipaksa mengemis",
        "pengemis anak/manusia silver",
    ),
    # What no list knows: must land in OTHER or NOT_YET_CODED, never be lost.
    "OTHER": (
        "Direkrut jadi kru konser keliling lalu disekap",
        "lain-lain: penjaga sarang walet tanpa upah",
        "TPPO",
        "-",
        "",
    ),
}

# --- polri.tersangka.peran -----------------------------------------------------------------------------------------
PERAN: dict[str, tuple[str, ...]] = {
    "RECRUITER": ("perekrut", "PEREKRUT", "calo", "sponsor", "Perekrut lapangan", "agen perekrut", "PL"),
    "TRANSPORTER": (
        "pengangkut",
        "sopir",
        "SOPIR TRAVEL",
        "pengantar ke perbatasan",
        "pembawa lewat jalan tikus",
    ),
    "HARBOURER": ("penampung", "PENAMPUNG", "pemilik rumah penampungan", "penyedia penampungan"),
    "DOCUMENT_FORGER": ("pemalsu dokumen", "pembuat KTP palsu", "pengurus paspor palsu"),
    "FINANCIER": ("pendana", "pemodal", "PENYANDANG DANA"),
    "EXPLOITER": ("muncikari", "mucikari", "majikan", "pengeksploitasi", "bos perusahaan scam"),
    "RECEIVER": ("penerima", "agen di Malaysia", "penerima di negara tujuan", "agency luar negeri"),
    "COMPLICIT_OFFICIAL": ("oknum petugas", "oknum pegawai"),
    "MARRIAGE_BROKER": ("mak comblang", "MAK COMBLANG", "perantara nikah", "comblang"),
    "TRAVEL_AGENT": ("agen travel", "pengurus tiket", "agen perjalanan"),
    "OTHER": ("turut serta", "membantu", "-"),
}
# Two roles of one suspect stand in one cell, joined by one of these: "perekrut dan penampung", "calo/sopir".
PERAN_JOINED_BY = (" dan ", "/", ", ")

# --- polri.laporan_polisi.satker, and the unit inside no_lp --------------------------------------------------------
# {unit} is e.g. SAMBAS of "Polres Sambas"; {polda} a spelling of the province's police below.
SATKER_POLRES = (
    "POLRES {UNIT}",
    "Polres {unit}",
    "SATRESKRIM POLRES {UNIT}",
    "Sat Reskrim Polres {unit}",
    "RES {UNIT}",
    "POLRES {UNIT} {POLDA}",
    "Unit PPA Sat Reskrim Polres {unit}",
)
SATKER_POLDA = (
    "{POLDA}",
    "DITRESKRIMUM {POLDA}",
    "Ditreskrimum {polda}",
    "Dit PPA-PPO {polda}",
    "SUBDIT IV RENAKTA DITRESKRIMUM {POLDA}",
)
SATKER_BARESKRIM = (
    "BARESKRIM POLRI",
    "Bareskrim Polri",
    "DITTIPIDUM BARESKRIM POLRI",
    "Dit PPA-PPO Bareskrim Polri",
)
# The city regiments are no "Polres": these are the words that replace it.
SATKER_CITY = {
    "PONTIANAK": ("POLRESTA PONTIANAK KOTA", "Polresta Pontianak", "RESTA PONTIANAK KOTA"),
    "SINGKAWANG": ("POLRES SINGKAWANG", "Polres Singkawang", "RES SINGKAWANG"),
}
# Spellings of one provincial police; the key is the province's Kemendagri code.
POLDA: dict[str, tuple[str, ...]] = {
    "61": ("POLDA KALIMANTAN BARAT", "POLDA KALBAR"),
    "52": ("POLDA NUSA TENGGARA BARAT", "POLDA NTB"),
    "73": ("POLDA SULAWESI SELATAN", "POLDA SULSEL"),
    "32": ("POLDA JAWA BARAT", "POLDA JABAR"),
    "31": ("POLDA METRO JAYA",),
    "21": ("POLDA KEPULAUAN RIAU", "POLDA KEPRI"),
}
LP_UNIT_POLRES = (
    "SPKT/POLRES {UNIT}/{POLDA}",
    "SPKT.SATRESKRIM/POLRES {UNIT}/{POLDA}",
    "SPKT POLRES {UNIT} {POLDA}",
    "SPKT/RES {UNIT}/{POLDA}",
)
LP_UNIT_POLDA = ("SPKT {POLDA}", "SPKT.DITRESKRIMUM/{POLDA}", "SPKT/{POLDA}")
LP_UNIT_BARESKRIM = ("SPKT/BARESKRIM POLRI", "SPKT BARESKRIM POLRI")

# --- polri.laporan_polisi.pasal_disangkakan (up to 31 Dec 2025, and from 2 Jan 2026) --------------------------------
PASAL_OLD = (
    "Pasal 4 jo Pasal 10 UU 21/2007; Pasal 81 UU 18/2017",
    "Pasal 2 ayat (1) UU 21/2007",
    "Pasal 2 UU 21/2007; Pasal 83 jo Pasal 68 UU 18/2017",
    "Pasal 10 UU 21/2007; Pasal 81 UU 18/2017",
    "Pasal 81 jo Pasal 69 UU 18/2017",
    "Pasal 4 UU 21/2007; Pasal 55 KUHP",
)
PASAL_CHILD = (
    "Pasal 2 jo Pasal 17 UU 21/2007; Pasal 88 jo Pasal 76I UU 35/2014",
    "Pasal 6 UU 21/2007; Pasal 83 jo Pasal 76F UU 35/2014",
    "Pasal 12 UU 12/2022; Pasal 17 UU 21/2007",
)
PASAL_NEW = (
    "Pasal 455 UU 1/2023; Pasal 81 UU 18/2017",
    "Pasal 455 ayat (1) UU 1/2023",
    "Pasal 455 jo Pasal 20 UU 1/2023; Pasal 4 UU 21/2007",
)

# --- polri.korban.negara_tujuan; polri.tersangka.kewarganegaraan ----------------------------------------------------
# Key: ISO 3166-1 alpha-3. IDN as a destination is a case inside the country.
NEGARA_TUJUAN: dict[str, tuple[str, ...]] = {
    "MYS": ("Malaysia", "MALAYSIA", "Sarawak", "SERAWAK", "Malaysia"),
    "TWN": ("Taiwan", "TAIWAN"),
    "CHN": ("Tiongkok", "China", "CINA", "RRT"),
    "MMR": ("Myanmar", "MYANMAR", "Burma"),
    "KHM": ("Kamboja", "KAMBOJA"),
    "SAU": ("Arab Saudi", "ARAB SAUDI", "Saudi"),
    "ARE": ("UEA", "Dubai"),
    "SGP": ("Singapura",),
    "BRN": ("Brunei",),
    "THA": ("Thailand",),
    "JPN": ("Jepang",),
    "KOR": ("Korsel", "Korea Selatan"),
    "IDN": ("Indonesia", "INDONESIA", ""),
}
KEWARGANEGARAAN: dict[str, tuple[str, ...]] = {
    "IDN": ("Indonesia", "INDONESIA", "RI"),
    "MYS": ("Malaysia", "MALAYSIA"),
    "CHN": ("Tiongkok", "RRT", "China"),
    "TWN": ("Taiwan",),
}

# --- polri: fields the hub does not map ---------------------------------------------------------------------------
PEKERJAAN = (
    "Wiraswasta",
    "Swasta",
    "Mengurus rumah tangga",
    "Petani",
    "Sopir",
    "Karyawan swasta",
    "Tidak bekerja",
    "Pedagang",
    "Buruh harian lepas",
    "Nelayan",
)
PENYIDIK = (
    "AIPDA RUDI H.",
    "BRIPKA YOSEP S.",
    "IPDA DEWI L.",
    "AIPTU SYAHRIAL",
    "BRIPTU NATALIA K.",
    "IPTU AGUS P.",
)
URAIAN = (
    "Korban dijanjikan pekerjaan dengan gaji besar, pelaku menghubungi melalui nomor {phone}.",
    "Pelapor menerangkan korban diberangkatkan tanpa dokumen resmi, kontak pelaku {phone}.",
    "Korban diserahkan kepada penampung di perbatasan; pesan terakhir dari {phone}.",
    "Pada saat patroli ditemukan beberapa orang akan menyeberang, koordinator memakai nomor {phone}.",
)

# --- imigrasi -----------------------------------------------------------------------------------------------------
# perlintasan.negara_tujuan: declared at the counter, upper case. penundaan.tujuan_dinyatakan uses the same words.
NEGARA_DINYATAKAN: dict[str, tuple[str, ...]] = {
    "MYS": ("MALAYSIA",),
    "TWN": ("TAIWAN",),
    "CHN": ("TIONGKOK", "CHINA"),
    "SGP": ("SINGAPURA",),
    "THA": ("THAILAND",),
    "SAU": ("ARAB SAUDI",),
    "KHM": ("KAMBOJA",),
    "JPN": ("JEPANG",),
    "BRN": ("BRUNEI",),
    "IDN": ("INDONESIA",),
    "ARE": ("UEA",),
    "KOR": ("KOREA",),
    "MMR": ("MYANMAR",),
}
# paspor.kanim_penerbit and penundaan.kantor; the key is the regency code of the office.
KANIM: dict[str, tuple[str, ...]] = {
    "61.71": ("KANIM PONTIANAK", "KANIM KELAS I TPI PONTIANAK"),
    "61.72": ("KANIM SINGKAWANG", "KANIM KELAS II NON TPI SINGKAWANG"),
    "61.01": ("KANIM SAMBAS",),
    "61.03": ("KANIM ENTIKONG", "KANIM KELAS II TPI ENTIKONG"),
    "52.71": ("KANIM MATARAM",),
    "73.71": ("KANIM MAKASSAR",),
    "32.73": ("KANIM BANDUNG",),
    "31.71": ("KANIM JAKARTA PUSAT",),
}
PENUNDAAN_KANTOR = (
    "KANIM SINGKAWANG",
    "KANIM PONTIANAK",
    "KANIM SAMBAS",
    "KANIM ENTIKONG",
    "TPI ENTIKONG",
    "TPI SUPADIO",
    "TPI ARUK",
)
PENUNDAAN_ALASAN = (
    "terindikasi PMI NP",
    "keterangan tidak benar",
    "hendak ke Kamboja",
    "tidak dapat menunjukkan dokumen pendukung",
    "diduga PMI nonprosedural",
)
PENUNDAAN_RUJUK_KE = ("BP3MI KALBAR", "POLDA KALBAR", "DINSOS PROV. KALBAR", "")
MASKAPAI = ("QZ", "AK", "ID", "MH", "SQ", "OD")
KAPAL = ("KM BUKIT RAYA", "MV HORNBILL JAYA", "KM SINAR SINTETE")

# --- kemnaker.penempatan.jabatan ------------------------------------------------------------------------------------
# With the four digits of KBJI before or after, or without them.
JABATAN: dict[str, tuple[str, ...]] = {
    "DOMESTIC_WORKER": (
        "5152 PLRT",
        "PLRT",
        "Penata Laksana Rumah Tangga (9111)",
        "DOMESTIC HELPER",
        "PRT",
        "caretaker/PLRT",
    ),
    "PLANTATION_WORKER": ("9211 PEKERJA LADANG", "Pekerja perkebunan sawit", "LADANG SAWIT", "pemanen sawit"),
    "CONSTRUCTION_WORKER": ("9313 BURUH BANGUNAN", "Pekerja konstruksi", "tukang bangunan"),
    "FACTORY_WORKER": (
        "9329 OPERATOR PRODUKSI",
        "Operator pabrik elektronik",
        "KILANG PAPAN",
        "operator kilang",
    ),
    "SHIP_CREW": ("6223 ABK PERIKANAN", "ABK", "Awak kapal ikan", "8350 DECKHAND"),
    "HOSPITALITY_WORKER": ("5131 PELAYAN RESTORAN", "Pramusaji", "waitress"),
    "OTHER": ("Perawat lansia", "5321 CAREGIVER", "cleaning service"),
}
# kemnaker.penempatan.negara_penempatan, kemnaker.magang_ln.negara
NEGARA_PENEMPATAN: dict[str, tuple[str, ...]] = {
    "TWN": ("TAIWAN", "TW", "TWN"),
    "MYS": ("MALAYSIA", "MY", "MYS", "MALAYSIA"),
    "SAU": ("ARAB SAUDI", "SA", "SAU"),
    "HKG": ("HONGKONG", "HK"),
    "SGP": ("SINGAPURA", "SG"),
    "BRN": ("BRUNEI", "BN"),
    "KOR": ("KOREA", "KR", "KORSEL"),
    "JPN": ("JEPANG", "JP"),
    "CHN": ("TIONGKOK", "CN"),
}
EMBARKASI = ("PLBN ENTIKONG", "BANDARA SUPADIO", "PLBN ARUK", "BANDARA SOEKARNO-HATTA", "SUPADIO", "ENTIKONG")
# kemnaker.deportasi
DEBARKASI = ("PLBN ENTIKONG", "ENTIKONG", "PLBN Entikong")
DEPOT = ("Bekenu", "Semuja", "BEKENU", "SEMUJA", "Depot Imigresen Semuja")
SEKTOR = (
    "jasa",
    "konstruksi",
    "perkebunan",
    "industri",
    "perkapalan",
    "PLRT",
    "ikut suami",
    "ikut orang tua",
    "",
)
PROV_ASAL: dict[str, tuple[str, ...]] = {
    "61": ("KALIMANTAN BARAT", "Kalimantan Barat", "KALBAR"),
    "52": ("NUSA TENGGARA BARAT", "NTB"),
    "73": ("SULAWESI SELATAN", "SULSEL", "Sulawesi Selatan"),
    "32": ("JAWA BARAT", "Jawa Barat", "JABAR"),
    "33": ("JAWA TENGAH", "JATENG"),
    "35": ("JAWA TIMUR", "JATIM"),
    "53": ("NUSA TENGGARA TIMUR", "NTT"),
    "12": ("SUMATERA UTARA", "SUMUT"),
}
# kemnaker.pengaduan: kategori is the channel, status the state of the complaint.
PENGADUAN_KATEGORI: dict[str, tuple[str, ...]] = {
    "FAMILY": ("KELUARGA", "pengaduan keluarga"),
    "MISSION_ABROAD": ("KJRI KUCHING", "KBRI PHNOM PENH", "perwakilan RI"),
    "NGO": ("LSM", "serikat/LSM PMI"),
    "MEDIA": ("MEDIA SOSIAL", "viral media sosial"),
    "SAPA_129": ("SAPA 129",),
    "OTHER": ("CRISIS CENTER", "HALO KP2MI", "datang langsung"),
}
PENGADUAN_STATUS: dict[str, tuple[str, ...]] = {
    "ACTIVE": ("PROSES", "DITERIMA"),
    "FOLLOW_UP": ("TINDAK LANJUT",),
    "CLOSED": ("SELESAI", "DITUTUP"),
    "CLOSED_REFERRED": ("DILIMPAHKAN",),
}
# kemnaker.magang_ln
MAGANG_PENYELENGGARA = (
    "LPK BINA KARYA KHATULISTIWA",
    "LPK Mitra Sakura",
    "SO CAHAYA TIMUR",
    "Politeknik Kapuas Raya",
)
MAGANG_BIDANG = (
    "Perhotelan",
    "Pengolahan makanan",
    "Pertanian",
    "Perawat lansia (kaigo)",
    "Manufaktur elektronik",
    "Konstruksi",
    "Penerjemah Mandarin",
)
# kemnaker.penempatan.nama_p3mi with code and licence: invented companies.
P3MI: tuple[tuple[str, str, str], ...] = (
    ("P3-0611", "PT KAPUAS MEGAH MANDIRI", "SIP3MI/112/2021"),
    ("P3-0612", "PT. Khatulistiwa Jaya Abadi", "SIP3MI/087/2019"),
    ("P3-0613", "PT BORNEO DUTA KARYA", "SIP3MI/203/2022"),
    ("P3-0521", "PT RINJANI PUTRA SEJAHTERA", "SIP3MI/044/2018"),
    ("P3-0321", "PT PASUNDAN KARYA UTAMA", "SIP3MI/171/2020"),
)

# --- kemensos.klien_rptc ----------------------------------------------------------------------------------------
NEGARA_ASAL_PEMULANGAN: dict[str, tuple[str, ...]] = {
    "MYS": ("Malaysia", "MALAYSIA", "Sarawak"),
    "TWN": ("Taiwan",),
    "CHN": ("Tiongkok", "China", "RRT"),
    "MMR": ("Myanmar", "MYANMAR"),
    "KHM": ("Kamboja", "KAMBOJA"),
    "SAU": ("Arab Saudi", "Saudi"),
    "ARE": ("UEA",),
    "SGP": ("Singapura",),
    "BRN": ("Brunei",),
    "THA": ("Thailand",),
    "JPN": ("Jepang",),
    "KOR": ("Korea",),
    "IDN": ("", "Indonesia"),
}
RUJUKAN_DARI = (
    "POLDA KALBAR",
    "Polres Sambas",
    "BP3MI KALBAR",
    "BP3MI Kalbar",
    "KJRI KUCHING",
    "KJRI Kuching",
    "Dinsos Kab. Sanggau",
    "DINSOS PROV. KALBAR",
    "UPTD PPA",
    "Keluarga",
    "Datang sendiri",
    "LSM",
    "Imigrasi Entikong",
)
# layanan: one to four of these in one cell, joined by "," or ", ".
LAYANAN: dict[str, tuple[str, ...]] = {
    "PROTECTION": ("perlindungan", "Perlindungan", "rumah aman"),
    "HEALTH": ("kesehatan", "pemeriksaan kesehatan", "layanan medis"),
    "PSYCHOLOGICAL": ("psikologis", "konseling psikologi", "dukungan psikososial"),
    "PSYCHIATRIC": ("psikiatri",),
    "FAMILY_ASSESSMENT": ("asesmen keluarga", "penelusuran keluarga"),
    "SKILLS": ("keterampilan", "pelatihan keterampilan"),
    "CLOTHING": ("sandang", "kebutuhan dasar"),
    "RETURN": ("pemulangan", "Pemulangan"),
    "BUSINESS_START": ("bantuan usaha", "usaha ekonomi produktif"),
    "LEGAL_AID": ("pendampingan hukum",),
    "RELIGIOUS": ("bimbingan rohani",),
}
# asesmen: health and psychology, which the hub must never ingest. Recognisable on purpose.
ASESMEN = (
    "ASESMEN-RAHASIA: kondisi umum stabil, perlu pendampingan lanjutan.",
    "ASESMEN-RAHASIA: sulit tidur dan cemas, dirujuk ke psikolog.",
    "ASESMEN-RAHASIA: keluarga siap menerima, tidak ada keluhan fisik.",
)

# --- drift: a field no contract knows, in some laporan_polisi --------------------------------------------------------
DRIFT_FIELD = "kanal_aduan"
DRIFT_VALUES = ("SPKT", "110", "DARING")
