"""A remark on a draft: what is missing, doubtful or out of tolerance."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from record.base import Record


class Severity(StrEnum):
    """How much a finding weighs. Only an *error* keeps a draft from being complete."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class Code(StrEnum):
    """Every finding that a gate can make. Texts in both languages: ``config/messages/findings.yaml``."""

    MISSING_WEIGHT = "missing_weight"
    MISSING_DOCUMENT = "missing_document"
    MISSING_CONTAINER = "missing_container"
    MISSING_DESCRIPTION = "missing_description"
    MISSING_PACKAGES = "missing_packages"
    MISSING_PACKAGING = "missing_packaging"
    NO_PREADVICE = "no_preadvice"
    PREADVICE_EXPIRED = "preadvice_expired"
    DOCUMENT_ENDED = "document_ended"
    SENDING_LATE = "sending_late"
    CORRECTION_LATE = "correction_late"
    REGULARISATION_LATE = "regularisation_late"
    CONTAINER_UNSURE = "container_unsure"
    CONTAINER_CONTRADICTION = "container_contradiction"
    CONTAINER_OUTVOTED = "container_outvoted"
    CONTAINER_INVALID = "container_invalid"
    CONTAINER_ASIDE = "container_aside"
    SIZE_TYPE_CONTRADICTION = "size_type_contradiction"
    SIZE_TYPE_DOUBTFUL = "size_type_doubtful"
    SIZE_TYPE_NOT_ANNOUNCED = "size_type_not_announced"
    SIZE_TYPE_UNCONFIRMED = "size_type_unconfirmed"
    CONTAINER_WEAK_DIGIT = "container_weak_digit"
    CONTAINER_NOT_ANNOUNCED = "container_not_announced"
    SHARED_WEIGHT = "shared_weight"
    SEVERAL_CONTAINERS = "several_containers"
    WEIGHT_OUT_OF_TOLERANCE = "weight_out_of_tolerance"
    WEIGHT_NOT_POSITIVE = "weight_not_positive"
    BOX_TARE_UNKNOWN = "box_tare_unknown"
    TARE_UNKNOWN = "tare_unknown"
    CERTIFICATE_ABSENT = "certificate_absent"
    CERTIFICATE_EXPIRED = "certificate_expired"
    NOT_ZEROED = "not_zeroed"
    UNKNOWN_DISTRICT = "unknown_district"
    UNKNOWN_REGIME = "unknown_regime"
    IMPORT_REGIME = "import_regime"
    YEAR_BEFORE_ECUAPASS = "year_before_ecuapass"
    YEAR_IN_FUTURE = "year_in_future"
    DOCUMENT_AMBIGUOUS = "document_ambiguous"
    CONTAINER_ON_PAPER = "container_on_paper"
    CONTAINER_RECEIVED = "container_received"
    RELEASE_OF_OTHER = "release_of_other"
    TOO_HEAVY_A_LOAD = "too_heavy_a_load"
    SECOND_WEIGHING_PENDING = "second_weighing_pending"
    NO_OPEN_STAY = "no_open_stay"
    TARE_CONTRADICTION = "tare_contradiction"
    TARE_OLD = "tare_old"
    TARE_LEARNT = "tare_learnt"
    TARE_UNSURE = "tare_unsure"
    NOT_AT_ZERO = "not_at_zero"
    ZERO_UNKNOWN = "zero_unknown"
    WEIGHT_CHANGED = "weight_changed"
    WEIGHT_MASKED = "weight_masked"
    TRUCKS_SUMMED = "trucks_summed"
    RETURNED_AS_ANOTHER = "returned_as_another"
    NOT_UNLOADED = "not_unloaded"
    LEAVES_WITH_CONTAINER = "leaves_with_container"
    LEAVES_WITH_DOCUMENT = "leaves_with_document"
    LEAVES_WITH_PLATE = "leaves_with_plate"
    ANOTHER_PLATE = "another_plate"
    ANOTHER_DRIVER = "another_driver"
    UNKNOWN_PROCEDURE = "unknown_procedure"
    MORE_PACKAGES_THAN_DECLARED = "more_packages_than_declared"
    MORE_WEIGHT_THAN_DECLARED = "more_weight_than_declared"
    ALREADY_RECEIVED = "already_received"
    MISSING_SEALS = "missing_seals"
    MISSING_EXIT_REASON = "missing_exit_reason"
    NO_RELEASE = "no_release"
    NEEDS_SECOND_PERSON = "needs_second_person"
    IMPOSSIBLE_WEIGHT = "impossible_weight"
    ENTERED_OTHERWISE = "entered_otherwise"
    ENTERED_WEIGHT_DIFFERS = "entered_weight_differs"
    ENTERED_OUT_OF_TOLERANCE = "entered_out_of_tolerance"
    ENTERED_ABOVE_GROSS = "entered_above_gross"
    ENTERED_SIZE_TYPE_DIFFERS = "entered_size_type_differs"
    CONTAINER_CHECK_DIGIT = "container_check_digit"
    UNKNOWN_SIZE_TYPE = "unknown_size_type"
    UNKNOWN_PACKAGING = "unknown_packaging"
    RESUMED = "resumed"
    UNKNOWN_SCAN = "unknown_scan"
    CLOCK_UNSYNCHRONISED = "clock_unsynchronised"


class Finding(Record):
    """One remark: its code, how much it weighs, the payload field it is about, the values it speaks of."""

    code: Code
    severity: Severity
    field: str | None = Field(default=None, description="JSON Pointer into the payload")
    params: dict[str, str] = Field(default_factory=dict)
