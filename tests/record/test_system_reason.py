"""What the operating system says is told in the reader's language."""

import errno
import os
import socket

import pytest

from record.messages import text
from record.system_reason import reason
from record.yamlfile import check


@pytest.mark.parametrize(
    ("error", "es"),
    [
        (FileNotFoundError(errno.ENOENT, "No such file or directory"), "no existe"),
        (ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused"), "nadie escucha en ese puerto"),
        (TimeoutError("timed out"), "no contestó a tiempo"),
        (
            socket.gaierror(socket.EAI_NONAME, "Name or service not known"),
            "nadie conoce ese nombre de equipo",
        ),
        (OSError(errno.EMFILE, os.strerror(errno.EMFILE)), os.strerror(errno.EMFILE)),
        (OSError("something of its own"), "something of its own"),
    ],
)
def test_it_is_told_in_spanish_where_the_catalogue_knows_it(error, es):
    assert text("yaml.unreadable", "es", reason=reason(error)).endswith(es)


def test_a_file_that_is_not_there_is_told_in_both_languages(tmp_path):
    value, (problem,) = check(tmp_path / "none.yaml", object)
    assert value is None
    assert problem.text("es").endswith("no existe")
    assert problem.text("en").endswith("there is no such file")
