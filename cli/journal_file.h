/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_CLI_JOURNAL_FILE_H
#define DG_CLI_JOURNAL_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dosegate/approval.h"
#include "dosegate/crypto.h"
#include "dosegate/journal.h"
#include "dosegate/journal_head.h"
#include "dosegate/span.h"
#include "dosegate/status.h"

/* A journal outside of its pump: a signed head, the entries below it that the
 * pump still had, and the peaks of the tree before them.  Whoever has the file
 * and the pump's public key can check it, offline.  docs/protocol.md,
 * "Exported journal". */
#define DG_JOURNAL_FILE_MAX   ((size_t)4U * 1024U * 1024U) /* bytes */
#define DG_JOURNAL_FILE_PEAKS DG_MERKLE_LEVELS
#define DG_JOURNAL_FILE_WHY   160U

struct dg_journal_file {
    struct dg_device_id device;
    struct dg_public_key key;
    dg_span head;   /* COSE_Sign1 */
    uint32_t first; /* index of the first entry */
    uint32_t count; /* of entries */
    size_t peak_count;
    struct dg_hash peak[DG_JOURNAL_FILE_PEAKS]; /* lowest first */
    dg_span entries; /* byte strings, one after the other */
    /* What checking found out. */
    struct dg_journal_claim claim;
};

enum dg_journal_verdict {
    DG_JOURNAL_UNCHECKED = 0,
    DG_JOURNAL_SOUND,   /* every entry is what the head was signed over   */
    DG_JOURNAL_ALTERED, /* it is not, or not whole; the key of another  */
    DG_JOURNAL_NOT_ONE, /* no exported journal */
    DG_JOURNAL_APART,   /* two exports that have nothing to compare       */
    DG_JOURNAL_NO_CRYPTO
};

/**
 * Write an export; @p file->entries holds the byte strings already.
 *
 * @retval DG_OK, DG_E_NO_SPACE.
 */
DG_NODISCARD enum dg_status dg_journal_file_write(
    const struct dg_journal_file *file, dg_buf room, dg_span *bytes);

/** Does it begin as one?  It may still be none. */
bool dg_journal_file_is_one(dg_span bytes);

/**
 * Read and check an export against the key that it carries.  Whether that key
 * is the pump's is the caller's to know.
 *
 * @param[out] file  Its spans lie inside @p bytes.
 * @param[out] why   One sentence, for any verdict.
 */
enum dg_journal_verdict dg_journal_file_check(const struct dg_crypto *crypto,
                                              dg_span bytes,
                                              struct dg_journal_file *file,
                                              char why[DG_JOURNAL_FILE_WHY]);

/**
 * Does @p later continue @p earlier?  Both are sound.
 *
 * The later one begins at or before the end of the earlier one, or nothing can
 * be said: DG_JOURNAL_APART.
 */
enum dg_journal_verdict dg_journal_file_continues(
    const struct dg_crypto *crypto,
    const struct dg_journal_file *earlier,
    const struct dg_journal_file *later,
    char why[DG_JOURNAL_FILE_WHY]);

/** The next entry of @p rest, which shrinks; false: there is none. */
bool dg_journal_file_next(dg_span *rest, dg_span *entry);

#endif
