"""The WSDL of immigration's service and the shapes of its records, from one list of fields each."""

from collections.abc import Mapping, Sequence

NAMESPACE = "urn:id:go:imigrasi:simkim:v1"
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
SERVICE_PATH = "/simkim"

PASSPORT_FIELDS = ("no_paspor", "tgl_terbit", "tgl_kadaluarsa", "kanim_penerbit", "status", "nik")
CROSSING_FIELDS = (
    "id_lintas", "no_dokumen", "jenis_dokumen", "nama", "tgl_lahir", "jk", "kewarganegaraan", "kode_tpi", "arah",
    "waktu_lintas", "moda", "no_penerbangan", "nama_kapal", "negara_tujuan", "status_cekal",
)  # fmt: skip
PREVENTION_FIELDS = ("id_tunda", "tgl", "kantor", "jenis", "alasan", "tujuan_dinyatakan", "rujuk_ke")
RECORDS: Mapping[str, Sequence[str]] = {
    "paspor": PASSPORT_FIELDS,
    "perlintasan": CROSSING_FIELDS,
    "penundaan": PREVENTION_FIELDS,
}

# operation -> (what is asked: name, type, occurs), the record it answers with, whether there is a next page
_KEYS = ' minOccurs="0" maxOccurs="unbounded"'
_WINDOW = (("dari", "xsd:dateTime", ""), ("sampai", "xsd:dateTime", ""))
OPERATIONS: Mapping[str, tuple[Sequence[tuple[str, str, str]], str, bool]] = {
    "CariDokumen": ((("nik", "xsd:string", _KEYS), ("no_dokumen", "xsd:string", _KEYS)), "paspor", False),
    "CariPerlintasan": ((("no_dokumen", "xsd:string", _KEYS),), "perlintasan", False),
    "PerlintasanPerWaktu": (
        (*_WINDOW, ("setelah", "xsd:string", ' minOccurs="0"'), ("batas", "xsd:int", "")), "perlintasan", True,
    ),
    "PenundaanPerWaktu": (_WINDOW, "penundaan", False),
}  # fmt: skip


def _element(name: str, kind: str, occurs: str) -> str:
    return f'<xsd:element name="{name}" type="{kind}"{occurs}/>'


def _record_type(name: str, fields: Sequence[str]) -> str:
    elements = "".join(_element(field, "xsd:string", ' minOccurs="0"') for field in fields)
    stamp = _element("diperbarui_pada", "xsd:dateTime", "")
    return f'<xsd:complexType name="{name}"><xsd:sequence>{elements}{stamp}</xsd:sequence></xsd:complexType>'


def _wrapper(name: str, inner: str) -> str:
    return f'<xsd:element name="{name}"><xsd:complexType><xsd:sequence>{inner}</xsd:sequence></xsd:complexType></xsd:element>'


def _operation_elements(name: str) -> str:
    asked, record, paged = OPERATIONS[name]
    question = "".join(_element(*each) for each in asked)
    answer = _element(record, f"tns:{record}", _KEYS)
    if paged:
        answer += _element("berikutnya", "xsd:string", ' minOccurs="0"')
    return _wrapper(name, question) + _wrapper(f"{name}Response", answer)


def wsdl(address: str) -> bytes:
    """The WSDL 1.1 document, SOAP 1.1 document/literal wrapped.

    Args:
        address: where the service is.
    """
    types = "".join(_record_type(name, fields) for name, fields in RECORDS.items())
    elements = "".join(_operation_elements(name) for name in OPERATIONS)
    messages = "".join(
        f'<wsdl:message name="{name}{end}"><wsdl:part name="parameters" element="tns:{name}{suffix}"/></wsdl:message>'
        for name in OPERATIONS
        for end, suffix in (("Input", ""), ("Output", "Response"))
    )
    ports = "".join(
        f'<wsdl:operation name="{name}"><wsdl:input message="tns:{name}Input"/>'
        f'<wsdl:output message="tns:{name}Output"/></wsdl:operation>'
        for name in OPERATIONS
    )
    bindings = "".join(
        f'<wsdl:operation name="{name}"><soap:operation soapAction="urn:simkim:{name}"/>'
        f'<wsdl:input><soap:body use="literal"/></wsdl:input><wsdl:output><soap:body use="literal"/></wsdl:output>'
        f"</wsdl:operation>"
        for name in OPERATIONS
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<wsdl:definitions name="SIMKIM" xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/"'
        ' xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:xsd="http://www.w3.org/2001/XMLSchema"'
        f' xmlns:tns="{NAMESPACE}" targetNamespace="{NAMESPACE}">'
        f'<wsdl:types><xsd:schema targetNamespace="{NAMESPACE}" elementFormDefault="qualified">{types}{elements}'
        f"</xsd:schema></wsdl:types>{messages}"
        f'<wsdl:portType name="SimkimPort">{ports}</wsdl:portType>'
        '<wsdl:binding name="SimkimBinding" type="tns:SimkimPort">'
        f'<soap:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/>{bindings}</wsdl:binding>'
        '<wsdl:service name="Simkim"><wsdl:port name="SimkimPort" binding="tns:SimkimBinding">'
        f'<soap:address location="{address}"/></wsdl:port></wsdl:service></wsdl:definitions>'
    ).encode()
