/* SPDX-License-Identifier: Apache-2.0 */
#include "dosegate/credential.h"

#include "dosegate/cbor.h"

#define KID_MAX 0x17U

/* Labels: CWT cnf (RFC 8747), COSE_Key (RFC 9052, 7; RFC 9053, 7.1). */
#define CWT_CNF        8
#define CNF_COSE_KEY   1
#define KEY_TYPE       1
#define KEY_TYPE_EC2   2
#define KEY_KID        2
#define KEY_CURVE      (-1)
#define KEY_CURVE_P256 1
#define KEY_X          (-2)
#define KEY_Y          (-3)

enum dg_status dg_credential_ccs(const struct dg_credential *credential,
                                 struct dg_ccs *ccs)
{
    struct dg_cbor_writer writer;
    dg_span bytes;

    if ((credential == NULL) || (ccs == NULL)) {
        return DG_E_USAGE;
    }
    if (credential->kid > KID_MAX) {
        return DG_E_RANGE;
    }
    dg_cbor_writer_init(&writer, DG_BUF_OF(ccs->byte));
    dg_cbor_write_map(&writer, 1U);
    dg_cbor_write_int(&writer, CWT_CNF);
    dg_cbor_write_map(&writer, 1U);
    dg_cbor_write_int(&writer, CNF_COSE_KEY);
    dg_cbor_write_map(&writer, 5U);
    dg_cbor_write_int(&writer, KEY_TYPE);
    dg_cbor_write_int(&writer, KEY_TYPE_EC2);
    dg_cbor_write_int(&writer, KEY_KID);
    dg_cbor_write_bstr(&writer, (dg_span){&credential->kid, 1U});
    dg_cbor_write_int(&writer, KEY_CURVE);
    dg_cbor_write_int(&writer, KEY_CURVE_P256);
    dg_cbor_write_int(&writer, KEY_X);
    dg_cbor_write_bstr(&writer, DG_SPAN_OF(credential->key.x));
    dg_cbor_write_int(&writer, KEY_Y);
    dg_cbor_write_bstr(&writer, DG_SPAN_OF(credential->key.y));

    /* The size is constant; anything else is our own mistake. */
    if ((dg_cbor_writer_end(&writer, &bytes) != DG_OK) ||
        (bytes.size != DG_CREDENTIAL_CCS_SIZE)) {
        return DG_E_CORRUPT;
    }
    return DG_OK;
}
