"""What ministack would ignore in a state machine is named, with its state."""

from typing import Any

import pytest

from local.cloud.states_language import ignored_fields


def machine(state: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """A state machine of one state, `Sweep`."""
    return {"StartAt": "Sweep", "States": {"Sweep": state}} | fields


def distributed(child: dict[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
    """A distributed Map that reads its items from S3."""
    reader = {
        "Resource": "arn:aws:states:::s3:getObject",
        "ReaderConfig": {"InputType": "JSON"},
        "Parameters": {"Bucket": "work", "Key.$": "$.key"},
    }
    processor = machine(
        child or {"Type": "Succeed"}, ProcessorConfig={"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
    )
    return {"Type": "Map", "Label": "Sweep", "ItemReader": reader, "ItemProcessor": processor, "End": True} | fields


TASK = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": "f"}, "End": True}


@pytest.mark.parametrize(
    "honored",
    [
        pytest.param(machine(TASK, TimeoutSeconds=60, Comment="", QueryLanguage="JSONPath"), id="a task"),
        pytest.param(
            machine(
                distributed(
                    TASK,
                    MaxConcurrency=4,
                    ToleratedFailurePercentage=100,
                    ItemSelector={"item.$": "$$.Map.Item.Value", "run.$": "$$.Execution.Name"},
                    ResultPath=None,
                    Retry=[{"ErrorEquals": ["States.ALL"], "MaxDelaySeconds": 5, "JitterStrategy": "FULL"}],
                    Catch=[{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "Sweep"}],
                )
            ),
            id="a distributed Map",
        ),
        pytest.param(
            machine({"Type": "Choice", "Choices": [{"Variable": "$.a", "IsPresent": True, "Next": "Sweep"}]}),
            id="a choice",
        ),
        pytest.param(
            machine({"Type": "Fail", "ErrorPath": "$.e", "CausePath": "$$.Execution.Input.a"}), id="a failure"
        ),
        pytest.param(machine({"Type": "Map", "Items": "{% $states.input %}"}, QueryLanguage="JSONata"), id="JSONata"),
    ],
)
def test_honored(honored: dict[str, Any]) -> None:
    assert ignored_fields(honored) == []


@pytest.mark.parametrize(
    ("ignoring", "named"),
    [
        pytest.param(distributed(ItemBatcher={}), "`ItemBatcher` in state `Sweep`", id="batches"),
        pytest.param(distributed(ResultWriter={}), "`ResultWriter` in state `Sweep`", id="results in S3"),
        pytest.param(distributed(MaxConcurrencyPath="$.n"), "`MaxConcurrencyPath` in state `Sweep`", id="a path"),
        pytest.param(
            distributed(ToleratedFailurePercentagePath="$.n"),
            "`ToleratedFailurePercentagePath` in state `Sweep`",
            id="another path",
        ),
        pytest.param(
            distributed(ItemsPath="$.a"),
            "`ItemsPath` beside the ItemReader in state `Sweep`",
            id="items from two sources",
        ),
        pytest.param(
            distributed() | {"QueryLanguage": "JSONata"} | {"Items": ""},
            "JSONata of state `Sweep`, a distributed Map,",
            id="JSONata in a distributed Map",
        ),
        pytest.param(
            {"Type": "Map", "ToleratedFailureCount": 1}, "`ToleratedFailureCount` in state `Sweep`", id="an inline Map"
        ),
        pytest.param(TASK | {"HeartbeatSeconds": 1}, "`HeartbeatSeconds` in state `Sweep`", id="heartbeats"),
        pytest.param(TASK | {"Credentials": {}}, "`Credentials` in state `Sweep`", id="another account's role"),
        pytest.param(TASK | {"Assign": {}}, "`Assign` in state `Sweep`", id="variables"),
        pytest.param(
            distributed(TASK | {"Parameters": {"a.$": "$$.Execution.Name"}}),
            "that `$$.Execution.Name` in state `Sweep` is about the child of a distributed Map",
            id="a child's own name",
        ),
        pytest.param(
            TASK | {"Parameters": {"a.$": "States.Format('{}', $$.Execution.RoleArn)"}},
            "`$$.Execution.RoleArn` in state `Sweep`",
            id="an unknown part of the context",
        ),
        pytest.param(
            {"Type": "Parallel", "Branches": [machine(distributed(ItemBatcher={}))]},
            "`ItemBatcher` in state `Sweep`",
            id="in a branch",
        ),
        pytest.param(distributed(distributed(ItemBatcher={})), "`ItemBatcher` in state `Sweep`", id="in a child"),
        pytest.param(
            {"Type": "Choice", "Choices": [{"Not": {"Variable": "$.a", "StringLessThanPath": "$.b"}, "Next": "Sweep"}]},
            "`StringLessThanPath` in a choice of state `Sweep`",
            id="a comparison",
        ),
        pytest.param(
            TASK | {"Catch": [{"ErrorEquals": [], "Next": "Sweep", "Assign": {}}]},
            "`Assign` in a catcher of state `Sweep`",
            id="a catcher's variables",
        ),
    ],
)
def test_ignored(ignoring: dict[str, Any], named: str) -> None:
    assert named in ignored_fields(machine(ignoring))


def test_a_new_field_of_the_machine_is_ignored() -> None:
    assert ignored_fields(machine(TASK, Invented=1)) == ["`Invented` in the state machine"]


def test_a_reader_of_another_format_is_ignored() -> None:
    state = distributed()
    state["ItemReader"]["ReaderConfig"] = {"InputType": "PARQUET", "ParquetSettings": {}}
    assert ignored_fields(machine(state)) == [
        "`ParquetSettings` in the ItemReader of state `Sweep`",
        "`InputType` PARQUET in the ItemReader of state `Sweep`",
    ]
