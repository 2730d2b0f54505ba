"""Generate protocol/pb from the .proto files, or check that it is up to date.

Run from anywhere:  python proto/generate.py [--check]

Every *.proto file below proto/ is compiled to a *_pb2.py and a *_pb2.pyi. The
compiler writes imports as if `homeward` were a top-level package; they are
rewritten to live below `protocol.pb`. The result is the same byte for byte on
every run with the same grpcio-tools, whose exact version is in
requirements/dev.txt. Files that no .proto accounts for are removed.

With --check nothing is written: the exit status is 1 and the files that differ
are named when the committed code is not what the .proto files produce.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
PACKAGE = "protocol.pb"
PACKAGE_DOCSTRING = b'"""Generated from proto/ by proto/generate.py. Never edit."""\n'
IMPORT_LINE = re.compile(rb"^(from|import) homeward\b", re.MULTILINE)


def compile_protos(proto_folder: Path, out_folder: Path) -> None:
    """Run protoc over every .proto file; its own message stands on stderr when it fails."""
    names = sorted(
        path.relative_to(proto_folder).as_posix() for path in proto_folder.rglob("*.proto")
    )
    if not names:
        sys.exit(f"proto/generate.py: error: no .proto file below {proto_folder}")
    command = [sys.executable, "-m", "grpc_tools.protoc", f"--proto_path={proto_folder}"]
    command += [f"--python_out={out_folder}", f"--pyi_out={out_folder}", *names]
    finished = subprocess.run(command, check=False)
    if finished.returncode != 0:
        sys.exit("proto/generate.py: error: the compiler refused the .proto files")


def package_files(out_folder: Path) -> dict[str, bytes]:
    """Return the content that protocol/pb must have, by path relative to it."""
    files = {"__init__.py": PACKAGE_DOCSTRING}
    for path in sorted(out_folder.rglob("*_pb2.py*")):
        name = path.relative_to(out_folder)
        rewritten = IMPORT_LINE.sub(rb"\1 " + PACKAGE.encode() + rb".homeward", path.read_bytes())
        files[name.as_posix()] = rewritten
        for parent in name.parents:
            files.setdefault((parent / "__init__.py").as_posix(), b"")
    return files


def generated_files(proto_folder: Path) -> dict[str, bytes]:
    """Compile in a temporary folder and return the finished files."""
    with tempfile.TemporaryDirectory() as folder:
        out_folder = Path(folder)
        compile_protos(proto_folder, out_folder)
        return package_files(out_folder)


def committed_files(pb_folder: Path) -> dict[str, bytes]:
    """Return what stands in protocol/pb now, without Python's caches."""
    return {
        path.relative_to(pb_folder).as_posix(): path.read_bytes()
        for path in sorted(pb_folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }


def differences(wanted: dict[str, bytes], found: dict[str, bytes]) -> list[str]:
    """Name each file that is missing, left over or different."""
    lines = [f"missing: {name}" for name in wanted.keys() - found.keys()]
    lines += [f"left over: {name}" for name in found.keys() - wanted.keys()]
    shared = wanted.keys() & found.keys()
    lines += [f"differs: {name}" for name in shared if wanted[name] != found[name]]
    return sorted(lines)


def write_files(pb_folder: Path, wanted: dict[str, bytes], found: dict[str, bytes]) -> None:
    """Make protocol/pb hold exactly the wanted files; unchanged ones are not touched."""
    for name in found.keys() - wanted.keys():
        (pb_folder / name).unlink()
    for name, content in wanted.items():
        if found.get(name) != content:
            path = pb_folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)


def main() -> int:
    """Generate, or check with --check."""
    parser = argparse.ArgumentParser(description="Generate protocol/pb from proto/.")
    parser.add_argument("--check", action="store_true", help="write nothing, fail on a difference")
    check = parser.parse_args().check
    pb_folder = REPOSITORY / "protocol" / "pb"
    wanted = generated_files(REPOSITORY / "proto")
    found = committed_files(pb_folder)
    if not check:
        write_files(pb_folder, wanted, found)
        return 0
    lines = differences(wanted, found)
    if lines:
        print("protocol/pb is not what proto/ produces (run `make proto`):", file=sys.stderr)
        print(*lines, sep="\n", file=sys.stderr)
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
