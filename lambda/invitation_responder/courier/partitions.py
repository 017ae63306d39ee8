"""Regions and hosts by partition of AWS. Pure."""

from collections.abc import Mapping
from typing import Final

# Partition → the only Region with the events of AWS Organizations (AWS Organizations user guide, "Monitoring").
HOME_REGIONS: Final[Mapping[str, str]] = {
    "aws": "us-east-1",
    "aws-cn": "cn-northwest-1",
    "aws-us-gov": "us-gov-west-1",
}
# Partition → the host of the AWS Management Console (AWS Management Console, getting started guide).
CONSOLES: Final[Mapping[str, str]] = {
    "aws": "console.aws.amazon.com",
    "aws-cn": "console.amazonaws.cn",
    "aws-us-gov": "console.amazonaws-us-gov.com",
}
