/* SPDX-License-Identifier: Apache-2.0 */
#include "attest/anchors.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attest/anchors_parts.h"
#include "attest/der.h"
#include "dosegate/cbor.h"
#include "dosegate/cose.h"

#define TIME_MAX UINT64_C(253402300799) /* 9999-12-31 */

struct dg_anchors {
    struct dg_anchors_head head;
    struct dg_anchor root[DG_ANCHOR_ROOTS_MAX];
    dg_span *serial; /* rising: shorter first, then by bytes */
    uint8_t *bytes;  /* the payload that all spans lie in    */
};

/* Numbers compare by length first because they have no leading zeros. */
static int compare_serials(dg_span a, dg_span b)
{
    if (a.size != b.size) {
        return (a.size < b.size) ? -1 : 1;
    }
    return memcmp(a.at, b.at, a.size);
}

const struct dg_anchor *dg_anchors_find(const struct dg_anchors *anchors,
                                        enum dg_evidence_kind kind,
                                        dg_span subject,
                                        const dg_span *spki)
{
    for (size_t i = 0; i < anchors->head.roots; i++) {
        const struct dg_anchor *root = &anchors->root[i];

        if ((root->kind == kind) && dg_span_equal(root->subject, subject) &&
            ((spki == NULL) || dg_span_equal(root->spki, *spki))) {
            return root;
        }
    }
    return NULL;
}

bool dg_anchors_is_revoked(const struct dg_anchors *anchors, dg_span serial)
{
    size_t low = 0U;
    size_t high = anchors->head.revoked;

    while (low < high) {
        const size_t middle = low + ((high - low) / 2U);
        const int order = compare_serials(anchors->serial[middle], serial);

        if (order == 0) {
            return true;
        }
        if (order < 0) {
            low = middle + 1U;
        } else {
            high = middle;
        }
    }
    return false;
}

struct dg_anchors_head dg_anchors_head(const struct dg_anchors *anchors)
{
    return (anchors != NULL) ? anchors->head : (struct dg_anchors_head){0};
}

void dg_anchors_free(struct dg_anchors *anchors)
{
    if (anchors != NULL) {
        free(anchors->serial);
        free(anchors->bytes);
        free(anchors);
    }
}

static bool is_printable(dg_span text)
{
    for (size_t i = 0; i < text.size; i++) {
        if ((text.at[i] < 0x20U) || (text.at[i] > 0x7eU)) {
            return false;
        }
    }
    return (text.size >= 1U) && (text.size <= DG_ANCHOR_NAME_MAX);
}

static void read_root(struct dg_cbor_reader *reader, struct dg_anchor *root)
{
    if (dg_cbor_read_array(reader) != 5U) {
        dg_cbor_reader_fail(reader, DG_E_MALFORMED);
    }
    root->kind =
        (enum dg_evidence_kind)dg_cbor_read_uint_max(reader, DG_KINDS - 1U);
    const dg_span name = dg_cbor_read_tstr(reader);

    root->subject = dg_cbor_read_bstr(reader);
    root->spki = dg_cbor_read_bstr(reader);
    root->until_s = (int64_t)dg_cbor_read_uint_max(reader, TIME_MAX);
    if (reader->status != DG_OK) {
        return;
    }
    if (((root->kind != DG_KIND_ANDROID_KEY) &&
         (root->kind != DG_KIND_APPLE_ATTESTATION)) ||
        !is_printable(name) || (root->subject.size == 0U)) {
        dg_cbor_reader_fail(reader, DG_E_RANGE);
        return;
    }
    (void)memcpy(root->name, name.at, name.size);
    if (!dg_key_view_spki(root->spki, &root->key)) {
        dg_cbor_reader_fail(reader, DG_E_MALFORMED);
    } else if (root->key.kind == DG_KEY_KIND_NONE) {
        dg_cbor_reader_fail(reader, DG_E_UNSUPPORTED);
    }
}

static void read_roots(struct dg_cbor_reader *reader,
                       struct dg_anchors *anchors)
{
    const size_t count = dg_cbor_read_array(reader);

    if ((count == 0U) || (count > DG_ANCHOR_ROOTS_MAX)) {
        dg_cbor_reader_fail(reader, DG_E_RANGE);
        return;
    }
    for (size_t i = 0; (i < count) && (reader->status == DG_OK); i++) {
        read_root(reader, &anchors->root[i]);
    }
    anchors->head.roots = count;
}

static void read_revoked(struct dg_cbor_reader *reader,
                         struct dg_anchors *anchors)
{
    if (dg_cbor_read_array(reader) != 2U) {
        dg_cbor_reader_fail(reader, DG_E_MALFORMED);
    }
    anchors->head.listed_s = (int64_t)dg_cbor_read_uint_max(reader, TIME_MAX);
    const size_t count = dg_cbor_read_array(reader);

    if (count > DG_ANCHOR_REVOKED_MAX) {
        dg_cbor_reader_fail(reader, DG_E_RANGE);
    }
    if (reader->status != DG_OK) {
        return;
    }
    anchors->serial = calloc(count + 1U, sizeof(*anchors->serial));
    if (anchors->serial == NULL) {
        dg_cbor_reader_fail(reader, DG_E_PORT);
        return;
    }
    for (size_t i = 0; (i < count) && (reader->status == DG_OK); i++) {
        const dg_span serial = dg_cbor_read_bstr(reader);

        if ((serial.size == 0U) || (serial.size > DG_ANCHOR_SERIAL_MAX) ||
            ((i > 0U) &&
             (compare_serials(anchors->serial[i - 1U], serial) >= 0))) {
            dg_cbor_reader_fail(reader, DG_E_RANGE);
        }
        anchors->serial[i] = serial;
    }
    anchors->head.revoked = count;
    anchors->head.has_revocation = true;
}

static enum dg_status read_payload(dg_span payload, struct dg_anchors *anchors)
{
    struct dg_cbor_reader reader;
    struct dg_cbor_map map;
    int64_t key = 0;
    unsigned seen = 0U;

    dg_cbor_reader_init(&reader, payload);
    dg_cbor_read_map(&reader, &map);
    while (dg_cbor_map_next(&reader, &map, &key)) {
        seen |= ((key >= 1) && (key <= 5)) ? (1U << (unsigned)key) : 0U;
        switch (key) {
        case 1:
            anchors->head.version =
                (uint32_t)dg_cbor_read_uint_max(&reader, UINT32_MAX);
            break;
        case 2:
            anchors->head.issued_s =
                (int64_t)dg_cbor_read_uint_max(&reader, TIME_MAX);
            break;
        case 3:
            anchors->head.expires_s =
                (int64_t)dg_cbor_read_uint_max(&reader, TIME_MAX);
            break;
        case 4:
            read_roots(&reader, anchors);
            break;
        case 5:
            read_revoked(&reader, anchors);
            break;
        default:
            dg_cbor_reader_fail(&reader, DG_E_UNSUPPORTED);
            break;
        }
    }
    const enum dg_status status = dg_cbor_reader_end(&reader);

    if (status != DG_OK) {
        return status;
    }
    /* 1 to 4 are all there, and the version counts from 1. */
    return (((seen & 0x1eU) == 0x1eU) && (anchors->head.version != 0U))
               ? DG_OK
               : DG_E_MALFORMED;
}

static void give_reason(char reason[DG_REASON_MAX], const char *words)
{
    (void)snprintf(reason, DG_REASON_MAX, "%s", words);
}

/* A copy of the payload, read. */
static enum dg_status take_payload(dg_span payload,
                                   struct dg_anchors **anchors,
                                   char reason[DG_REASON_MAX])
{
    struct dg_anchors *made = calloc(1U, sizeof(*made));

    if (made != NULL) {
        made->bytes = malloc(payload.size + 1U);
    }
    if ((made == NULL) || (made->bytes == NULL)) {
        free(made);
        give_reason(reason, "out of memory");
        return DG_E_PORT;
    }
    (void)memcpy(made->bytes, payload.at, payload.size);
    const enum dg_status status =
        read_payload((dg_span){made->bytes, payload.size}, made);

    if (status != DG_OK) {
        (void)snprintf(reason,
                       DG_REASON_MAX,
                       "the contents are no anchors (%s)",
                       dg_status_name(status));
        dg_anchors_free(made);
        return status;
    }
    *anchors = made;
    return DG_OK;
}

/* What the file says of its own age, against our clock and our memory. */
static enum dg_status check_age(const struct dg_anchors_head *head,
                                int64_t at_s,
                                uint32_t version_min,
                                char reason[DG_REASON_MAX])
{
    if (head->version < version_min) {
        (void)snprintf(reason,
                       DG_REASON_MAX,
                       "version %u is older than version %u, which was taken "
                       "before",
                       head->version,
                       version_min);
        return DG_E_REPLAY;
    }
    if ((head->expires_s <= head->issued_s) ||
        ((head->expires_s - head->issued_s) > (int64_t)DG_ANCHOR_LIFE_S_MAX) ||
        (head->has_revocation && (head->listed_s > head->issued_s))) {
        give_reason(reason,
                    "its dates contradict each other, or it claims to be good "
                    "for more than 90 days");
        return DG_E_RANGE;
    }
    if (at_s < head->issued_s) {
        give_reason(reason, "it is of the future: check the clock");
        return DG_E_STATE;
    }
    if (at_s > head->expires_s) {
        give_reason(reason, "it has expired: fetch the lists and sign anew");
        return DG_E_STATE;
    }
    return DG_OK;
}

/* @satisfies{FDP_ATT.6@1} */
enum dg_status dg_anchors_open(const struct dg_crypto *crypto,
                               const struct dg_public_key *signer,
                               dg_span file,
                               int64_t at_s,
                               uint32_t version_min,
                               struct dg_anchors **anchors,
                               char reason[DG_REASON_MAX])
{
    static const uint8_t purpose[] = DG_ANCHORS_PURPOSE;
    dg_span payload;

    if ((anchors == NULL) || (reason == NULL)) {
        return DG_E_USAGE;
    }
    *anchors = NULL;
    reason[0] = '\0';
    if ((crypto == NULL) || (signer == NULL) || (file.at == NULL)) {
        return DG_E_USAGE;
    }
    if (file.size > DG_ANCHORS_SIZE_MAX) {
        give_reason(reason, "it is larger than 4 MiB");
        return DG_E_RANGE;
    }
    enum dg_status status =
        dg_cose_sign1_verify(crypto,
                             signer,
                             (dg_span){purpose, sizeof(purpose) - 1U},
                             file,
                             &payload);

    if (status != DG_OK) {
        give_reason(reason,
                    (status == DG_E_AUTH)
                        ? "it is not signed with the key that was named"
                        : "it is no signed anchors file");
        return status;
    }
    status = take_payload(payload, anchors, reason);
    if (status == DG_OK) {
        status = check_age(&(*anchors)->head, at_s, version_min, reason);
    }
    if (status != DG_OK) {
        dg_anchors_free(*anchors);
        *anchors = NULL;
    }
    return status;
}

enum dg_status dg_anchors_from_roots(const char *roots_json,
                                     struct dg_anchors **anchors,
                                     char reason[DG_REASON_MAX])
{
    const struct dg_anchors_head head = {
        .version = 1U, .issued_s = 0, .expires_s = 0};
    dg_buf payload = {NULL, 0U};
    size_t size = 0U;

    if (anchors == NULL) {
        return DG_E_USAGE;
    }
    *anchors = NULL;
    enum dg_status status =
        dg_anchors_make(roots_json, NULL, &head, &payload, &size, reason);

    if (status == DG_OK) {
        status = take_payload((dg_span){payload.at, size}, anchors, reason);
        free(payload.at);
    }
    return status;
}
