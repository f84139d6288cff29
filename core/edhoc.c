/* SPDX-License-Identifier: Apache-2.0 */
#include "dosegate/edhoc.h"

#include "bytes.h"
#include "edhoc_keys.h"
#include "edhoc_state.h"
#include "edhoc_wire.h"
#include "hkdf.h"

#define EXPORT_CONTEXT_MAX 64U

/* 856: a grown footprint is a diff here. */
_Static_assert(sizeof(struct dg_edhoc) <= 856U, "handshake footprint");
_Static_assert(DG_EDHOC_CONNECTION_MAX + 1U + DG_EDHOC_ID_CRED_MAX + 2U +
                       DG_SIGNATURE_SIZE + DG_EDHOC_EAD_MAX <=
                   DG_EDHOC_PLAIN_MAX,
               "longest plaintext");
_Static_assert(DG_EDHOC_PLAIN_MAX <= DG_HKDF_OUT_MAX, "KEYSTREAM_2");
_Static_assert(DG_EDHOC_PLAIN_MAX + DG_P256_SIZE + DG_TAG_SIZE + 3U <=
                   DG_EDHOC_MESSAGE_MAX,
               "longest message");

void dg_edhoc_wipe(struct dg_edhoc *edhoc)
{
    if (edhoc != NULL) {
        dg_bytes_wipe(edhoc, sizeof *edhoc);
    }
}

enum dg_status dg_edhoc_settle(struct dg_edhoc *edhoc,
                               enum dg_status status,
                               enum dg_edhoc_state next)
{
    if (status == DG_OK) {
        edhoc->state = next;
    } else {
        dg_edhoc_wipe(edhoc);
    }
    return status;
}

void dg_edhoc_keep_exporter(struct dg_edhoc *edhoc)
{
    dg_bytes_wipe(&edhoc->ephemeral, sizeof edhoc->ephemeral);
    dg_bytes_wipe(&edhoc->prk, sizeof edhoc->prk);
    dg_bytes_wipe(&edhoc->th, sizeof edhoc->th);
}

static bool is_cred(dg_span cred)
{
    return (cred.at != NULL) && (cred.size != 0U) &&
           (cred.size <= DG_EDHOC_CRED_MAX);
}

bool dg_edhoc_is_self(const struct dg_edhoc_self *self)
{
    return (self != NULL) && is_cred(self->cred) &&
           dg_edhoc_is_id_cred(self->id_cred);
}

bool dg_edhoc_is_peer(const struct dg_edhoc_peer *peer)
{
    return (peer != NULL) && is_cred(peer->cred);
}

bool dg_edhoc_is_other(const struct dg_edhoc_self *self,
                       const struct dg_edhoc_peer *peer,
                       dg_span id_cred)
{
    const dg_span by_value = dg_edhoc_cred_by_value(id_cred);

    /* Only x enters the key schedule, so only x is compared: the mirrored
     * point would agree on the same secrets. */
    if (dg_bytes_equal(DG_SPAN_OF(self->public_key.x),
                       DG_SPAN_OF(peer->public_key.x)) ||
        dg_bytes_equal(self->cred, peer->cred)) {
        return false;
    }
    return (by_value.at == NULL) || dg_bytes_equal(by_value, peer->cred);
}

enum dg_status dg_edhoc_export(const struct dg_edhoc *edhoc,
                               const struct dg_crypto *crypto,
                               uint16_t label,
                               dg_span context,
                               dg_buf out)
{
    if ((edhoc == NULL) || (crypto == NULL) || (out.at == NULL) ||
        (out.capacity == 0U) || (out.capacity > DG_HKDF_OUT_MAX) ||
        (context.size > EXPORT_CONTEXT_MAX) ||
        ((context.at == NULL) && (context.size != 0U))) {
        return DG_E_USAGE;
    }
    if (edhoc->state != DG_EDHOC_DONE) {
        return DG_E_STATE;
    }
    return dg_edhoc_kdf(crypto, &edhoc->prk_exporter, label, &context, 1U, out);
}

static struct dg_edhoc_ead *find_label(struct dg_edhoc_ead *wanted,
                                       size_t count,
                                       uint64_t label)
{
    for (size_t i = 0U; i < count; i++) {
        if (wanted[i].label == label) {
            return &wanted[i];
        }
    }
    return NULL;
}

/* Read one item into the list, if it is in there. */
static void pick_item(struct dg_cbor_reader *reader,
                      struct dg_edhoc_ead *wanted,
                      size_t count)
{
    const int64_t signed_label = dg_cbor_read_int(reader);
    const bool critical = signed_label < 0;
    const uint64_t label = (uint64_t)(critical ? -signed_label : signed_label);
    struct dg_edhoc_ead *item =
        (label == 0U) ? NULL : find_label(wanted, count, label);
    dg_span value = {NULL, 0U};

    if (dg_cbor_peek(reader) == DG_CBOR_BSTR) {
        value = dg_cbor_read_bstr(reader);
    }
    if (item == NULL) {
        if (critical) {
            dg_cbor_reader_fail(reader, DG_E_UNSUPPORTED);
        }
        return;
    }
    if (item->present) {
        dg_cbor_reader_fail(reader, DG_E_MALFORMED);
    }
    item->present = true;
    item->critical = critical;
    item->value = value;
}

enum dg_status dg_edhoc_ead_pick(dg_span ead,
                                 struct dg_edhoc_ead *wanted,
                                 size_t count)
{
    struct dg_cbor_reader reader;

    if ((wanted == NULL) && (count != 0U)) {
        return DG_E_USAGE;
    }
    for (size_t i = 0U; i < count; i++) {
        wanted[i].present = false;
        wanted[i].critical = false;
        wanted[i].value = (dg_span){NULL, 0U};
    }
    dg_cbor_reader_init(&reader, ead);
    (void)dg_edhoc_read_ead(&reader);
    if (reader.status == DG_OK) {
        dg_cbor_reader_init(&reader, ead);
    }
    while ((reader.status == DG_OK) && (reader.rest.size != 0U)) {
        pick_item(&reader, wanted, count);
    }
    return reader.status;
}
