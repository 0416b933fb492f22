"""Where files of evidence are kept: one behaviour, in a folder and in a real S3 server of its own process."""

from __future__ import annotations

import hashlib
import io
import os
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from cityindex.errors import Invalid, NotFound, Unavailable
from cityindex.gateways.evidence import EvidenceStore, FolderStore, S3Store, StoredFile, TooLarge, store_of

CONTENT = "หลักฐาน".encode() * 50_000
HASH = hashlib.sha256(CONTENT).hexdigest()
KEYS = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret"}


@pytest.fixture(scope="session")
def s3_server() -> Iterator[str]:
    """The address of a server that speaks S3."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    line = [sys.executable, "-W", "ignore", "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            _wait_for(port, server)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


def _wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until and server.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    pytest.fail("the S3 server does not start")


@pytest.fixture(params=["folder", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> EvidenceStore:
    if request.param == "folder":
        return store_of(str(tmp_path / "deep" / "evidence"))
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    bucket = f"evidence-{os.urandom(4).hex()}"
    made = store_of(f"s3://{bucket}/files?endpoint={request.getfixturevalue('s3_server')}&region=ap-southeast-7")
    assert isinstance(made, S3Store)
    made.client.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "ap-southeast-7"})
    return made


def read(store: EvidenceStore, sha256: str) -> bytes:
    stream = store.open(sha256)
    try:
        return b"".join(iter(lambda: stream.read(10_000), b""))
    finally:
        stream.close()


def test_a_file_comes_back_as_it_was(store: EvidenceStore) -> None:
    assert list(store.list()) == []
    assert store.put(io.BytesIO(CONTENT), len(CONTENT)) == StoredFile(HASH, len(CONTENT))
    assert read(store, HASH) == CONTENT
    assert store.exists(HASH)
    assert list(store.list()) == [HASH]


def test_the_same_content_is_one_file(store: EvidenceStore) -> None:
    for _ in range(2):
        store.put(io.BytesIO(CONTENT), len(CONTENT))
    store.put(io.BytesIO(b"other"), 5)
    assert sorted(store.list()) == sorted([HASH, hashlib.sha256(b"other").hexdigest()])


def test_nothing_is_kept_of_a_file_that_is_too_large(store: EvidenceStore) -> None:
    with pytest.raises(TooLarge):
        store.put(io.BytesIO(CONTENT), len(CONTENT) - 1)
    assert list(store.list()) == []
    if isinstance(store, FolderStore):
        assert [path for path in store.folder.rglob("*") if path.is_file()] == []


def test_reading_stops_at_the_limit(store: EvidenceStore) -> None:
    """A sender who never ends is not listened to for ever."""

    class Endless:
        given = 0

        def read(self, size: int = -1, /) -> bytes:
            self.given += size
            return bytes(size)

    endless = Endless()
    with pytest.raises(TooLarge):
        store.put(endless, 1_000_000)
    assert endless.given < 1_600_000


def test_removed_is_gone_and_may_be_removed_again(store: EvidenceStore) -> None:
    store.put(io.BytesIO(CONTENT), len(CONTENT))
    for _ in range(2):
        store.remove(HASH)
    assert not store.exists(HASH)
    with pytest.raises(NotFound):
        store.open(HASH)


def test_only_a_hash_is_a_name(store: EvidenceStore) -> None:
    for name in ("../../etc/passwd", HASH.upper(), HASH[:-1], ""):
        assert not store.exists(name)
        for deed in (store.open, store.remove):
            with pytest.raises(NotFound):
                deed(name)


def test_a_folder_is_for_its_owner_alone(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "evidence")
    before = os.umask(0)
    try:
        store.put(io.BytesIO(CONTENT), len(CONTENT))
    finally:
        os.umask(before)
    modes = {path.relative_to(tmp_path): stat.S_IMODE(path.stat().st_mode) for path in tmp_path.rglob("*")}
    assert modes == {
        Path("evidence"): 0o700,
        Path("evidence", HASH[:2]): 0o700,
        Path("evidence", HASH[:2], HASH): 0o600,
    }


def test_a_store_that_fails_says_so(tmp_path: Path, s3_server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(Unavailable):
        FolderStore(tmp_path / "file").put(io.BytesIO(b"x"), 1)
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    without_bucket = store_of(f"s3://never-made?endpoint={s3_server}&region=us-east-1")
    with pytest.raises(Unavailable, match="NoSuchBucket"):
        without_bucket.put(io.BytesIO(b"x"), 1)
    for name in KEYS:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    with pytest.raises(Unavailable, match="credentials"):
        store_of(f"s3://bucket?endpoint={s3_server}&region=us-east-1").put(io.BytesIO(b"x"), 1)


def test_settings_that_cannot_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert store_of(None).folder == tmp_path / "instance" / "evidence"  # type: ignore[attr-defined]
    for url in ("ftp://host/folder", "s3://", "s3://bucket?endpont=https://x"):
        with pytest.raises(Invalid, match="CITYINDEX_EVIDENCE_URL"):
            store_of(url)
