"""The ids of records, enciphered: a finding names a record to who has the key, a file to nobody."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from numpy.typing import NDArray

from guardrail.corpus.fingerprint import Key
from guardrail.records.store import Store

__all__ = ["deciphered", "enciphered"]

_BLOCK = 16


def enciphered(
    names: Sequence[bytes], key: Key, nonce: bytes
) -> dict[str, NDArray[np.uint8] | NDArray[np.uint64]]:
    """The sections that hold the ids."""
    sizes = np.array([0, *map(len, names)], dtype=np.uint64)
    cipher = Cipher(algorithms.AES(key.derive("rnames", 32)), modes.CTR(nonce)).encryptor()
    data = cipher.update(b"".join(names))
    return {
        "name0": np.cumsum(sizes, dtype=np.uint64),
        "names": np.frombuffer(data, dtype=np.uint8),
    }


def deciphered(store: Store, key: Key, record: int) -> str:
    """The id of one record, or its number, from 1, where they have none."""
    if "names" not in store.sections:
        return str(record + 1)
    first, last = (int(store.sections["name0"][record + more]) for more in (0, 1))
    begin = first - first % _BLOCK
    nonce = int.from_bytes(bytes.fromhex(store.header["nonce"]), "big") + begin // _BLOCK
    counter = (nonce % (1 << 128)).to_bytes(_BLOCK, "big")
    cipher = Cipher(algorithms.AES(key.derive("rnames", 32)), modes.CTR(counter)).decryptor()
    data = cipher.update(store.sections["names"][begin:last].tobytes())
    return data[first - begin :].decode("utf-8", "surrogatepass")
