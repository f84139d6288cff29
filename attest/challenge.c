/* SPDX-License-Identifier: Apache-2.0 */
#include "attest/evidence.h"

#include "dosegate/cbor.h"

/* Array head, text of 20 bytes, 16 bytes, 32 bytes, and their heads. */
#define CHALLENGE_FORM_MAX 80U

enum dg_status dg_appraisal_challenge(const struct dg_crypto *crypto,
                                      const struct dg_attest_nonce *nonce,
                                      const struct dg_hash *subject,
                                      struct dg_hash *challenge)
{
    uint8_t room[CHALLENGE_FORM_MAX];
    struct dg_cbor_writer writer;
    dg_span form;

    if ((crypto == NULL) || (nonce == NULL) || (subject == NULL) ||
        (challenge == NULL)) {
        return DG_E_USAGE;
    }
    dg_cbor_writer_init(&writer, DG_BUF_OF(room));
    dg_cbor_write_array(&writer, 3U);
    dg_cbor_write_tstr(&writer, "dosegate challenge 1");
    dg_cbor_write_bstr(&writer, DG_SPAN_OF(nonce->byte));
    dg_cbor_write_bstr(&writer, DG_SPAN_OF(subject->byte));
    const enum dg_status status = dg_cbor_writer_end(&writer, &form);

    return (status == DG_OK)
               ? crypto->sha256(crypto->context, &form, 1U, challenge)
               : status;
}
