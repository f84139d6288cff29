/* SPDX-License-Identifier: Apache-2.0 */
#include "dosegate/approval.h"

#include <stddef.h>

/* Array head, text, three byte strings with heads, effect, expiry: 96 bytes
 * at most. */
#define APPROVAL_MAX 112U

enum dg_status dg_approval_hash(const struct dg_crypto *crypto,
                                const struct dg_approval *approval,
                                struct dg_hash *hash)
{
    if ((crypto == NULL) || (approval == NULL) || (hash == NULL)) {
        return DG_E_USAGE;
    }
    if (!dg_effect_is_sound(&approval->effect)) {
        return DG_E_RANGE;
    }

    uint8_t room[APPROVAL_MAX];
    struct dg_cbor_writer writer;
    dg_span bytes = {NULL, 0U};

    dg_cbor_writer_init(&writer, DG_BUF_OF(room));
    dg_cbor_write_array(&writer, 6U);
    dg_cbor_write_tstr(&writer, "dosegate approval 1");
    dg_cbor_write_bstr(&writer, DG_SPAN_OF(approval->device.byte));
    dg_cbor_write_bstr(&writer, DG_SPAN_OF(approval->session.byte));
    dg_cbor_write_bstr(&writer, DG_SPAN_OF(approval->ticket.byte));
    dg_effect_write(&writer, &approval->effect);
    dg_cbor_write_uint(&writer, approval->expiry.s);

    const enum dg_status status = dg_cbor_writer_end(&writer, &bytes);

    if (status != DG_OK) { /* GCOVR_EXCL_BR_LINE reason: it fits */
        return status;
    }
    return crypto->sha256(crypto->context, &bytes, 1U, hash);
}
