import base64
import json
import time
from datetime import UTC, datetime
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from clarion.channels.webhook.signature import check_secret, sign, signature_header, verify
from clarion.errors import InvalidError, SettingsError
from tests.channels.builders import VECTORS

CASES = json.loads((VECTORS / "standard_webhooks.json").read_text())
V1, V1A = CASES["v1"], CASES["v1a"]
OTHER = "whsec_" + base64.b64encode(bytes(range(32))).decode()


def headers_of(case: dict[str, Any], **changes: str) -> dict[str, str]:
    headers = {
        "webhook-id": case["webhook-id"],
        "webhook-timestamp": str(case["webhook-timestamp"]),
        "webhook-signature": case["signature"],
    }
    return headers | changes


def accepts(keys: list[str], headers: dict[str, str], body: str, now: float) -> bool:
    try:
        verify(keys, headers, body.encode(), now)
    except InvalidError as error:
        return error.code != "signature"
    return True


@pytest.mark.parametrize(("case", "key"), [(V1, "secret"), (V1A, "secret_key")])
def test_signing_gives_the_reference_signature(case: dict[str, Any], key: str) -> None:
    signed = sign(case[key], case["webhook-id"], case["webhook-timestamp"], case["body"].encode())
    assert signed == case["signature"]


@pytest.mark.parametrize(("case", "key"), [(V1, "secret"), (V1A, "public_key")])
def test_a_reference_signature_is_accepted(case: dict[str, Any], key: str) -> None:
    now = case["webhook-timestamp"] + 299
    assert accepts([case[key]], headers_of(case), case["body"], now)
    assert accepts([OTHER, case[key]], headers_of(case), case["body"], now)
    assert not accepts([OTHER], headers_of(case), case["body"], now)


@pytest.mark.parametrize("row", CASES["must_accept"], ids=lambda row: row["why"])
def test_what_must_be_accepted_is(row: dict[str, str]) -> None:
    headers = headers_of(V1, **{"webhook-signature": row["webhook-signature"]})
    assert accepts([V1["secret"]], headers, V1["body"], V1["webhook-timestamp"])


@pytest.mark.parametrize(
    "row",
    [row for row in CASES["must_reject"] if len(row) > 1],
    ids=lambda row: row["why"],
)
def test_what_must_be_rejected_is(row: dict[str, str]) -> None:
    headers = headers_of(V1)
    if "webhook-signature" in row:
        headers["webhook-signature"] = row["webhook-signature"]
    body = row.get("body", V1["body"])
    assert not accepts([V1["secret"]], headers, body, V1["webhook-timestamp"])


@pytest.mark.parametrize("offset", [301, -301])
def test_a_timestamp_too_far_from_now_is_rejected(offset: int) -> None:
    assert not accepts([V1["secret"]], headers_of(V1), V1["body"], V1["webhook-timestamp"] + offset)


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_all_three_headers_are_needed(name: str) -> None:
    headers = headers_of(V1)
    del headers[name]
    assert not accepts([V1["secret"]], headers, V1["body"], V1["webhook-timestamp"])


@pytest.mark.parametrize("stamp", ["1614265330.5", "-1614265330", "١٦١٤٢٦٥٣٣٠", "soon", "9" * 40])
def test_a_timestamp_is_a_plain_number(stamp: str) -> None:
    headers = headers_of(V1, **{"webhook-timestamp": stamp})
    assert not accepts([V1["secret"]], headers, V1["body"], V1["webhook-timestamp"])


@pytest.mark.parametrize("signature", ["v1", ",", "v1,!!!!", "v1,é", " ", "v1a," + "A" * 88])
def test_a_mangled_signature_is_rejected(signature: str) -> None:
    headers = headers_of(V1, **{"webhook-signature": signature})
    assert not accepts([V1["secret"]], headers, V1["body"], V1["webhook-timestamp"])


def test_header_names_may_come_in_any_case() -> None:
    headers = {name.title(): value for name, value in headers_of(V1).items()}
    assert accepts([V1["secret"]], headers, V1["body"], V1["webhook-timestamp"])


def test_the_independent_library_accepts_our_signatures_and_we_accept_its() -> None:
    now, body = int(time.time()), b'{"type":"order.created","data":{"n":1}}'
    signatures = signature_header([OTHER, V1["secret"]], "dlv_1", now, body)
    headers = {
        "webhook-id": "dlv_1",
        "webhook-timestamp": str(now),
        "webhook-signature": signatures,
    }
    for secret in (OTHER, V1["secret"]):
        assert Webhook(secret).verify(body, headers)["data"] == {"n": 1}
        theirs = Webhook(secret).sign("dlv_1", datetime.fromtimestamp(now, UTC), body.decode())
        verify([secret], headers | {"webhook-signature": theirs}, body, now)
    with pytest.raises(WebhookVerificationError):
        Webhook("whsec_" + base64.b64encode(b"x" * 32).decode()).verify(body, headers)


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_c2hvcnQ=", "whsec_!!!", "whsk_c2hvcnQ="])
def test_a_secret_that_cannot_sign_is_refused_with_the_mend(secret: str) -> None:
    with pytest.raises(SettingsError, match="whsec_"):
        check_secret(secret)
