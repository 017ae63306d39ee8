"""The size of the function's bundle, and what is in it.

A small bundle is quick to deploy, and there is little in it to review. Lambda takes 50 MB zipped and 250 MB unzipped
(Lambda developer guide, "Lambda quotas"). The zip is deflated, as the CDK does it.
"""

import zipfile
from collections import Counter
from io import BytesIO
from pathlib import Path
from typing import Final

from bench.report import ROOT, Claim, Observe, Report
from infra.bundle import build
from invitation_responder.core.policy import Policy

MAX_ZIPPED: Final = 8.0  # MiB
MAX_UNZIPPED: Final = 25.0  # MiB
_MIB: Final = 1024 * 1024
_SMALL: Final = 0.1  # MiB: what is smaller has no row of its own
_OTHERS: Final = "others"


def measure(observe: Observe) -> Report:
    """Build a bundle with an empty policy, and zip it. Raises `BundleError` if it can't be built."""
    observe(0, 2)
    bundle = build(Policy(mode="audit").to_json(), into=ROOT / "build" / "bundle").path
    observe(1, 2)
    zipped, contents = zipped_size(bundle), contents_of(bundle)
    observe(2, 2)
    return report(zipped, contents)


def contents_of(folder: Path) -> Counter[tuple[str, str]]:
    """The bytes of each package, by its name and a kind: code, bytecode or data."""
    sizes: Counter[tuple[str, str]] = Counter()
    for path in folder.rglob("*"):
        if path.is_file():
            kind = {".py": "code", ".pyc": "bytecode"}.get(path.suffix, "data")
            sizes[path.relative_to(folder).parts[0], kind] += path.stat().st_size
    return sizes


def zipped_size(folder: Path) -> int:
    """The bytes of a folder in a zip."""
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            archive.write(path, path.relative_to(folder))
    return buffer.tell()


def report(zipped: int, contents: Counter[tuple[str, str]]) -> Report:
    """The packages from the largest to the smallest, and the claims."""
    packages: Counter[str] = Counter()
    for (package, _), size in contents.items():
        packages[package] += size
    large = [package for package, size in packages.most_common() if size >= _SMALL * _MIB]
    kinds = ("code", "bytecode", "data")
    rows: dict[str, Counter[str]] = {package: Counter() for package in [*large, _OTHERS, "together"]}
    for (package, kind), size in contents.items():
        rows[package if package in large else _OTHERS][kind] += size
        rows["together"][kind] += size
    return Report(
        name="size",
        table=(
            ("MiB", *kinds, "together"),
            *((name, *(_mib(row[kind]) for kind in kinds), _mib(row.total())) for name, row in rows.items()),
        ),
        notes=f"Zipped, it is {zipped / _MIB:.1f} MiB. Bytecode is there for the cold start.",
        claims=(
            Claim("the function's bundle, zipped", zipped / _MIB, at_most=MAX_ZIPPED, unit="MiB"),
            Claim("unzipped", contents.total() / _MIB, at_most=MAX_UNZIPPED, unit="MiB"),
        ),
    )


def _mib(size: int) -> str:
    return f"{size / _MIB:.2f}"
