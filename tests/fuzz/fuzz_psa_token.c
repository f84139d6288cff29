/* SPDX-License-Identifier: Apache-2.0 */
/* Target: dg_psa_message_read and dg_psa_claims_read.  Oracle: the parts,
 * written again by the core's writer, read the same; accepted claims are in the
 * ranges of RFC 9783. */
#include "attest/psa_token.h"

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

static bool is_hash(size_t size)
{
    return (size == 32U) || (size == 48U) || (size == 64U);
}

static void check_claims(dg_span payload)
{
    struct dg_psa_claims claims;

    if (!dg_psa_claims_read(payload, &claims)) {
        need(claims.fault != NULL);
        return;
    }
    need(is_hash(claims.nonce.size));
    need((claims.instance.size == 33U) && (claims.instance.at[0] == 1U));
    need(claims.implementation.size == 32U);
    need((claims.client != 0) && (claims.client >= INT32_MIN) &&
         (claims.client <= INT32_MAX));
    need(((claims.lifecycle & 0x0f00U) == 0U) && (claims.lifecycle <= 0x60ffU));
    need((claims.profile == 1U) || (claims.profile == 2U) ||
         (claims.profile == 4U));
    need((claims.components >= 1U) && (claims.components <= 16U));
    for (size_t i = 0; i < claims.components; i++) {
        need(is_hash(claims.component[i].signer.size));
        need(is_hash(claims.component[i].measurement.size));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct dg_psa_message message;
    struct dg_psa_message again;
    struct dg_cbor_writer writer;
    dg_span bytes;

    if (size > 65536U) {
        return 0;
    }
    check_claims((dg_span){data, size});
    if (!dg_psa_message_read((dg_span){data, size}, &message)) {
        need(message.fault != NULL);
        return 0;
    }
    check_claims(message.payload);
    dg_cbor_writer_init(&writer, DG_BUF_OF(room));
    dg_cbor_write_tag(&writer, message.is_mac ? 17U : 18U);
    dg_cbor_write_array(&writer, 4U);
    dg_cbor_write_bstr(&writer, message.protected_header);
    dg_cbor_write_map(&writer, 0U);
    dg_cbor_write_bstr(&writer, message.payload);
    dg_cbor_write_bstr(&writer, message.signature);
    need(dg_cbor_writer_end(&writer, &bytes) == DG_OK);
    need(dg_psa_message_read(bytes, &again));
    need(same(message.payload, again.payload));
    need(same(message.signature, again.signature));
    need(message.form.scheme == again.form.scheme);
    return 0;
}
