"""A home that cannot be used is left as it is: exit code 3, and one clear sentence."""

from __future__ import annotations

import hashlib
import io
import json
import socket
from pathlib import Path

import pytest
import sqlcipher3.dbapi2 as sqlcipher

from node.cli import reach
from node.config import Settings, load_settings, write_settings
from node.home import UNLOCK_VARIABLE, Home
from tests.support.commands import homeward
from tests.support.nodes import PASSPHRASE

BE = "be.example"


def snapshot(home: str) -> dict[str, str]:
    """Name and digest of every file in a home but the lock."""
    return {
        str(path): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in Path(home).rglob("*")
        if path.is_file() and path.name != "lock"
    }


def test_a_wrong_passphrase_opens_nothing(home: str, monkeypatch) -> None:
    homeward("case", "list", "--home", home)
    before = snapshot(home)
    monkeypatch.setenv(UNLOCK_VARIABLE, "not the passphrase")
    result = homeward("case", "add", "--home", home, "--given-name", "Testina")
    assert result.code == 3
    assert result.errors.startswith(
        "homeward: error: the passphrase does not open the key file\nhint: "
    )
    assert snapshot(home) == before


def test_without_a_terminal_nobody_is_asked(home: str, monkeypatch) -> None:
    monkeypatch.delenv(UNLOCK_VARIABLE)
    monkeypatch.setattr("sys.stdin", io.StringIO("guessed\n"))
    result = homeward("case", "list", "--home", home)
    assert result.code == 3
    assert "there is no terminal to ask on" in result.errors


def test_an_unlock_file_opens_the_home(home: str, monkeypatch) -> None:
    monkeypatch.delenv(UNLOCK_VARIABLE)
    settings = Path(home) / "homeward.toml"
    settings.write_text(settings.read_text() + 'unlock_file = "../unlock"\n')
    (Path(home).parent / "unlock").write_bytes(PASSPHRASE + b"\n")
    assert homeward("case", "list", "--home", home).code == 0


def test_an_unlock_file_that_is_named_must_be_there(home: str, monkeypatch) -> None:
    monkeypatch.delenv(UNLOCK_VARIABLE)
    settings = Path(home) / "homeward.toml"
    settings.write_text(settings.read_text() + 'unlock_file = "missing"\n')
    result = homeward("case", "list", "--home", home)
    assert result.code == 3
    assert "the unlock file is not there" in result.errors


def test_a_second_process_waits_for_the_first_and_then_gives_up(home: str, monkeypatch) -> None:
    homeward("case", "list", "--home", home)
    before = snapshot(home)
    monkeypatch.setattr(reach, "LOCK_SECONDS", 0.1)
    other = Home(Path(home))
    other.take()
    result = homeward("case", "list", "--home", home)
    other.release()
    assert result.code == 3
    assert "does not answer" in result.errors
    assert snapshot(home) == before
    assert homeward("case", "list", "--home", home).code == 0


def test_a_home_of_a_newer_version_is_not_touched(federation, home: str) -> None:
    homeward("case", "list", "--home", home)
    key = federation.identities[BE].database_key.hex()
    connection = sqlcipher.connect(str(Home(Path(home)).database))
    connection.execute(f"PRAGMA key = \"x'{key}'\"")
    connection.execute(
        "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) "
        "VALUES ('homeward', '9999_later', '2030-01-01')"
    )
    connection.commit()
    connection.close()
    before = snapshot(home)
    result = homeward("case", "add", "--home", home, "--given-name", "Testina", "--json")
    assert result.code == 3
    assert json.loads(result.out)["error"]["code"] == "home_too_new"
    assert snapshot(home) == before


def test_the_identity_of_another_node_is_refused(federation, home: str) -> None:
    Home(Path(home)).identity.write_bytes(federation.home("gr.example").identity.read_bytes())
    result = homeward("case", "list", "--home", home)
    assert result.code == 3
    assert "of two different nodes" in result.errors


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("listen_prot = 1\n", "homeward.toml: listen_prot: extra inputs are not permitted"),
        ("listen_port = 70000\n", "homeward.toml: listen_port: "),
        ("listen_port\n", "homeward.toml cannot be read"),
    ],
)
def test_a_slip_in_the_settings_is_named(home: str, line: str, sentence: str) -> None:
    settings = Path(home) / "homeward.toml"
    settings.write_text(settings.read_text() + line)
    result = homeward("case", "list", "--home", home)
    assert result.code == 3
    assert sentence in result.errors


def test_a_socket_that_a_killed_node_left_is_no_hindrance(home: str) -> None:
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(Home(Path(home)).socket))
    assert homeward("case", "list", "--home", home).code == 0


def test_what_is_written_is_for_the_owner_alone(home: str) -> None:
    for path in (Path(home), *Path(home).rglob("*")):
        path.chmod(path.stat().st_mode & 0o700)
    homeward("case", "add", "--home", home, "--given-name", "Testina")
    result = homeward("node", "doctor", "--home", home)
    assert (result.code, "only the owner may read the home" in result.out) == (0, True)
    (Path(home) / "homeward.toml").chmod(0o644)
    result = homeward("node", "doctor", "--home", home)
    assert (result.code, "others may read 1 file of the home" in result.out) == (1, True)


def test_the_doctor_finds_what_is_missing(home: str) -> None:
    Home(Path(home)).identity.unlink()
    (Home(Path(home)).directory / "timestamp.json").unlink()
    result = homeward("node", "doctor", "--home", home, "--json")
    findings = json.loads(result.out)["findings"]
    failed = {f["sentence"] for f in findings if f["result"] == "fail"}
    assert result.code == 1
    assert "identity.key is missing" in failed
    assert "a file of the directory is missing" in failed


def test_a_passphrase_must_not_be_short(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv(UNLOCK_VARIABLE, "short")
    result = homeward("node", "init", "--home", str(tmp_path / "new"), "--node-id", "nl.example")
    assert result.code == 3
    assert not (tmp_path / "new" / "identity.key").exists()


def test_a_node_whose_address_is_taken_says_so_and_gives_the_home_back(home: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        write_settings(Path(home), Settings(node_id=BE, listen_port=port))
        result = homeward("node", "run", "--home", home)
    assert result.code == 3
    assert result.errors.startswith(f"homeward: error: cannot listen on 127.0.0.1 port {port}\n")
    assert homeward("case", "list", "--home", home).code == 0


def test_a_home_with_too_long_a_path_cannot_run_but_can_be_read(home: str, tmp_path: Path) -> None:
    long = tmp_path / ("long" * 25)
    Path(home).rename(long)
    write_settings(long, Settings(node_id=BE, listen_port=0))
    result = homeward("node", "run", "--home", str(long))
    assert result.code == 3
    assert "use a home with a shorter path" in result.errors
    assert homeward("case", "list", "--home", str(long)).code == 0


def test_a_folder_path_is_written_so_that_it_is_read_back(tmp_path: Path) -> None:
    settings = Settings(node_id=BE, unlock_file='with "quotes" and \\backslash')
    write_settings(tmp_path, settings)
    assert load_settings(tmp_path) == settings
