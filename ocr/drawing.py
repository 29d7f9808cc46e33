"""A picture with what was seen in it drawn on it, for people who judge a reading."""

import numpy as np

from ocr.picture import decode, jpeg
from ocr.sighting import Sighting, Status

COLOURS = {Status.ACCEPTED: (60, 200, 60)}
OTHERWISE = (40, 120, 255)


def drawn(data: bytes, sighting: Sighting) -> bytes:
    """The picture as JPEG with boxes and text, green when accepted. Raises `ValueError` when it is none."""
    import cv2

    picture = decode(data)
    if picture is None:
        raise ValueError("these bytes are no picture that could be drawn on")
    colour = COLOURS.get(sighting.status, OTHERWISE)
    thick = max(1, round(max(picture.shape) / 500))
    for box in sighting.boxes:
        cv2.polylines(picture, [np.array(box, np.int32)], True, colour, thick, cv2.LINE_AA)
    words = (*sighting.numbers, sighting.seen, sighting.type_code, sighting.status.value)
    label = " ".join(word for word in words if word)
    font, scale = cv2.FONT_HERSHEY_SIMPLEX, max(picture.shape) / 1100
    place = (4, max(12, int(24 * scale)))
    cv2.putText(picture, label, place, font, scale, (0, 0, 0), 3 * thick, cv2.LINE_AA)
    cv2.putText(picture, label, place, font, scale, colour, thick, cv2.LINE_AA)
    return jpeg(picture)
