"""Until when the certificates of a gate hold: those of TLS that lie here, and those of its scales."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from cryptography import x509

from gateway.site.site import Site


def tls_until(site: Site, folder: Path) -> Iterator[tuple[str, datetime]]:
    """What each file is for, and the end of the first certificate in it that ends; files without one are left out."""
    broker, page = site.broker.tls, site.page.tls if site.page else None
    files = {
        "broker_ca": broker.ca if broker else None,
        "broker_client": broker.certificate if broker else None,
        "registry_ca": site.registry.ca if site.registry else None,
        "page": page.certificate if page else None,
    }
    for use, name in files.items():
        ends = _ends(folder / name) if name else []
        if ends:
            yield use, min(ends)


def scales_until(site: Site) -> Iterator[tuple[str, str, datetime]]:
    """Lane, scale, and the end of the last day of its verification certificate (in UTC)."""
    for lane in site.lanes:
        if lane.scale.certificate is not None:
            day = lane.scale.certificate.valid_until + timedelta(days=1)
            yield lane.name, lane.scale.name, datetime.combine(day, time(), UTC)


def _ends(path: Path) -> list[datetime]:
    try:
        return [each.not_valid_after_utc for each in x509.load_pem_x509_certificates(path.read_bytes())]
    except (OSError, ValueError):
        return []
