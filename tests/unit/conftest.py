"""Unit tests open no sockets, and property tests try as many examples as a quick run can."""

from __future__ import annotations

import pytest
from hypothesis import settings
from pytest_socket import disable_socket, enable_socket

settings.register_profile("quick", max_examples=30, deadline=None)
settings.load_profile("quick")


@pytest.fixture(autouse=True, scope="module")
def _sockets_off():
    disable_socket()
    yield
    enable_socket()


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine():
    """Nothing to do, a thousand times: unit tests hand settings over and read none."""
