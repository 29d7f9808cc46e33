"""What is worth saying of an identifier: a code with parameters. Its texts are in the message catalogue,
``identifier.CODE``, in Spanish and English."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How much a remark weighs: an error refuses the kind, a warning asks for a look, info only tells."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class Code(StrEnum):
    """Every remark that an identifier can carry."""

    EMPTY = "empty"
    TOO_LONG = "too_long"
    FOLDED = "folded"
    SWAPPED = "swapped"
    BY_SHAPE = "by_shape"
    LABEL = "label"
    SEVERAL = "several"

    CHECK_DIGIT = "check_digit"
    NO_CHECK_DIGIT = "no_check_digit"
    LENGTH = "length"
    REMAINDER_TEN = "remainder_ten"
    REGIONAL_CATEGORY = "regional_category"
    UNLISTED_SIZE = "unlisted_size"
    TRADE_NAME = "trade_name"

    IMPOSSIBLE_YEAR = "impossible_year"
    YEAR_BEFORE_ECUAPASS = "year_before_ecuapass"
    YEAR_IN_FUTURE = "year_in_future"
    UNKNOWN_DISTRICT = "unknown_district"
    UNKNOWN_REGIME = "unknown_regime"
    IMPORT_REGIME = "import_regime"
    OLD_REFRENDO = "old_refrendo"
    MRN_WIDTH = "mrn_width"

    IMPOSSIBLE_DATE = "impossible_date"
    UNKNOWN_DOCUMENT = "unknown_document"
    ISSUER_RUC = "issuer_ruc"
    TEST_ENVIRONMENT = "test_environment"
    UNKNOWN_ENVIRONMENT = "unknown_environment"
    UNKNOWN_EMISSION = "unknown_emission"

    UNKNOWN_PROVINCE = "unknown_province"
    DOUBTFUL_PROVINCE = "doubtful_province"
    THIRD_DIGIT = "third_digit"
    ESTABLISHMENT = "establishment"
    COMPANY_CHECK_DIGIT = "company_check_digit"
    COULD_BE_NATURAL = "could_be_natural"
    FINAL_CONSUMER = "final_consumer"
    MRZ = "mrz"

    PLATE_LETTER = "plate_letter"
    UNLISTED_ULD = "unlisted_uld"
    GS1_WITHOUT_SSCC = "gs1_without_sscc"


_INFO = frozenset(
    {Code.FOLDED, Code.BY_SHAPE, Code.TRADE_NAME, Code.COULD_BE_NATURAL, Code.GS1_WITHOUT_SSCC, Code.SEVERAL}
)
_ERROR = frozenset(
    {
        Code.EMPTY,
        Code.TOO_LONG,
        Code.CHECK_DIGIT,
        Code.NO_CHECK_DIGIT,
        Code.LENGTH,
        Code.IMPOSSIBLE_YEAR,
        Code.UNKNOWN_PROVINCE,
        Code.THIRD_DIGIT,
        Code.ESTABLISHMENT,
        Code.FINAL_CONSUMER,
        Code.MRZ,
    }
)


@dataclass(frozen=True)
class Remark:
    """One remark; the parameters are (name, value) pairs in the order of their names."""

    code: Code
    parameters: tuple[tuple[str, str], ...] = ()

    @property
    def severity(self) -> Severity:
        """How much it weighs, by its code."""
        if self.code in _ERROR:
            return Severity.ERROR
        return Severity.INFO if self.code in _INFO else Severity.WARNING

    def text(self, language: str = "es") -> str:
        """The remark in ``es`` or ``en``, with its parameters filled in."""
        from record.messages import Phrase, text

        filled: Mapping[str, object] = {
            name: Phrase(f"identifier.kind_{value}") if name == "kind" else value
            for name, value in self.parameters
        }
        return text(f"identifier.{self.code}", lang=language, **filled)


def remark(code: Code, **parameters: str) -> Remark:
    """A remark from named parameters; ``kind`` is a kind, shown by its name."""
    return Remark(code, tuple(sorted((name, str(value)) for name, value in parameters.items())))
