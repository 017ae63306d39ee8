"""The benchmark of the bundle's size."""

from collections import Counter
from pathlib import Path

from bench.size import MAX_UNZIPPED, MAX_ZIPPED, contents_of, report, zipped_size

MIB = 1024 * 1024


def test_files_are_counted_by_package_and_kind_and_zipped(tmp_path: Path) -> None:
    for name, size in (("ours/a.py", 1_000), ("ours/core/b.py", 500), ("ours/a.pyc", 300), ("policy.json", 200)):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x" * size)
    assert contents_of(tmp_path) == {("ours", "code"): 1_500, ("ours", "bytecode"): 300, ("policy.json", "data"): 200}
    assert 200 < zipped_size(tmp_path) < 1_500


def test_the_large_packages_come_first_and_the_small_ones_together() -> None:
    contents = Counter(
        {("small", "code"): 1_000, ("small", "data"): 100, ("big", "code"): MIB, ("big", "data"): MIB // 2}
    )
    contents["bigger", "data"] = 2 * MIB
    found = report(4 * MIB, contents)
    assert found.table == (
        ("MiB", "code", "bytecode", "data", "together"),
        ("bigger", "0.00", "0.00", "2.00", "2.00"),
        ("big", "1.00", "0.00", "0.50", "1.50"),
        ("others", "0.00", "0.00", "0.00", "0.00"),
        ("together", "1.00", "0.00", "2.50", "3.50"),
    )
    assert found.notes.startswith("Zipped, it is 4.0 MiB.")
    zipped, unzipped = found.claims
    assert (zipped.measured, zipped.at_most) == (4.0, MAX_ZIPPED)
    assert 3.5 < unzipped.measured < 3.6 < MAX_UNZIPPED
