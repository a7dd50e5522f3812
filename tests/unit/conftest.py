"""Unit tests open no sockets."""

from __future__ import annotations

import pytest
from pytest_socket import disable_socket, enable_socket


@pytest.fixture(autouse=True)
def _sockets_off():
    disable_socket()
    yield
    enable_socket()
