/* SPDX-License-Identifier: Apache-2.0 */
/* Target: dg_apple_attestation_read and dg_apple_assertion_read.  Oracle: the
 * parts, written again by the core's writer, read the same; and the key stands
 * where its form says. */
#include "attest/apple_object.h"

#include <stdlib.h>
#include <string.h>

#include "dosegate/cbor.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t room[70000];

static void need(bool is_true)
{
    if (!is_true) {
        abort();
    }
}

static bool same(dg_span a, dg_span b)
{
    return (a.size == b.size) &&
           ((a.size == 0U) || (memcmp(a.at, b.at, a.size) == 0));
}

static void check_attestation(const struct dg_apple_attestation *first)
{
    struct dg_apple_attestation again;
    struct dg_cbor_writer writer;
    dg_span bytes;

    dg_cbor_writer_init(&writer, DG_BUF_OF(room));
    dg_cbor_write_map(&writer, 3U);
    dg_cbor_write_tstr(&writer, "authData");
    dg_cbor_write_bstr(&writer, first->auth_data);
    dg_cbor_write_tstr(&writer, "attStmt");
    dg_cbor_write_map(&writer, 1U);
    dg_cbor_write_tstr(&writer, "x5c");
    dg_cbor_write_array(&writer, first->certificates);
    for (size_t i = 0; i < first->certificates; i++) {
        dg_cbor_write_bstr(&writer, first->certificate[i]);
    }
    dg_cbor_write_tstr(&writer, "fmt");
    dg_cbor_write_tstr(&writer, "apple-appattest");
    need(dg_cbor_writer_end(&writer, &bytes) == DG_OK);
    need(dg_apple_attestation_read(bytes, &again) == DG_OK);
    need(same(first->auth_data, again.auth_data));
    need(same(first->credential_id, again.credential_id));
    need(first->counter == again.counter);
    /* 1: 2, 3: -7, -1: 1, -2: x, -3: y, shortest form: one place for each. */
    const dg_span data = first->auth_data;

    need(data.size == 164U);
    need(memcmp(&data.at[97], first->key.x, DG_P256_SIZE) == 0);
    need(memcmp(&data.at[132], first->key.y, DG_P256_SIZE) == 0);
}

static void check_assertion(const struct dg_apple_assertion *first)
{
    struct dg_apple_assertion again;
    struct dg_cbor_writer writer;
    dg_span bytes;

    need(first->auth_data.size == 37U);
    dg_cbor_writer_init(&writer, DG_BUF_OF(room));
    dg_cbor_write_map(&writer, 2U);
    dg_cbor_write_tstr(&writer, "authenticatorData");
    dg_cbor_write_bstr(&writer, first->auth_data);
    dg_cbor_write_tstr(&writer, "signature");
    dg_cbor_write_bstr(&writer, first->signature);
    need(dg_cbor_writer_end(&writer, &bytes) == DG_OK);
    need(dg_apple_assertion_read(bytes, &again) == DG_OK);
    need(same(first->signature, again.signature));
    need(first->counter == again.counter);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct dg_apple_attestation attestation;
    struct dg_apple_assertion assertion;
    const dg_span bytes = {data, size};

    if (size > 65536U) {
        return 0;
    }
    if ((dg_apple_attestation_read(bytes, &attestation) == DG_OK) &&
        !attestation.is_other_format) {
        check_attestation(&attestation);
    }
    if (dg_apple_assertion_read(bytes, &assertion) == DG_OK) {
        check_assertion(&assertion);
    }
    return 0;
}
