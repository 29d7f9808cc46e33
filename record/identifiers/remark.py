"""What is worth saying of an identifier: a code with parameters, and its texts in Spanish and English."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class Severity(StrEnum):
    """How much a remark weighs: an error refuses the kind, a warning asks for a look, info only tells."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class Code(StrEnum):
    """Every remark that an identifier can carry."""

    CHECK_DIGIT = "check_digit"
    REMAINDER_TEN = "remainder_ten"
    REGIONAL_CATEGORY = "regional_category"
    IMPOSSIBLE_YEAR = "impossible_year"
    YEAR_BEFORE_ECUAPASS = "year_before_ecuapass"
    YEAR_IN_FUTURE = "year_in_future"
    UNKNOWN_DISTRICT = "unknown_district"
    UNKNOWN_REGIME = "unknown_regime"
    IMPOSSIBLE_DATE = "impossible_date"
    UNKNOWN_DOCUMENT = "unknown_document"
    ISSUER_RUC = "issuer_ruc"
    TEST_ENVIRONMENT = "test_environment"
    UNKNOWN_ENVIRONMENT = "unknown_environment"
    UNKNOWN_EMISSION = "unknown_emission"
    FOLDED = "folded"
    SWAPPED = "swapped"
    TOO_LONG = "too_long"
    EMPTY = "empty"


class Template(NamedTuple):
    """Severity and texts of a remark; ``{name}`` in a text is a parameter."""

    severity: Severity
    es: str
    en: str


TEMPLATES: Mapping[Code, Template] = {
    Code.CHECK_DIGIT: Template(
        Severity.ERROR,
        "Parece {kind}, pero el dígito verificador es {found} y debería ser {expected}.",
        "Looks like {kind}, but the check digit is {found} and should be {expected}.",
    ),
    Code.REMAINDER_TEN: Template(
        Severity.WARNING,
        "El cálculo del dígito verificador da 10, escrito 0: no prueba que la lectura sea correcta.",
        "The check digit's remainder is 10, written 0: it does not prove that the reading is right.",
    ),
    Code.REGIONAL_CATEGORY: Template(
        Severity.WARNING,
        "La cuarta letra {category} es de uso regional, no de la norma.",
        "The fourth letter {category} is in regional use, not in the standard.",
    ),
    Code.IMPOSSIBLE_YEAR: Template(
        Severity.ERROR,
        "Parece {kind}, pero el año {year} no es posible.",
        "Looks like {kind}, but the year {year} is impossible.",
    ),
    Code.YEAR_BEFORE_ECUAPASS: Template(
        Severity.WARNING,
        "El año {year} es anterior a Ecuapass (2012).",
        "The year {year} is before Ecuapass (2012).",
    ),
    Code.YEAR_IN_FUTURE: Template(
        Severity.WARNING,
        "El año {year} todavía no llega.",
        "The year {year} has not come yet.",
    ),
    Code.UNKNOWN_DISTRICT: Template(
        Severity.WARNING,
        "El distrito aduanero {district} no está en la lista.",
        "The customs district {district} is not in the list.",
    ),
    Code.UNKNOWN_REGIME: Template(
        Severity.WARNING,
        "El régimen aduanero {regime} no está en la lista.",
        "The customs regime {regime} is not in the list.",
    ),
    Code.IMPOSSIBLE_DATE: Template(
        Severity.WARNING,
        "La fecha {date} no existe.",
        "The date {date} does not exist.",
    ),
    Code.UNKNOWN_DOCUMENT: Template(
        Severity.WARNING,
        "El tipo de comprobante {document} no está en la lista.",
        "The document type {document} is not in the list.",
    ),
    Code.ISSUER_RUC: Template(
        Severity.WARNING,
        "El RUC del emisor {ruc} no es válido o no cumple su dígito verificador.",
        "The issuer's RUC {ruc} is invalid or fails its check digit.",
    ),
    Code.TEST_ENVIRONMENT: Template(
        Severity.WARNING,
        "El comprobante es del ambiente de pruebas: no tiene validez tributaria.",
        "The document is of the test environment: it has no tax validity.",
    ),
    Code.UNKNOWN_ENVIRONMENT: Template(
        Severity.WARNING,
        "El ambiente {environment} no existe (1 pruebas, 2 producción).",
        "The environment {environment} does not exist (1 test, 2 production).",
    ),
    Code.UNKNOWN_EMISSION: Template(
        Severity.WARNING,
        "El tipo de emisión {emission} no es el normal (1).",
        "The emission type {emission} is not the normal one (1).",
    ),
    Code.FOLDED: Template(
        Severity.INFO,
        "Se leyeron como latinos caracteres de otro alfabeto: {characters}.",
        "Characters of another alphabet were read as Latin: {characters}.",
    ),
    Code.SWAPPED: Template(
        Severity.WARNING,
        "Se cambiaron caracteres parecidos donde la posición lo exige: {found} por {taken}.",
        "Look-alike characters were exchanged where the position demands it: {found} for {taken}.",
    ),
    Code.TOO_LONG: Template(
        Severity.ERROR,
        "El texto tiene {length} caracteres; se miran como máximo {limit}.",
        "The text has {length} characters; at most {limit} are looked at.",
    ),
    Code.EMPTY: Template(
        Severity.ERROR,
        "El texto no tiene ningún carácter legible.",
        "The text has no readable character.",
    ),
}


@dataclass(frozen=True)
class Remark:
    """One remark; the parameters are (name, value) pairs in the order of their names."""

    code: Code
    parameters: tuple[tuple[str, str], ...] = ()

    @property
    def severity(self) -> Severity:
        """How much it weighs, by its code."""
        return TEMPLATES[self.code].severity

    def text(self, language: str = "es") -> str:
        """The remark in ``es`` or ``en``, with its parameters filled in."""
        template = TEMPLATES[self.code]
        words = template.en if language == "en" else template.es
        return words.format_map(dict(self.parameters))


def remark(code: Code, **parameters: str) -> Remark:
    """A remark from named parameters."""
    return Remark(code, tuple(sorted(parameters.items())))
