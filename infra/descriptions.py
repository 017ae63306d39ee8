"""botocore's descriptions of AWS, cut to what the function calls: each process reads them when it makes its clients.

An operation stays if its method's name is a word of the shipped source, botocore's own included. Every error stays:
botocore parses any error that the service knows, at whichever operation. What stays is as it was.
"""

import gzip
import json
import re
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Any

from botocore import xform_name

_WORD = re.compile(r"\w+")


def cut_descriptions(botocore: Path, words: Collection[str]) -> None:
    """Cut the descriptions in a folder of botocore; `words` are those of the source that makes the calls."""
    data = botocore / "data"
    words = {*words, *read_words(botocore.glob("*.py"))}
    prefixes = set()
    for packed in sorted(data.glob("*/*/service-2.json.gz")):
        model = cut_model(json.loads(gzip.decompress(packed.read_bytes())), words)
        prefixes.add(model["metadata"]["endpointPrefix"])
        packed.with_suffix("").write_text(_write(model))  # botocore reads either, and this one faster
        packed.unlink()
    endpoints = data / "endpoints.json"
    endpoints.write_text(_write(cut_endpoints(json.loads(endpoints.read_bytes()), prefixes)))


def read_words(sources: Iterable[Path]) -> set[str]:
    """The words of source files, names of methods among them."""
    return {word for source in sources for word in _WORD.findall(source.read_text(encoding="utf-8"))}


def cut_model(model: dict[str, Any], words: Collection[str]) -> dict[str, Any]:
    """A service's model with those operations whose methods are in `words`, and the shapes that these and errors need.

    The operation by which botocore asks for a service's endpoints stays, too: the environment may switch it on.
    """
    operations = {
        name: operation
        for name, operation in model["operations"].items()
        if xform_name(name) in words or operation.get("endpointoperation")
    }
    shapes = model["shapes"]
    needed: set[str] = set()
    open_names = [*_shapes_in(operations), *(name for name, shape in shapes.items() if shape.get("exception"))]
    while open_names:
        name = open_names.pop()
        if name not in needed:
            needed.add(name)
            open_names.extend(_shapes_in(shapes[name]))
    kept = {name: shape for name, shape in shapes.items() if name in needed}
    return {**model, "operations": operations, "shapes": kept}


def cut_endpoints(endpoints: dict[str, Any], prefixes: Collection[str]) -> dict[str, Any]:
    """The endpoints in all partitions, of the services with these endpoint prefixes."""
    partitions = [
        {**partition, "services": {name: known for name, known in partition["services"].items() if name in prefixes}}
        for partition in endpoints["partitions"]
    ]
    return {**endpoints, "partitions": partitions}


def _shapes_in(value: Any) -> Iterator[str]:
    """The shapes that a part of a model names."""
    if isinstance(value, dict):
        if isinstance(value.get("shape"), str):
            yield value["shape"]
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _shapes_in(item)


def _write(document: dict[str, Any]) -> str:
    return json.dumps(document, separators=(",", ":"))
