"""Arrays survive storage to the last bit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from cityindex.errors import Invalid
from cityindex.formats.arrays import pack_array, pack_json, unpack_array, unpack_json


@given(
    arrays.arrays(
        st.sampled_from([np.float64, np.int32, np.uint8, np.bool_, np.int8]),
        arrays.array_shapes(max_dims=3, min_side=0),
    )
)
def test_every_bit_comes_back(array: np.ndarray) -> None:
    again = unpack_array(pack_array(array))
    assert again.dtype == array.dtype
    assert again.shape == array.shape
    assert again.tobytes() == array.tobytes()


def test_a_transposed_array_keeps_its_order() -> None:
    array = np.arange(12.0).reshape(3, 4).T
    assert np.array_equal(unpack_array(pack_array(array)), array)


def test_what_is_stored_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="read-only"):
        unpack_array(pack_array(np.zeros(3)))[0] = 1


def test_json_keeps_doubles_and_thai() -> None:
    value = {"ชื่อ": [0.1 + 0.2, 5e-324, 1.7976931348623157e308, None]}
    assert unpack_json(pack_json(value)) == value


@pytest.mark.parametrize("data", [b"", b"other", pack_array(np.zeros(9))[:20]])
def test_other_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(Invalid):
        unpack_array(data)
    with pytest.raises(Invalid):
        unpack_json(data)
