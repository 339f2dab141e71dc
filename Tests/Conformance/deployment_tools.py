"""The tools of Tests/requirements-deployment.txt: ./fincore test installs them apart from the other tests' clients."""

import os
import pathlib

import pytest

from programs import ROOT

VENV = pathlib.Path(os.environ.get("FINCORE_DEPLOYMENT_VENV", ROOT / ".build" / "venv-deployment"))


def tool(pattern):
    """The path of the one file that a pattern names inside the environment."""
    found = sorted(VENV.glob(pattern))
    if not found:
        pytest.fail(f"no {pattern} in {VENV}: run ./fincore test, or install Tests/requirements-deployment.txt")
    return found[0]
