"""DynamoDB's attribute values, and what a start does not import for them."""

import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invitation_responder.aws.attribute_values import deserialize, serialize

VALUES = st.recursive(
    st.none() | st.booleans() | st.text() | st.integers(-(10**37), 10**37),
    lambda values: st.lists(values, max_size=3) | st.dictionaries(st.text(), values, max_size=3),
)


@given(VALUES)
def test_what_is_written_is_read_back(value: Any) -> None:
    assert deserialize(serialize(value)) == value


def test_a_tuple_is_a_list() -> None:
    assert serialize(("a", 1)) == {"L": [{"S": "a"}, {"N": "1"}]}


@pytest.mark.parametrize("convert", ["serialize('a')", "deserialize({'S': 'a'})"])
def test_boto3_is_imported_when_there_is_something_to_convert(convert: str) -> None:
    script = (
        "import sys; from invitation_responder.aws import attribute_values, ledger, organization_table\n"
        f"assert 'boto3' not in sys.modules; attribute_values.{convert}; assert 'boto3' in sys.modules"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
