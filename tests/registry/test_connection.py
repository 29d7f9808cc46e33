"""What the registry does with a broker that lacks something, as the broker says when it takes the login."""

from __future__ import annotations

import socket
import threading

import pytest

from registry.connection import BrokerRefuses, Connection, Deliveries, Login

CONNACK_WITHOUT_SHARING = bytes([0x20, 5, 0, 0, 2, 0x2A, 0])
"""Accepted; Shared Subscription Available is 0 (MQTT 5, 3.2.2.3.13)."""


@pytest.fixture
def port():
    """Of a broker that takes one login and then only listens until its end."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve():
            line, _ = listener.accept()
            with line:
                line.recv(4096)
                line.sendall(CONNACK_WITHOUT_SHARING)
                while line.recv(4096):
                    pass

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        thread.join(10)


def test_workers_are_not_run_on_a_broker_that_shares_nothing(port):
    connection = Connection(
        Login("127.0.0.1", port, "iie-registry"), ["$share/registry/gate/v1/#"], Deliveries(), None
    )
    with pytest.raises(BrokerRefuses, match="no shared subscriptions"):
        connection.open()
