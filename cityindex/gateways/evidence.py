"""Where files of evidence are kept: under the hash of their content, in a folder or in S3-compatible storage."""

from __future__ import annotations

import base64
import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryFile
from typing import IO, Any, Protocol
from urllib.parse import parse_qsl, urlsplit

from cityindex.errors import Invalid, NotFound, Unavailable

CHUNK = 1 << 18
SHA256 = re.compile(r"[0-9a-f]{64}")
PATIENCE = 10
"""Seconds to wait for a storage that does not answer."""


class Readable(Protocol):
    """A stream of bytes."""

    def read(self, size: int = -1, /) -> bytes: ...

    def close(self) -> None: ...


class Source(Protocol):
    """What can be read from."""

    def read(self, size: int = -1, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class StoredFile:
    sha256: str
    size: int


class TooLarge(Invalid):
    """A file larger than the limit, in bytes."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"the file is larger than {limit:,} bytes")
        self.limit = limit


class EvidenceStore(Protocol):
    """Files under the SHA-256 of their content: the same content twice is one file, and none is ever changed.

    Every call may raise `Unavailable`. A hash is 64 hexadecimal digits in lower case; no file has another name.
    """

    def put(self, stream: Source, limit: int) -> StoredFile:
        """Keep what `stream` holds from where it stands, safely on the disk on return. `TooLarge` keeps nothing."""

    def open(self, sha256: str) -> Readable:
        """The content, for the caller to close. `NotFound`."""

    def exists(self, sha256: str) -> bool: ...

    def remove(self, sha256: str) -> None:
        """Forget a file; that it is not there is no error."""

    def list(self) -> Iterator[str]:
        """The hashes of all files."""


def store_of(url: str | None) -> EvidenceStore:
    """The store that the setting CITYINDEX_EVIDENCE_URL names: a folder (default) or `s3://bucket/prefix?…`."""
    if not url or "://" not in url:
        return FolderStore(Path(url or "instance/evidence").absolute())
    parts = urlsplit(url)
    if parts.scheme == "file":
        return FolderStore(Path(parts.path))
    options = dict(parse_qsl(parts.query))
    if parts.scheme != "s3" or not parts.hostname or options.keys() - {"endpoint", "region"}:
        raise Invalid(
            f"CITYINDEX_EVIDENCE_URL is «{parts.scheme}://{parts.hostname or ''}…»: write a folder, "
            "or s3://bucket/prefix?endpoint=https://…&region=…"
        )
    # The name of a bucket is in lower case, as `hostname` gives it.
    return S3Store(_s3_client(options), parts.hostname, parts.path.strip("/"))


class FolderStore:
    """A folder, readable by its owner alone: `ab/abcd…`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, stream: Source, limit: int) -> StoredFile:
        with _disk_errors():
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            # Made with permissions 0600; a part that a crash leaves behind is no hash, so nobody takes it for a file.
            with NamedTemporaryFile(dir=self.folder, prefix=".part-", delete=False) as part:
                try:
                    stored = _copied(stream, part, limit)
                    part.flush()
                    os.fsync(part.fileno())
                    self._take(Path(part.name), self._path(stored.sha256))
                finally:
                    Path(part.name).unlink(missing_ok=True)
        return stored

    def open(self, sha256: str) -> Readable:
        with _disk_errors():
            try:
                return self._path(sha256).open("rb")
            except FileNotFoundError:
                raise NotFound(f"there is no file {sha256}") from None

    def exists(self, sha256: str) -> bool:
        return bool(SHA256.fullmatch(sha256)) and self._path(sha256).is_file()

    def remove(self, sha256: str) -> None:
        with _disk_errors():
            self._path(sha256).unlink(missing_ok=True)

    def list(self) -> Iterator[str]:
        for path in sorted(self.folder.glob("??/*")):
            if SHA256.fullmatch(path.name):
                yield path.name

    def _path(self, sha256: str) -> Path:
        _require_hash(sha256)
        return self.folder / sha256[:2] / sha256

    @staticmethod
    def _take(part: Path, path: Path) -> None:
        if path.exists():
            return
        path.parent.mkdir(exist_ok=True, mode=0o700)
        part.rename(path)
        for folder in (path.parent, path.parent.parent):  # the names of files are in their folders
            handle = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)


class S3Store:
    """Objects of one bucket under `prefix/`. The keys to it are where boto3 looks for them (AWS_ACCESS_KEY_ID …)."""

    def __init__(self, client: Any, bucket: str, prefix: str = "") -> None:
        self.client = client
        self.bucket = bucket
        self.prefix = f"{prefix}/" if prefix else ""

    def put(self, stream: Source, limit: int) -> StoredFile:
        # The name is the hash, so the content is read once before anything is sent.
        with TemporaryFile() as part:
            stored = _copied(stream, part, limit)
            if self.exists(stored.sha256):
                return stored
            part.seek(0)
            sum_ = base64.b64encode(hashlib.file_digest(part, _md5).digest()).decode()
            part.seek(0)
            with self._errors():
                self.client.put_object(**self._object(stored.sha256), Body=part, ContentMD5=sum_)
        return stored

    def open(self, sha256: str) -> Readable:
        with self._errors(sha256):
            body: Readable = self.client.get_object(**self._object(sha256))["Body"]
            return body

    def exists(self, sha256: str) -> bool:
        try:
            with self._errors(sha256):
                self.client.head_object(**self._object(sha256))
        except NotFound:
            return False
        return True

    def remove(self, sha256: str) -> None:
        with self._errors():
            self.client.delete_object(**self._object(sha256))

    def list(self) -> Iterator[str]:
        with self._errors():
            for page in self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=self.prefix):
                for one in page.get("Contents", ()):
                    name = one["Key"].removeprefix(self.prefix)
                    if SHA256.fullmatch(name):
                        yield name

    def _object(self, sha256: str) -> dict[str, str]:
        _require_hash(sha256)
        return {"Bucket": self.bucket, "Key": self.prefix + sha256}

    @contextmanager
    def _errors(self, sha256: str = "") -> Iterator[None]:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            yield
        except ClientError as error:
            if sha256 and error.response["Error"]["Code"] in ("404", "NoSuchKey"):
                raise NotFound(f"there is no file {sha256}") from error
            raise Unavailable(f"the evidence store refuses: {error}") from error
        except BotoCoreError as error:
            raise Unavailable(f"the evidence store does not answer: {error}") from error


def _s3_client(options: dict[str, str]) -> Any:
    try:
        import boto3
        from botocore.config import Config
    except ImportError:
        raise Unavailable(
            "CITYINDEX_EVIDENCE_URL names S3 storage, and boto3 is not installed: pip install 'cityindex[s3]'"
        ) from None
    config = Config(
        connect_timeout=PATIENCE,
        read_timeout=PATIENCE * 3,
        retries={"mode": "standard", "max_attempts": 3},
        # Many compatible storages do not know the newer sums of AWS; every one knows Content-MD5.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
    session = boto3.session.Session()  # one of its own: the shared one is not for several threads
    return session.client("s3", endpoint_url=options.get("endpoint"), region_name=options.get("region"), config=config)


def _copied(stream: Source, target: IO[bytes], limit: int) -> StoredFile:
    digest, size = hashlib.sha256(), 0
    while part := stream.read(CHUNK):
        size += len(part)
        if size > limit:
            raise TooLarge(limit)
        digest.update(part)
        target.write(part)
    return StoredFile(digest.hexdigest(), size)


def _md5() -> Any:
    return hashlib.md5(usedforsecurity=False)


def _require_hash(sha256: str) -> None:
    if not SHA256.fullmatch(sha256):
        raise NotFound("there is no such file")


@contextmanager
def _disk_errors() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Unavailable(f"the evidence store cannot be written or read: {error}") from error
