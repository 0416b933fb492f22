"""Lets pytest write down what each test enters: `-p tests.mutants.plugin`."""

from __future__ import annotations

import pytest

from tests.mutants.relevant import Recorder


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Recorder())
