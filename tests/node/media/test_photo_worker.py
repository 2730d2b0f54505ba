"""The child that cleans a photo was taken over, or cannot be started: a refusal, no more."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from node.media import photo
from node.media.photo import PhotoLimits, clean_photo
from tests.node.media.test_photo import MIB, encoded, exif, picture, refused

REPOSITORY = Path(__file__).resolve().parents[3]


def run_instead(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, script: str) -> None:
    worker = tmp_path / "worker.py"
    worker.write_text(f"import os, sys, time\n{script}\n", encoding="utf-8")
    monkeypatch.setattr(photo, "_WORKER", worker)


PASS_ON = "sys.stdout.buffer.write(sys.stdin.buffer.read())"


@pytest.mark.parametrize(
    ("script", "code"),
    [
        (PASS_ON, "photo_unreadable"),
        ("pass", "photo_unreadable"),
        (
            "sys.stdin.buffer.read()\nwhile True: sys.stdout.buffer.write(bytes(65536))",
            "photo_unreadable",
        ),
        (f"os.kill(os.getpid(), {int(signal.SIGSEGV)})", "photo_unreadable"),
        (f"os.kill(os.getpid(), {int(signal.SIGXCPU)})", "photo_timeout"),
        ("import no_such_module", "photo_worker_failed"),
        ("time.sleep(60)", "photo_timeout"),
        ("os.close(1); time.sleep(60)", "photo_timeout"),
    ],
    ids=["passes on", "silent", "floods", "crashes", "spins", "does not start", "hangs", "mute"],
)
def test_child_that_misbehaves_is_a_refusal(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, script: str, code: str
) -> None:
    run_instead(monkeypatch, tmp_path, script)
    # Larger than a pipe, so that a child that does not read is noticed too.
    data = encoded(picture(), "JPEG", exif=exif()) + bytes(MIB)
    limits = PhotoLimits(wall_seconds=1 if code == "photo_timeout" else 30)
    refused(code, lambda: clean_photo(data, limits=limits))


def test_child_gets_no_environment_and_no_place_of_ours(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    found = tmp_path / "found"
    script = f"open({str(found)!r}, 'w').write(repr((dict(os.environ), os.getcwd(), sys.path[0])))"
    run_instead(monkeypatch, tmp_path, script)
    monkeypatch.setenv("HOMEWARD_PASSPHRASE", "secret")
    refused("photo_unreadable", lambda: clean_photo(encoded(picture(), "JPEG")))
    environment, folder, first_path = eval(found.read_text(encoding="utf-8"))
    assert not {name for name in environment if name != "LC_CTYPE"}
    assert folder == "/"
    assert not first_path.startswith(str(tmp_path))


def test_within_the_limits_no_file_and_no_socket_can_be_opened() -> None:
    script = """
import socket, sys
sys.path.insert(0, sys.argv[1])
from node.media import worker
worker._prepare_decoders(1000)
worker._limit_resources(512 << 20, 5)
for attempt in (lambda: open(sys.argv[0]), lambda: open("/dev/null", "w"), socket.socket):
    try:
        attempt()
    except OSError:
        continue
    sys.exit(1)
"""
    command = [sys.executable, "-c", script, str(REPOSITORY)]
    assert subprocess.run(command, check=False).returncode == 0


def test_child_that_computes_on_is_ended_by_its_own_limit() -> None:
    script = """
import sys
sys.path.insert(0, sys.argv[1])
from node.media import worker
worker._limit_resources(512 << 20, 1)
while True:
    pass
"""
    command = [sys.executable, "-c", script, str(REPOSITORY)]
    assert subprocess.run(command, check=False).returncode == -signal.SIGXCPU


def test_parent_never_loads_an_image_decoder() -> None:
    script = (
        "import sys; sys.path.insert(0, sys.argv[1]); import node.media.photo; "
        "sys.exit(any(name.startswith(('PIL', 'pillow_heif')) for name in sys.modules))"
    )
    command = [sys.executable, "-c", script, str(REPOSITORY)]
    assert subprocess.run(command, check=False).returncode == 0
