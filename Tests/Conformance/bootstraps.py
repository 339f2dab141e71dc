"""The executables of functions, as the build leaves them and as they are packaged for Lambda."""

import os
import pathlib

import pytest

from programs import built

PACKAGES = os.environ.get("FINCORE_PACKAGE_DIR")
# Packages are made in the normal test run; whoever runs single tests has perhaps made none.
BUILDS = ["built", "packaged"] if PACKAGES else ["built"]


def bootstrap(function, build):
    """The path of a function's executable."""
    if build == "built":
        return pathlib.Path(built(function))
    path = pathlib.Path(PACKAGES, function, "bootstrap").resolve()
    if not os.access(path, os.X_OK):
        pytest.fail(f"{path} is not there: run ./fincore package {function} --output {PACKAGES}")
    return path
