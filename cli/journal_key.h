/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_CLI_JOURNAL_KEY_H
#define DG_CLI_JOURNAL_KEY_H

#include <stdbool.h>

#include "dosegate/approval.h"
#include "dosegate/crypto.h"
#include "eval/problem.h"

/* A pump and the public half of its journal key, as a phone that is paired with
 * it learned them; one line of hex digits. */
#define DG_JOURNAL_KEY_BYTES (DG_DEVICE_ID_SIZE + (2U * DG_P256_SIZE))

struct dg_journal_key {
    struct dg_device_id device;
    struct dg_public_key key;
};

/** Read one; false with a sentence in @p problem.  @p is_there: the file is. */
bool dg_journal_key_read(const char *path,
                         struct dg_journal_key *key,
                         bool *is_there,
                         struct dg_problem *problem);

/** Write one where none is yet. */
bool dg_journal_key_write(const char *path,
                          const struct dg_journal_key *key,
                          struct dg_problem *problem);

/** The same pump and the same key? */
bool dg_journal_key_is(const struct dg_journal_key *key,
                       const struct dg_device_id *device,
                       const struct dg_public_key *public_key);

#endif
