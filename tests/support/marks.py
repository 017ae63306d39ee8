"""The table of the marks, on moto."""

from typing import Any


def create_marks_table(dynamodb: Any) -> None:
    """Create the table `marks`."""
    dynamodb.create_table(
        TableName="marks",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
