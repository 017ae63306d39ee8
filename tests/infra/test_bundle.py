"""The bundle: its contents, the same on every machine, and its errors."""

import hashlib
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from infra.bundle import Bundle, BundleError, build, find_python, find_services

pytestmark = pytest.mark.xdist_group("infra")


@pytest.fixture(scope="module")
def bundle(bundles: Path) -> Bundle:
    """A bundle with a policy of no rules."""
    return build(b"{}\n", into=bundles)


def test_the_same_inputs_make_the_same_bundle(bundle: Bundle, tmp_path: Path) -> None:
    again = build(b"{}\n", into=tmp_path)
    assert again.sha256 == bundle.sha256
    assert again.path != bundle.path


def test_another_policy_makes_another_bundle(bundle: Bundle) -> None:
    assert build(b"{} \n", into=bundle.path.parent).sha256 != bundle.sha256


def test_a_bundle_that_is_there_is_not_built_again(bundle: Bundle) -> None:
    marked = bundle.path / "policy.json"
    before = marked.stat().st_mtime_ns
    assert build(b"{}\n", into=bundle.path.parent) == bundle
    assert marked.stat().st_mtime_ns == before


def test_only_the_services_in_use_are_described(bundle: Bundle) -> None:
    services = {path.name for path in (bundle.path / "botocore" / "data").iterdir() if path.is_dir()}
    assert services == {"organizations", "dynamodb", "events", "s3", "sns", "sts"}
    assert (bundle.path / "botocore" / "data" / "endpoints.json").is_file()


def test_bytecode_is_there_where_a_python_is_and_can_not_be_stale(bundle: Bundle) -> None:
    compiled = list(bundle.path.rglob("*.pyc"))
    assert bool(compiled) is bundle.has_bytecode is (find_python() is not None)
    # PEP 552: the flags' lowest bit means bytecode by hash, the next one that the hash is checked.
    assert {path.read_bytes()[4] & 0b11 for path in compiled} <= {0b01}
    assert {path.name.split(".")[-2] for path in compiled} <= {"cpython-313"}


def test_nothing_names_the_machine_it_was_built_on(bundle: Bundle) -> None:
    home = str(bundle.path.parent).encode()
    assert [path for path in bundle.path.rglob("*") if path.is_file() and home in path.read_bytes()] == []
    assert not (bundle.path / "bin").exists()


def test_the_clients_can_be_made_from_the_bundle_alone(bundle: Bundle) -> None:
    code = (
        "import sys; sys.path = [p for p in sys.path if 'site-packages' not in p and p] + [sys.argv[1]]; import boto3\n"
        "for name in ('organizations', 'dynamodb', 'events', 'sts'): boto3.client(name, region_name='eu-west-1')\n"
        "try: boto3.client('ec2', region_name='eu-west-1')\n"
        "except Exception as error: print(type(error).__name__, boto3.__file__.startswith(sys.argv[1]))\n"
    )
    done = subprocess.run(
        [find_python() or sys.executable, "-I", "-S", "-c", code, str(bundle.path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "UnknownServiceError True\n", done.stderr


def wheel(folder: Path, *, tag: str, files: dict[str, str]) -> Path:
    """Requirements of one wheel, `sample` 1.0, with that tag."""
    path = folder / f"sample-1.0-{tag}.whl"
    info = "sample-1.0.dist-info"
    texts = {
        **files,
        f"{info}/METADATA": "Metadata-Version: 2.1\nName: sample\nVersion: 1.0\n",
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: {tag}\n",
    }
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in texts.items():
            archive.writestr(name, text)
        archive.writestr(f"{info}/RECORD", "".join(f"{name},,\n" for name in [*texts, f"{info}/RECORD"]))
    requirements = folder / "requirements.txt"
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    requirements.write_text(f"sample @ {path.as_uri()} --hash=sha256:{digest}\n")
    return requirements


def test_an_extension_module_is_refused(tmp_path: Path) -> None:
    requirements = wheel(tmp_path, tag="py3-none-any", files={"sample/fast.so": "x"})
    with pytest.raises(BundleError, match=r"sample/fast\.so is not pure Python \(an extension module\); take another"):
        build(b"{}", into=tmp_path / "bundle", requirements=requirements)
    assert list((tmp_path / "bundle").iterdir()) == []


def test_a_wheel_for_one_machine_is_refused(tmp_path: Path) -> None:
    tag = f"py3-none-{sysconfig.get_platform().replace('-', '_').replace('.', '_')}"
    requirements = wheel(tmp_path, tag=tag, files={"sample/__init__.py": ""})
    with pytest.raises(BundleError, match=rf"sample-1\.0 is not pure Python \({tag}\); take another"):
        build(b"{}", into=tmp_path / "bundle", requirements=requirements)


def test_a_hash_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    requirements = wheel(tmp_path, tag="py3-none-any", files={"sample/__init__.py": ""})
    requirements.write_text(requirements.read_text().split("sha256:")[0] + "sha256:" + "0" * 64 + "\n")
    with pytest.raises(BundleError, match=r"(?s)requirements\.txt can't be installed:.*[Hh]ash"):
        build(b"{}", into=tmp_path / "bundle", requirements=requirements)


def test_the_services_are_read_from_the_source(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("session.client('sqs', config=1)\nboto3.resource('s3')\nself.client_of(1)\n")
    assert find_services(tmp_path) == {"sqs", "s3"}


def test_a_client_whose_service_cannot_be_told_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("\nsession.client(name)\n")
    with pytest.raises(BundleError, match=r"a\.py:2: which service this client is for can't be told; write"):
        find_services(tmp_path)


def test_a_service_that_botocore_does_not_know_is_refused(bundles: Path, tmp_path: Path) -> None:
    package = tmp_path / "package"
    package.mkdir()
    (package / "a.py").write_text("session.client('organisations')\n")
    with pytest.raises(BundleError, match="botocore knows no service `organisations`"):
        build(b"{}", into=bundles, package=package)
