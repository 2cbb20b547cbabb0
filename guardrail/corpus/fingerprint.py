"""Keys, and the keyed fingerprints made with them.

A gram of k words is hashed as a polynomial of its word hashes modulo 2**64 with a secret base,
then through AES-128 on single blocks: a pseudo-random function, not encryption of data.
"""

from __future__ import annotations

import hmac
import os
import secrets
import threading
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import blake2b
from pathlib import Path

import numpy as np
from cryptography.hazmat.primitives.ciphers import Cipher, CipherContext, algorithms, modes
from numpy.typing import NDArray

from guardrail.errors import KeyFileError, PolicyError

__all__ = ["FINGERPRINT_BITS", "TAG_BITS", "Key", "Prf"]

FINGERPRINT_BITS = 38
TAG_BITS = 4

_MIN_BYTES = 16
_MASK = 2**64 - 1
_BLOCK = 16
_MOST_WORDS = 16


def _number(value: int) -> NDArray[np.uint64]:
    # An array without dimensions: numpy is a third slower with a scalar.
    return np.array(value, dtype=np.uint64)


_TO_FINGERPRINT = _number(64 - FINGERPRINT_BITS)
_TO_TAG = _number(64 - TAG_BITS)


class Prf:
    """AES-128 on an array of 16-byte blocks; safe to share between threads."""

    def __init__(self, key: bytes) -> None:
        # ECB on distinct single blocks is the PRF itself; no message is encrypted.
        self._cipher = Cipher(algorithms.AES(key), modes.ECB())  # noqa: S305
        self._local = threading.local()

    @property
    def encryptor(self) -> CipherContext:
        """This thread's cipher; a context must not be entered by two threads at once."""
        try:
            return self._local.encryptor  # type: ignore[no-any-return]
        except AttributeError:
            self._local.encryptor = self._cipher.encryptor()
            return self._local.encryptor  # type: ignore[no-any-return]

    def __call__(
        self, left: NDArray[np.uint64], right: NDArray[np.uint64] | None = None
    ) -> NDArray[np.uint64]:
        """The first 64 bits of AES over each block `left || right` (little-endian), or 0."""
        # In one place, with room for a block more, which the cipher asks for.
        halves = np.empty(2 * left.size + 2, dtype="<u8")
        halves[0:-2:2] = left
        halves[1:-2:2] = 0 if right is None else right
        room = halves.data.cast("B")
        self.encryptor.update_into(room[:-_BLOCK], room)
        return halves[0:-2:2]


@dataclass(frozen=True)
class Key:
    """The secret of an index, and what is derived from it; the secret is never stored.

    At least 16 bytes. Raises `KeyFileError` for a shorter one.
    """

    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.secret) < _MIN_BYTES:
            raise KeyFileError(f"a key needs at least {_MIN_BYTES} bytes; got {len(self.secret)}")

    @classmethod
    def generate(cls) -> Key:
        """A new key, of 64 hexadecimal digits, so that any editor keeps it as it is."""
        return cls(secrets.token_hex(32).encode())

    @classmethod
    def public(cls) -> Key:
        """The key of an index made without one: anyone can test guesses against it."""
        return cls(b"leakrail: an index without a key")

    @classmethod
    def of(cls, given: Key | bytes | None) -> Key:
        """A key, the key of a secret, or of nothing the public one."""
        if given is None:
            return cls.public()
        return given if isinstance(given, Key) else cls(given)

    @classmethod
    def from_file(cls, path: str | os.PathLike[str]) -> Key:
        """A key from a file's bytes, white space at the ends aside; raises `KeyFileError`."""
        try:
            return cls(Path(path).read_bytes().strip())
        except FileNotFoundError:
            hint = f"`guardrail index key {path}` makes one"
            raise KeyFileError(f"no key file at {path}; {hint}") from None
        except OSError as error:
            raise KeyFileError(f"cannot read the key file {path}: {error.strerror}") from None
        except KeyFileError as error:
            raise KeyFileError(f"{path}: {error}") from None

    @classmethod
    def from_env(cls, name: str) -> Key:
        """A key from an environment variable; raises `KeyFileError` where it is not set."""
        value = os.environ.get(name)
        if value is None:
            raise KeyFileError(f"the environment variable {name} holds no key")
        try:
            return cls(value.strip().encode("utf-8", "surrogateescape"))
        except KeyFileError as error:
            raise KeyFileError(f"{name}: {error}") from None

    @classmethod
    def configured(cls, key_file: Path | None, key_env: str | None) -> Key | None:
        """The key that a detector's options name, if they do; of two a `PolicyError`."""
        if key_file is not None and key_env is not None:
            raise PolicyError("key_file and key_env are both given; keep one")
        if key_file is not None:
            return cls.from_file(key_file)
        return None if key_env is None else cls.from_env(key_env)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the key to a new file that only its owner can read; raises `KeyFileError`."""
        if self.secret.strip() != self.secret:
            raise KeyFileError("no file keeps a key that begins or ends with white space")
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            raise KeyFileError(f"{path} exists; a key is never overwritten") from None
        except OSError as error:
            raise KeyFileError(f"cannot write {path}: {error.strerror}") from None
        with os.fdopen(handle, "wb") as file:
            file.write(self.secret + b"\n")
            file.flush()
            os.fsync(file.fileno())

    @cached_property
    def id(self) -> str:
        """Names the key in public without telling it: 16 hexadecimal digits."""
        return self.derive("id", 8).hex()

    @cached_property
    def seeds(self) -> Prf:
        return Prf(self.derive("seeds", 16))

    @cached_property
    def tags(self) -> Prf:
        return Prf(self.derive("tags", 16))

    @cached_property
    def base(self) -> int:
        """The polynomial's secret base, odd."""
        return self._odd("base", 1)[0]

    @cached_property
    def powers(self) -> tuple[NDArray[np.uint64], ...]:
        """The base to the powers 1, 2, 4, 8 and 16."""
        return tuple(_number(pow(self.base, 1 << step, 2**64)) for step in range(5))

    @cached_property
    def weights(self) -> NDArray[np.uint64]:
        """The base to the powers 15 to 0; the last k weigh the words of a gram of k."""
        powers = [pow(self.base, step, 2**64) for step in reversed(range(_MOST_WORDS))]
        return np.array(powers, dtype=np.uint64)

    @cached_property
    def multipliers(self) -> tuple[int, ...]:
        """Five secret odd multipliers of the word hash: one for each 8 letters, and a last."""
        return self._odd("words", 5)

    @cached_property
    def factors(self) -> tuple[NDArray[np.uint64], ...]:
        """The multipliers as numpy has them."""
        return tuple(map(_number, self.multipliers))

    def derive(self, purpose: str, size: int) -> bytes:
        """A subkey of `size` bytes (at most 64) for one purpose."""
        person = b"leakrail" + purpose.encode().ljust(8, b"\0")
        long = blake2b(self.secret, person=b"leakrail").digest()
        return blake2b(key=long, person=person, digest_size=size).digest()

    def mac(self, *parts: bytes | memoryview) -> bytes:
        """A keyed digest of 32 bytes."""
        digest = self.digest()
        for part in parts:
            digest.update(part)
        return digest.digest()

    def digest(self) -> hmac.HMAC:
        """A keyed digest to be fed in pieces: HMAC-SHA256, which processors compute themselves."""
        return hmac.new(self._mac_key, digestmod="sha256")

    def document(self, name: bytes) -> int:
        """A keyed 64-bit hash of a document id."""
        short = blake2b(name, key=self._name_key, digest_size=8).digest()
        return int.from_bytes(short, "little")

    @cached_property
    def _mac_key(self) -> bytes:
        return self.derive("mac", 32)

    @cached_property
    def _name_key(self) -> bytes:
        return self.derive("names", 32)

    def _odd(self, purpose: str, count: int) -> tuple[int, ...]:
        raw = np.frombuffer(self.derive(purpose, 8 * count), dtype="<u8")
        return tuple(int(value) | 1 for value in raw)

    def grams(self, hashes: NDArray[np.uint64], size: int) -> NDArray[np.uint64]:
        """The polynomial of every `size` consecutive word hashes; empty where there are fewer."""
        count = len(hashes) - size + 1
        if count <= 0:
            return np.empty(0, dtype=np.uint64)
        # Doubling: `run` covers `width` words at a time; the set bits of `size` are joined.
        joined: NDArray[np.uint64] | None = None
        run, width, done = hashes, 1, 0
        while True:
            power = self.powers[width.bit_length() - 1]
            if size & width:
                if joined is None:
                    joined = run
                else:
                    joined = joined[: len(run) - done] * power
                    joined += run[done:]
                done += width
            if done == size:
                return joined[:count]  # type: ignore[index]
            longer = run[:-width] * power
            longer += run[width:]
            run = longer
            width *= 2

    def fingerprints(self, grams: NDArray[np.uint64]) -> NDArray[np.uint64]:
        """The 38-bit fingerprint of each gram polynomial."""
        return self.seeds(grams) >> _TO_FINGERPRINT

    def marks(self, hashes: NDArray[np.uint64], places: NDArray[np.uint64]) -> NDArray[np.uint8]:
        """The 4-bit tag of each word at its place (`document uid << 32 | word number`)."""
        return (self.tags(hashes, places) >> _TO_TAG).astype(np.uint8)
