"""Makes and reads certificates: a program of its own, so that its libraries never weigh on the server.

Takes its order as JSON on standard input and answers on standard output:

    make   {"names": [...], "starts": time, "ends": time} -> private key and certificate in PEM
    read   {"pem": text} -> {"ends": time, "names": [...], "key": "RSA-2048"}

Times are ISO 8601 with offset. It is run by its path and imports nothing of the server.
"""

from __future__ import annotations

import json
import sys
from datetime import datetime
from ipaddress import ip_address
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

KEY_BITS = 2048
"""The cheapest for a frame, whose every request is a whole handshake: 4096 bits cost it 2.8 times as much."""


def make(names: list[str], starts: datetime, ends: datetime) -> str:
    """Return a new private key and its self-signed certificate for these addresses and names."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "AIFrames ImageServer")])
    usage = x509.KeyUsage(
        digital_signature=True,
        key_encipherment=True,
        content_commitment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(starts)
        .not_valid_after(ends)
        .add_extension(x509.SubjectAlternativeName([_general_name(name) for name in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return (private + certificate.public_bytes(serialization.Encoding.PEM)).decode()


def read(pem: str) -> dict[str, Any]:
    """Return what the server wants to know of the first certificate in a PEM text."""
    certificate = x509.load_pem_x509_certificates(pem.encode())[0]
    key = certificate.public_key()
    kind = type(key).__name__.lstrip("_").removesuffix("PublicKey")
    if isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey):
        kind = f"{'RSA' if isinstance(key, rsa.RSAPublicKey) else 'EC'}-{key.key_size}"
    return {
        "ends": certificate.not_valid_after_utc.isoformat(),
        "names": _names_of(certificate),
        "key": kind,
    }


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        pass
    try:
        return x509.DNSName(name.encode("idna").decode())
    except ValueError:
        sys.exit(f"{name} is neither an address nor a host name")


def _names_of(certificate: x509.Certificate) -> list[str]:
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    addresses = [str(address) for address in names.get_values_for_type(x509.IPAddress)]
    return addresses + names.get_values_for_type(x509.DNSName)


def main() -> None:
    """Do what is ordered."""
    order = json.load(sys.stdin)
    if sys.argv[1:] == ["make"]:
        starts, ends = (datetime.fromisoformat(order[name]) for name in ("starts", "ends"))
        sys.stdout.write(make(order["names"], starts, ends))
    else:
        json.dump(read(order["pem"]), sys.stdout)


if __name__ == "__main__":
    main()
