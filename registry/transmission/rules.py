"""The part ``transmission`` of REGISTRY.yaml: to whom documents go, and how long an answer is waited for."""

from __future__ import annotations

from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from record import yamlfile
from registry.strict import Digits, Strict


def _address(text: str) -> str:
    try:
        parts = urlsplit(text)
        right = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        right = False
    if not right or parts.username or parts.query or parts.fragment:
        raise yamlfile.fault("registry.bad_address", found=text[:80])
    return text


class SenderRules(Strict):
    """Whom customs knows as the sender of one depot."""

    ruc: Annotated[str, Digits, Field(pattern=r"^[0-9]{13}$", description="RUC of the operator")]
    user: Annotated[str, Field(min_length=1, max_length=40, description="user of the portal")]


class TransmissionRules(Strict):
    """How documents are transmitted. Without this part none is. The figures are placeholders, none is of customs."""

    adapter: Annotated[
        str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$", description="soap, or one that a package brings")
    ] = "soap"
    url: Annotated[str, AfterValidator(_address)] = Field(
        description="address of the services: that of the tests until customs has accepted the tests"
    )
    simulator: bool = Field(
        default=False,
        description="the other side is `iie-registry customs-sim`: simulated reports alone go there, and nowhere else",
    )
    depots: dict[str, SenderRules] = Field(description="the depots whose reports are transmitted")
    timeout_s: Annotated[int, Field(ge=1, le=600, description="for one call")] = 60
    poll_s: Annotated[int, Field(ge=1, le=3600, description="between two looks for answers")] = 60
    answer_minutes: Annotated[
        int, Field(ge=1, le=10_080, description="after so long without an answer a person is told to look")
    ] = 60
    give_up_hours: Annotated[
        int, Field(ge=1, le=720, description="a document that could not be brought for so long is an error")
    ] = 24
    ca: str | None = Field(default=None, description="PEM file; without it the system's authorities")
    certificate: str | None = Field(default=None, description="PEM file of the operator's certificate")
    key: str | None = Field(default=None, description="PEM file of the certificate's key")

    @model_validator(mode="after")
    def _pair(self) -> Self:
        if (self.certificate is None) != (self.key is None):
            raise yamlfile.fault("registry.tls_pair")
        return self
