"""The suite against published vectors, both ways where an algorithm allows it."""

from __future__ import annotations

import base64
import json

import pytest
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from protocol import suite
from tests.support.vectors import vector_folder

HKDF_SHA256 = 1


def read_composite() -> tuple[bytes, bytes, dict[str, bytes]]:
    document = json.loads((vector_folder() / "composite_mldsa65_ed25519.json").read_text())
    (test,) = document["tests"]
    assert test["tcId"] == "id-MLDSA65-Ed25519-SHA512"
    values = {name: base64.b64decode(test[name]) for name in ("pk", "sk", "s", "sWithContext")}
    return base64.b64decode(document["m"]), base64.b64decode(document["ctx"]), values


def read_hpke() -> list[dict[str, object]]:
    document = json.loads((vector_folder() / "hpke_mlkem768_x25519.json").read_text())
    return list(document["vectors"])


def field(vector: dict[str, object], name: str) -> bytes:
    return bytes.fromhex(str(vector[name]))


def test_composite_seeds_give_the_published_key() -> None:
    _, _, values = read_composite()
    assert suite.composite_public_key(values["sk"][:32], values["sk"][32:]) == values["pk"]


def test_published_composite_signatures_verify() -> None:
    message, ctx, values = read_composite()
    assert suite.composite_verify(values["pk"], values["s"], message, ctx=b"")
    assert suite.composite_verify(values["pk"], values["sWithContext"], message, ctx=ctx)
    assert not suite.composite_verify(values["pk"], values["s"], message, ctx=ctx)
    assert not suite.composite_verify(values["pk"], values["sWithContext"], message, ctx=b"")


@pytest.mark.parametrize(("ctx_used", "published"), [(False, "s"), (True, "sWithContext")])
def test_our_composite_signature_has_the_published_ed25519_half(
    ctx_used: bool, published: str
) -> None:
    message, given_ctx, values = read_composite()
    ctx = given_ctx if ctx_used else b""
    ours = suite.composite_sign(values["sk"][:32], values["sk"][32:], message, ctx=ctx)
    # ML-DSA signing is randomised, so only the Ed25519 half can be compared.
    assert ours[3309:] == values[published][3309:]
    assert suite.composite_verify(values["pk"], ours, message, ctx=ctx)


def test_xwing_seeds_give_the_published_keys() -> None:
    for vector in read_hpke():
        assert suite.kem_public_key(field(vector, "skRm")) == field(vector, "pkRm")


def test_ciphertext_under_the_published_key_schedule_opens() -> None:
    (vector,) = [each for each in read_hpke() if each["kdf_id"] == HKDF_SHA256]
    # The published ciphertexts have associated data, which the suite never uses;
    # the same key and nonce over the same plaintext without it must open.
    aead = ChaCha20Poly1305(field(vector, "key"))
    ciphertext = aead.encrypt(field(vector, "base_nonce"), b"the content", b"")
    sealed = field(vector, "enc") + ciphertext
    opened = suite.KemOpener(field(vector, "skRm")).open(field(vector, "info"), sealed)
    assert opened == b"the content"


def test_other_key_derivation_of_the_same_kem_does_not_open() -> None:
    (vector,) = [each for each in read_hpke() if each["kdf_id"] != HKDF_SHA256]
    aead = ChaCha20Poly1305(field(vector, "key"))
    sealed = field(vector, "enc") + aead.encrypt(field(vector, "base_nonce"), b"content", b"")
    with pytest.raises(ValueError, match="does not open"):
        suite.KemOpener(field(vector, "skRm")).open(field(vector, "info"), sealed)


def test_what_we_seal_to_the_published_key_opens_with_its_seed() -> None:
    for vector in read_hpke():
        sealed = suite.seal(field(vector, "pkRm"), field(vector, "info"), b"the content")
        opened = suite.KemOpener(field(vector, "skRm")).open(field(vector, "info"), sealed)
        assert opened == b"the content"


def test_encapsulation_has_the_length_the_suite_counts_with() -> None:
    assert hpke.KEM.MLKEM768_X25519.enc_length() + 16 == suite.SEAL_OVERHEAD
