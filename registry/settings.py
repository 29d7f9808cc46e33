"""REGISTRY.yaml: the broker, the database, the depots with their numbers, the gates with their keys.

Paths are relative to the file's folder. Passwords are never in the file: it names a file that holds one, or a
systemd credential (``LoadCredential=``, systemd.exec(5)).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from record import yamlfile
from record.draft import Depot, Profile
from record.errors import IieError
from record.proof import BadKey, PublicKey
from record.topics import Gate, is_name
from record.upload import FileKind
from registry.strict import Digits, Strict
from registry.transmission.rules import TransmissionRules

HOST = re.compile(r"([a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?|\[[0-9a-f:.]{2,45}\])(:[0-9]{1,5})?")
"""A host with or without its port, as an address has it: lower case, IPv6 in brackets."""


class BadSettings(IieError):
    """Something that REGISTRY.yaml names cannot be used; the message names it."""

    advice = "registry.bad_settings"


def _key(text: str) -> str:
    try:
        PublicKey.parse(text)
    except BadKey as error:
        raise yamlfile.fault("registry.bad_key", found=text[:80]) from error
    return text


def _name(text: str) -> str:
    if not is_name(text):
        raise yamlfile.fault("registry.bad_name", found=text[:80])
    return text


def _url(text: str) -> str:
    try:
        url = make_url(text)
    except ArgumentError as error:
        raise yamlfile.fault("registry.bad_database", found=text[:80]) from error
    if url.get_backend_name() not in ("sqlite", "postgresql"):
        raise yamlfile.fault("registry.bad_database", found=text[:80])
    return text


def _host(text: str) -> str:
    if HOST.fullmatch(text) is None:
        raise yamlfile.fault("registry.bad_host", found=text[:80])
    return text


KeyText = Annotated[str, AfterValidator(_key)]
NameText = Annotated[str, AfterValidator(_name)]
HostText = Annotated[str, AfterValidator(_host)]


class Tls(Strict):
    """TLS to the broker: who is trusted, and the registry's own certificate where the broker asks for one."""

    ca: str | None = Field(default=None, description="PEM file; without it the system's authorities")
    certificate: str | None = Field(default=None, description="PEM file of the client's certificate")
    key: str | None = Field(default=None, description="PEM file of the certificate's key")

    @model_validator(mode="after")
    def _pair(self) -> Self:
        if (self.certificate is None) != (self.key is None):
            raise yamlfile.fault("registry.tls_pair")
        return self


class Broker(Strict):
    """The MQTT 5 broker and how this registry logs on to it."""

    host: Annotated[str, Field(min_length=1)] = "localhost"
    port: Annotated[int, Field(ge=1, le=65535)] = 1883
    user: str | None = None
    password_file: str | None = Field(default=None, description="file that holds the password")
    password_credential: str | None = Field(default=None, description="name of a systemd credential")
    tls: Tls | None = None
    client_id: Annotated[str, Field(pattern=r"^[0-9A-Za-z_-]{1,64}$")] = "iie-registry"
    keepalive_s: Annotated[
        int, Field(ge=2, le=3600, description="a dead link is found within twice this")
    ] = 15
    session_days: Annotated[
        int, Field(ge=1, le=365, description="how long the broker keeps what arrives")
    ] = 14
    receive_maximum: Annotated[int, Field(ge=1, le=1000, description="events on their way at once")] = 200
    shared: bool = Field(
        default=False,
        description="several workers on one PostgreSQL take a part of the events each; all read this same file",
    )

    @model_validator(mode="after")
    def _one_password(self) -> Self:
        if self.password_file is not None and self.password_credential is not None:
            raise yamlfile.fault("registry.two_passwords")
        return self


class HttpTls(Strict):
    """TLS of the console: PEM files of the server's certificate (with its chain) and of its key."""

    certificate: str
    key: str


class Http(Strict):
    """Where the console and the interface for other systems listen."""

    address: str = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 8080
    hosts: tuple[str, ...] = Field(
        default=(), description="names that people type in their browser to come here, beside the address"
    )
    tls: HttpTls | None = None
    behind_tls: bool = Field(
        default=False, description="a proxy on this machine ends TLS: cookies are for https only"
    )
    metrics_token_file: str | None = Field(
        default=None,
        description="file with the token that other machines show at /metrics; else this one only",
    )
    session_minutes: Annotated[
        int, Field(ge=1, le=1440, description="a session ends after so long without use")
    ] = 30

    @property
    def secure(self) -> bool:
        """Whether browsers reach the console by https."""
        return self.tls is not None or self.behind_tls


class ApiRules(Strict):
    """How much one system may ask of the interface for programs, in each worker."""

    requests_per_minute: Annotated[
        int, Field(ge=1, le=100_000, description="of one token; more wait (429)")
    ] = 300
    streams: Annotated[
        int, Field(ge=1, le=100, description="open connections of one token for changes as they happen")
    ] = 4


class WebhookRules(Strict):
    """Where changes of reports may be sent. What no list names is never called."""

    hosts: tuple[HostText, ...] = Field(
        default=(), description="names that lead to public addresses; https alone, port 443 or the one named"
    )
    private_hosts: tuple[HostText, ...] = Field(
        default=(), description="names or addresses of the operator's own network, http as well"
    )
    ca: str | None = Field(
        default=None, description="PEM file of the authorities of receivers; without it the system's"
    )
    give_up_days: Annotated[
        int, Field(ge=1, le=30, description="a change that nobody took for so long is given up, and shown")
    ] = 3


class GateEntry(Strict):
    """A gate and the public keys that its events may be signed with."""

    keys: Annotated[tuple[KeyText, ...], Field(description="ed25519:…, as `iie-gateway key` prints it")] = ()


class EvidenceEntry(Strict):
    """Files that gates bring: where they lie and for how long they are kept."""

    folder: str = "evidence"
    proof_days: Annotated[
        int, Field(ge=1, description="placeholder: pictures and lines that prove a draft")
    ] = 5 * 365
    personal_days: Annotated[int, Field(ge=1, description="placeholder: what was scanned of drivers")] = 90
    min_free_mb: Annotated[int, Field(ge=0, description="with less on the disk no file is taken")] = 500

    @property
    def ages(self) -> dict[FileKind, timedelta]:
        """How long each kind is kept."""
        proof = timedelta(days=self.proof_days)
        return {
            FileKind.PICTURE: proof,
            FileKind.CROP: proof,
            FileKind.PERSONAL: timedelta(days=self.personal_days),
        }


class ReportRules(Strict):
    """What a report has to fulfil before it is reviewed. Customs' own figures are not published: placeholders."""

    required: tuple[
        Literal["container", "size_type", "seals", "description", "packages", "packaging", "weight_kg"], ...
    ] = Field(
        default=("container", "description", "packages", "packaging", "weight_kg"),
        description="fields of an item that may not be empty; a container only where cargo is not loose",
    )
    second_person_percent: Annotated[
        Decimal,
        Field(
            ge=0,
            le=100,
            description="placeholder: a weight or count of packages that a person changes by more than this"
            " is confirmed by another person",
        ),
    ] = Decimal(10)
    release_required: bool = Field(
        default=True,
        description="an exit that no known release covers has to be looked at before the review; what a release"
        " says is not published",
    )
    description_length: Annotated[int, Field(ge=1, le=2000)] = 200
    seal_length: Annotated[int, Field(ge=1, le=30)] = 14
    most_packages: Annotated[int, Field(ge=1, le=10_000_000)] = 100_000
    most_weight_kg: Annotated[int, Field(ge=1, le=10_000_000)] = 100_000


class DocumentRules(Strict):
    """How IIE and ISE are written as XML. What only customs knows is the operator's to set."""

    schema_folder: str | None = Field(
        default=None,
        description="folder of the operator's own XSD files, as downloaded from Ecuapass; the name of each holds"
        " IIE or ISE. Without one documents are checked against the structure that this project documents",
    )
    namespaces: dict[str, str] = Field(
        default={"IIE": "urn:wco:datamodel:EC:IIE:1:0:0", "ISE": "urn:wco:datamodel:EC:ISE:1:0:0"},
        description="that of the ISE is a guess by analogy",
    )
    letters: dict[Literal["DAE", "DAS", "DJT", "TRS"], Annotated[str, Field(pattern=r"^[A-Z]$")]] = Field(
        default={"DAE": "D"}, description="letter of each base document; only that of the DAE is known"
    )
    container_element: Annotated[str, Field(pattern=r"^[A-Za-z]{1,60}$")] = Field(
        default="ID", description="element of the container's number; by analogy with the import report"
    )
    size_element: Annotated[str, Field(pattern=r"^[A-Za-z]{1,60}$")] = Field(
        default="CharacteristicCode", description="element of size and type; by analogy as well"
    )

    @model_validator(mode="after")
    def _both(self) -> Self:
        if set(self.namespaces) != {"IIE", "ISE"}:
            raise yamlfile.fault("registry.namespaces")
        return self


class CorrectionRules(Strict):
    """How corrections (CII) are written as XML. Customs publishes nothing of it: the structure is the project's own,
    from the names of fields in one terminal's system."""

    namespace: str = Field(default="urn:wco:datamodel:EC:CII:1:0:0", description="a guess by analogy")
    type_code: Annotated[
        str, Digits, Field(pattern=r"^[0-9]{3}$", description="a guess: it fits the codes around it")
    ] = "033"
    letters: dict[Literal["IIE", "ISE"], Annotated[str, Field(pattern=r"^[A-Z]$")]] = Field(
        default={"IIE": "I"}, description="letter of what is corrected; only that of an entry is known"
    )
    cancellation_code: Annotated[str, Field(pattern=r"^[0-9A-Z]{1,4}$")] | None = Field(
        default=None, description="unknown: without it a cancellation is copied by hand, not written as XML"
    )


class DepotEntry(Strict):
    """A depot as customs knows it, its numbers and its gates."""

    profile: Profile
    district: Annotated[str, Digits, Field(pattern=r"^[0-9]{3}$")]
    oce: Annotated[str, Digits, Field(pattern=r"^[0-9]{8}$", description="the operator's OCE code")]
    operator_type: Annotated[str, Digits, Field(pattern=r"^[0-9]{2}$")]
    channel: Annotated[str, Field(pattern=r"^[A-Z]$", description="S own software, P portal")] = "S"
    first_number: Annotated[
        int, Field(ge=1, le=99_999_999, description="of a year of which no number is reserved yet")
    ] = 1
    gates: dict[NameText, GateEntry]

    def as_record(self) -> Depot:
        """The depot in the form that drafts carry."""
        return Depot(
            profile=self.profile,
            district=self.district,
            oce=self.oce,
            operator_type=self.operator_type,
            channel=self.channel,
        )


class RegistryFile(Strict):
    """What REGISTRY.yaml holds."""

    broker: Broker = Broker()
    database: Annotated[str, AfterValidator(_url)] = "sqlite:///registry.db"
    signing_key: str = Field(default="registry-key.pem", description="PEM file, made where there is none")
    http: Http | None = Field(default=None, description="without it nothing listens")
    evidence: EvidenceEntry = EvidenceEntry()
    reports: ReportRules = ReportRules()
    documents: DocumentRules = DocumentRules()
    corrections: CorrectionRules = CorrectionRules()
    transmission: TransmissionRules | None = Field(default=None, description="without it nothing is sent")
    api: ApiRules = ApiRules()
    webhooks: WebhookRules = WebhookRules()
    accept_simulated: bool = Field(default=False, description="take events of simulators and rehearsals")
    language: Literal["es", "en"] = "es"
    depots: dict[NameText, DepotEntry]


@dataclass(frozen=True, slots=True)
class Settings:
    """The file's values with where it lies: its paths are relative to its folder."""

    file: RegistryFile
    path_of_file: Path

    @property
    def folder(self) -> Path:
        """Where relative paths begin."""
        return self.path_of_file.parent

    @property
    def database(self) -> str:
        """The database's URL; a relative SQLite file is found from the folder."""
        return absolute_database(self.file.database, self.folder)

    @property
    def signing_key(self) -> Path:
        """The PEM file of the key that signs receipts."""
        return self.folder / self.file.signing_key

    @property
    def console_url(self) -> str:
        """Where people find the console: its first name, else its address."""
        http = self.file.http or Http()
        name = http.hosts[0] if http.hosts else http.address
        host = f"[{name}]" if ":" in name else name
        if http.behind_tls:
            return f"https://{host}"
        return f"{'https' if http.tls else 'http'}://{host}:{http.port}"

    @property
    def evidence(self) -> Path:
        """The folder of the files that gates bring."""
        return self.folder / self.file.evidence.folder

    def path(self, name: str | None) -> str | None:
        """A named file from the folder; None stays None."""
        return None if name is None else str(self.folder / name)

    def password(self) -> str | None:
        """The broker's password. Raises `BadSettings` naming the file that cannot be read."""
        broker = self.file.broker
        if broker.password_file is not None:
            return _secret(self.folder / broker.password_file)
        if broker.password_credential is not None:
            folder = os.environ.get("CREDENTIALS_DIRECTORY", "")
            return _secret(Path(folder) / broker.password_credential)
        return None

    def gates(self) -> Mapping[Gate, GateEntry]:
        """Every configured gate with its keys."""
        return {
            Gate(depot, gate): entry
            for depot, of in self.file.depots.items()
            for gate, entry in of.gates.items()
        }


def load(path: Path) -> Settings:
    """Read REGISTRY.yaml. Raises `yamlfile.FileErrors` with every problem and its place."""
    return Settings(yamlfile.load(path, RegistryFile, CHECKS), path.resolve())


def shared_keys(file: RegistryFile) -> Iterable[yamlfile.Remark]:
    """A key stands under one gate only: else one gate could speak for another."""
    owners: dict[str, str] = {}
    for depot, of in file.depots.items():
        for gate, entry in of.gates.items():
            for index, key in enumerate(entry.keys):
                owner = owners.setdefault(key, f"{depot}/{gate}")
                if owner != f"{depot}/{gate}":
                    place = ("depots", depot, "gates", gate, "keys", index)
                    yield yamlfile.Remark(place, "registry.shared_key", params={"owner": owner})


def keyless_gates(file: RegistryFile) -> Iterable[yamlfile.Remark]:
    """A gate without a key is allowed, but nothing of it can be received yet."""
    for depot, of in file.depots.items():
        for gate, entry in of.gates.items():
            if not entry.keys:
                place = ("depots", depot, "gates", gate)
                warning = yamlfile.Severity.WARNING
                yield yamlfile.Remark(place, "registry.no_keys", severity=warning, at_key=True)


LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def console_in_clear(file: RegistryFile) -> Iterable[yamlfile.Remark]:
    """A console that other machines reach without TLS shows passwords to the network."""
    if file.http is not None and file.http.address not in LOOPBACK and not file.http.secure:
        yield yamlfile.Remark(
            ("http", "address"), "registry.http_in_clear", severity=yamlfile.Severity.WARNING
        )


def shared_sqlite(file: RegistryFile) -> Iterable[yamlfile.Remark]:
    """Workers share a server: an SQLite file has one writer."""
    if file.broker.shared and make_url(file.database).get_backend_name() == "sqlite":
        yield yamlfile.Remark(("broker", "shared"), "registry.shared_sqlite")


def transmitting(file: RegistryFile) -> Iterable[yamlfile.Remark]:
    """Nothing goes to customs without the operator's own schema, and only from depots that are here."""
    if file.transmission is None:
        return
    for depot in file.transmission.depots:
        if depot not in file.depots:
            place = ("transmission", "depots", depot)
            known = ", ".join(sorted(file.depots))
            yield yamlfile.Remark(place, "registry.no_such_depot", params={"known": known}, at_key=True)
    if not file.transmission.simulator and file.documents.schema_folder is None:
        yield yamlfile.Remark(("transmission", "url"), "registry.transmission_schema")
    if file.transmission.simulator and not file.accept_simulated:
        yield yamlfile.Remark(("transmission", "simulator"), "registry.transmission_simulator")


CHECKS: tuple[yamlfile.Check[RegistryFile], ...] = (
    shared_keys,
    keyless_gates,
    console_in_clear,
    shared_sqlite,
    transmitting,
)
"""What `load` and `iie-registry check` look at beyond the form of each value."""


def absolute_database(url: str, folder: Path) -> str:
    """A database URL whose SQLite file, when relative, is found from ``folder``."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or parsed.database in (None, "", ":memory:"):
        return url
    return parsed.set(database=str(folder / str(parsed.database))).render_as_string(hide_password=False)


def _secret(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise BadSettings(f"{path}: cannot read the broker's password: {error}") from error
