import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.image import SVGImageSnapshotExtension


@pytest.fixture
def picture(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    """Compare with a kept drawing, a file one can open and look at."""
    return snapshot.use_extension(SVGImageSnapshotExtension)
