"""An issued document on a page or over the interface: why there is none is told in one form."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from registry.reports.document import NoDocument
from registry.reports.office import NoReport, NotNow
from registry.web.problem import Problem


@contextmanager
def issued_or_told() -> Iterator[None]:
    """Fetch the document within. Raises `Problem`: 404 where nobody knows it, 409 with the reasons where it is not
    issued, or cannot be written again as it was."""
    try:
        yield
    except NoReport:
        raise Problem(404, "not_found") from None
    except NotNow as error:
        raise Problem(409, "why", what=error.phrase) from None
    except NoDocument as error:
        raise Problem(409, "why", what=error.phrases) from None
