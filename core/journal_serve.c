/* SPDX-License-Identifier: Apache-2.0 */
#include "device_parts.h"

#include "dosegate/journal_head.h"

#include <stddef.h>
#include <string.h>

/* Request `journal`: what a phone may read, and what it may say about it.
 * Nothing here can change an entry. */

/* A head for every entry would fill the journal with heads, and cost a
 * signature each. */
#define HEAD_ENTRIES_MIN 64U
#define HEAD_GAP_S       900U

static void answer_bytes(struct dg_answer *answer,
                         uint32_t first,
                         uint32_t total,
                         dg_span bytes)
{
    answer->as.journal.first = first;
    answer->as.journal.total = total;
    answer->as.journal.size = (uint8_t)bytes.size;
    if ((bytes.size > 0U) && (bytes.at != answer->as.journal.byte)) {
        memcpy(answer->as.journal.byte, bytes.at, bytes.size);
    }
}

/* head ------------------------------------------------------------------- */

static bool is_head_recent(const struct dg_device *device)
{
    const struct dg_journal *journal = &device->journal;
    const struct dg_notes *notes = &device->notes;
    const uint32_t since = journal->tree.size - journal->memory.head_size;

    /* One entry above it is the head's own. */
    return (notes->head_bytes > 0U) &&
           ((since <= 1U) ||
            ((since < HEAD_ENTRIES_MIN) &&
             ((device->now.s - notes->head_at.s) < HEAD_GAP_S)));
}

static enum dg_status sign_head(struct dg_device *device)
{
    const struct dg_crypto *crypto = device->ports->crypto;
    const struct dg_journal *journal = &device->journal;
    struct dg_notes *notes = &device->notes;
    struct dg_journal_claim claim = {.size = journal->tree.size,
                                     .epoch = journal->epoch,
                                     .at = device->now,
                                     .previous = journal->memory.head};
    dg_span message = {NULL, 0U};
    struct dg_hash hash;
    enum dg_status status = dg_merkle_root(&journal->tree, crypto, &claim.root);

    notes->head_bytes = 0U;
    if (status == DG_OK) {
        status = dg_journal_head_sign(crypto,
                                      &device->settings.journal_key,
                                      &device->settings.device,
                                      &claim,
                                      DG_BUF_OF(notes->head),
                                      &message,
                                      &hash);
    }
    if (status != DG_OK) {
        return status;
    }
    /* On flash before anybody sees it: the next one has to name it. */
    dg_note_data(device,
                 DG_JOURNAL_HEAD,
                 DG_JOURNAL_BY_DEVICE,
                 0U,
                 claim.size,
                 DG_SPAN_OF(hash.byte));
    if (journal->memory.head_size != claim.size) {
        return DG_E_PORT;
    }
    notes->head_bytes = (uint8_t)message.size;
    notes->head_at = device->now;
    return DG_OK;
}

static enum dg_status serve_head(struct dg_device *device,
                                 struct dg_answer *answer)
{
    const struct dg_notes *notes = &device->notes;

    if (!is_head_recent(device)) {
        const enum dg_status status = sign_head(device);

        if (status != DG_OK) {
            return status;
        }
    }
    answer_bytes(answer,
                 device->journal.oldest,
                 device->journal.memory.head_size,
                 (dg_span){notes->head, notes->head_bytes});
    return DG_OK;
}

/* entries and proofs ------------------------------------------------------ */

/* Asked for what has left the flash, it begins with what is there. */
static enum dg_status serve_range(const struct dg_device *device,
                                  uint32_t first,
                                  struct dg_answer *answer)
{
    const struct dg_journal *journal = &device->journal;
    const uint32_t from = (first < journal->oldest) ? journal->oldest : first;
    dg_span bytes = {NULL, 0U};
    uint32_t count = 0U;
    const enum dg_status status = dg_journal_read(
        journal, from, DG_BUF_OF(answer->as.journal.byte), &bytes, &count);

    answer_bytes(answer, from, journal->tree.size, bytes);
    return (count > 0U) ? DG_OK : status;
}

#define NODES_MAX (DG_JOURNAL_BYTES_MAX / DG_HASH_SIZE)

static enum dg_status serve_proof(const struct dg_device *device,
                                  const struct dg_request *request,
                                  struct dg_answer *answer)
{
    struct dg_hash nodes[NODES_MAX];
    size_t count = 0U;
    size_t total = 0U;
    const enum dg_status status = dg_journal_prove(&device->journal,
                                                   request->as.journal.first,
                                                   request->as.journal.end,
                                                   request->as.journal.skip,
                                                   nodes,
                                                   NODES_MAX,
                                                   &count,
                                                   &total);

    answer_bytes(answer,
                 request->as.journal.skip,
                 (uint32_t)total,
                 (dg_span){nodes[0].byte, count * DG_HASH_SIZE});
    return status;
}

/* The peaks of the tree at a size, lowest first: what the entries behind are
 * added to. */
static enum dg_status serve_peaks(const struct dg_device *device,
                                  const struct dg_request *request,
                                  struct dg_answer *answer)
{
    struct dg_merkle tree;
    uint32_t total = 0U;
    size_t used = 0U;
    const enum dg_status status =
        dg_journal_tree_at(&device->journal, request->as.journal.first, &tree);

    if (status != DG_OK) {
        return status;
    }
    for (unsigned level = 0U; level < DG_MERKLE_LEVELS; level++) {
        if (((tree.size >> level) & 1U) == 0U) {
            continue;
        }
        if ((total >= request->as.journal.skip) &&
            ((used + DG_HASH_SIZE) <= DG_JOURNAL_BYTES_MAX)) {
            memcpy(&answer->as.journal.byte[used],
                   tree.peak[level].byte,
                   DG_HASH_SIZE);
            used += DG_HASH_SIZE;
        }
        total++;
    }
    answer_bytes(answer,
                 request->as.journal.skip,
                 total,
                 (dg_span){answer->as.journal.byte, used});
    return DG_OK;
}

/* witness ----------------------------------------------------------------- */

/* Does our journal lead from this head of ours to where it is?  OK: yes, or it
 * cannot be told any more.  DG_E_CORRUPT: no. */
static enum dg_status follows(const struct dg_device *device,
                              const struct dg_journal_claim *claim)
{
    const struct dg_journal *journal = &device->journal;
    struct dg_hash root;

    if (claim->epoch < journal->epoch) {
        return DG_E_STATE;
    }
    if ((claim->epoch > journal->epoch) || (claim->size > journal->tree.size)) {
        return DG_E_CORRUPT;
    }
    if (claim->size < journal->oldest) {
        return DG_OK;
    }

    const enum dg_status status =
        dg_journal_root_at(journal, claim->size, &root);

    if (status != DG_OK) {
        return status;
    }
    return (memcmp(root.byte, claim->root.byte, DG_HASH_SIZE) == 0)
               ? DG_OK
               : DG_E_CORRUPT;
}

/* A phone says that it holds every entry below a head, and shows the head.  No
 * phone can make one up: we signed it. */
/* @satisfies{FAU_HEAD.2@1} */
static enum dg_status serve_exported(struct dg_device *device,
                                     unsigned slot,
                                     const struct dg_request *request,
                                     struct dg_answer *answer)
{
    const dg_span message = {request->as.journal.byte,
                             request->as.journal.size};
    const struct dg_journal *journal = &device->journal;
    struct dg_journal_claim claim;
    struct dg_hash hash;
    enum dg_status status =
        dg_journal_head_verify(device->ports->crypto,
                               &device->settings.journal_public,
                               &device->settings.device,
                               message,
                               &claim,
                               &hash);

    if (status == DG_OK) {
        status = follows(device, &claim);
    }
    if (status == DG_E_CORRUPT) {
        dg_note_data(device,
                     DG_JOURNAL_FORK,
                     slot,
                     claim.epoch,
                     claim.size,
                     DG_SPAN_OF(claim.root.byte));
        dg_device_raise(device, DG_ALARM_JOURNAL);
    }
    if (status != DG_OK) {
        return status;
    }
    /* Who only looks on may go away with it; others rely on the entries. */
    if ((device->settings.controller[slot].role != DG_ROLE_OBSERVER) &&
        (claim.size > journal->memory.exported)) {
        dg_note(device, DG_JOURNAL_EXPORTED, slot, 0U, claim.size);
        device->notes.has_lost = false;
        /* What cannot be written goes on sounding, whoever holds the rest. */
        if (!journal->failed) {
            dg_device_clear(device, DG_ALARM_JOURNAL);
        }
    }
    answer_bytes(answer,
                 journal->memory.exported,
                 journal->tree.size,
                 (dg_span){NULL, 0U});
    return DG_OK;
}

static void serve_key(const struct dg_device *device, struct dg_answer *answer)
{
    uint8_t bytes[(2U * DG_P256_SIZE) + DG_DEVICE_ID_SIZE];

    memcpy(&bytes[0], device->settings.journal_public.x, DG_P256_SIZE);
    memcpy(
        &bytes[DG_P256_SIZE], device->settings.journal_public.y, DG_P256_SIZE);
    memcpy(&bytes[(size_t)2U * DG_P256_SIZE],
           device->settings.device.byte,
           DG_DEVICE_ID_SIZE);
    answer_bytes(answer,
                 device->journal.oldest,
                 device->journal.tree.size,
                 DG_SPAN_OF(bytes));
}

bool dg_journal_serve(struct dg_device *device,
                      unsigned slot,
                      const struct dg_request *request,
                      struct dg_answer *answer)
{
    enum dg_status status = DG_E_UNSUPPORTED;

    answer->kind = DG_ANSWER_JOURNAL;
    answer->as.journal.verb = request->as.journal.verb;
    switch (request->as.journal.verb) {
    case DG_JOURNAL_ASK_HEAD:
        status = serve_head(device, answer);
        break;
    case DG_JOURNAL_ASK_RANGE:
        status = serve_range(device, request->as.journal.first, answer);
        break;
    case DG_JOURNAL_ASK_PROOF:
        status = serve_proof(device, request, answer);
        break;
    case DG_JOURNAL_ASK_PEAKS:
        status = serve_peaks(device, request, answer);
        break;
    case DG_JOURNAL_ASK_EXPORTED:
        status = serve_exported(device, slot, request, answer);
        break;
    case DG_JOURNAL_ASK_KEY:
        serve_key(device, answer);
        status = DG_OK;
        break;
    case DG_JOURNAL_ASK_NONE:
    default:
        break;
    }
    return status == DG_OK;
}
