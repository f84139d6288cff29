/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_ATTEST_STORE_H
#define DG_ATTEST_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "attest/evidence.h"
#include "attest/service/db.h"

/* What instances of the service share, and all that any of them remembers:
 * nonces spent, rates, serials and the journal of tickets, assertion counters,
 * the newest patch level that a phone showed, requalification runs, and the
 * highest version of the policy.
 *
 * A phone is known by its subject: a hash over pump and keys, that names
 * nobody.  Each function is one transaction or one statement, so that two
 * instances on one database cannot both spend a nonce. */
#define DG_STORE_BUILD_MAX 64U

struct dg_store {
    struct dg_db db;
};

/* One ticket as the journal keeps it. */
struct dg_store_ticket {
    struct dg_attest_nonce nonce;
    struct dg_hash subject;
    uint32_t claims;
    enum dg_package level;
    uint32_t policy;
    char build[DG_STORE_BUILD_MAX]; /* "android-key 160000 20261005" */
};

struct dg_store_apple_key {
    struct dg_public_key key;
    uint32_t counter;
};

struct dg_store_trial {
    int64_t runs;
    int64_t failed;
    bool is_stopped;
};

/** Open and make what is missing.  DG_E_PORT: see db.why. */
DG_NODISCARD enum dg_status dg_store_open(struct dg_store *store,
                                          const char *where);
void dg_store_close(struct dg_store *store);

/** Does it answer? */
DG_NODISCARD enum dg_status dg_store_ping(struct dg_store *store);

/**
 * Count one more in the window of @p bucket that @p now_s lies in.
 *
 * @param window_s    1 ..: length of a window.
 * @param[out] count  In this window so far, this one too.
 */
DG_NODISCARD enum dg_status dg_store_count(struct dg_store *store,
                                           const char *bucket,
                                           int64_t now_s,
                                           int64_t window_s,
                                           int64_t *count);

/**
 * Spend a nonce, number the ticket and write it into the journal.
 *
 * @retval DG_OK        @p serial is 1 .. UINT32_MAX; sign now.
 * @retval DG_E_REPLAY  The nonce was spent before, here or elsewhere.
 * @retval DG_E_STATE   There are no serials left.
 * @retval DG_E_PORT
 */
DG_NODISCARD enum dg_status dg_store_ticket(
    struct dg_store *store,
    const struct dg_store_ticket *ticket,
    int64_t now_s,
    uint32_t *serial);

/**
 * Hold the patch level against the newest that this subject showed, and keep
 * the newer.
 *
 * @retval DG_OK        Not older.
 * @retval DG_E_REPLAY  Older: the phone was set back.
 * @retval DG_E_PORT
 */
DG_NODISCARD enum dg_status dg_store_pin(struct dg_store *store,
                                         const struct dg_hash *subject,
                                         uint32_t os_version,
                                         uint32_t os_patch,
                                         uint64_t app_version,
                                         int64_t now_s);

/** Keep the key of an App Attest attestation; a key that is there keeps its
 * counter. */
DG_NODISCARD enum dg_status dg_store_apple_keep(struct dg_store *store,
                                                const struct dg_hash *key_id,
                                                const struct dg_public_key *key,
                                                int64_t now_s);
/** DG_E_STATE: no such key. */
DG_NODISCARD enum dg_status dg_store_apple_find(
    struct dg_store *store,
    const struct dg_hash *key_id,
    struct dg_store_apple_key *found);
/** Raise the counter; DG_E_REPLAY when another request was quicker. */
DG_NODISCARD enum dg_status dg_store_apple_count(struct dg_store *store,
                                                 const struct dg_hash *key_id,
                                                 uint32_t counter);

/**
 * Write down a requalification run; the latest run of a phone on a build
 * counts, and counts once.  A trial that has run often enough and failed too
 * often is stopped, for good, by the run that shows it.
 *
 * @param stop_runs, stop_percent  As in the policy.
 */
DG_NODISCARD enum dg_status dg_store_trial_add(struct dg_store *store,
                                               const char *build,
                                               const struct dg_hash *subject,
                                               bool is_passed,
                                               uint32_t stop_runs,
                                               uint32_t stop_percent,
                                               int64_t now_s);
DG_NODISCARD enum dg_status dg_store_trial(struct dg_store *store,
                                           const char *build,
                                           struct dg_store_trial *trial);
/** Did this phone pass on this build? */
DG_NODISCARD enum dg_status dg_store_trial_passed(struct dg_store *store,
                                                  const char *build,
                                                  const struct dg_hash *subject,
                                                  bool *is_passed);
/** The build after @p after in order, "" to begin; DG_E_STATE at the end. */
DG_NODISCARD enum dg_status dg_store_trial_next(struct dg_store *store,
                                                const char *after,
                                                char build[DG_STORE_BUILD_MAX]);

/** The key that signs a phone's requalification runs: the first one that came
 * stays.  DG_E_AUTH: another was there. */
DG_NODISCARD enum dg_status dg_store_runner(struct dg_store *store,
                                            const struct dg_hash *subject,
                                            const struct dg_public_key *key,
                                            int64_t now_s);

/** Raise a number that never falls ("policy", "anchors").
 * @param[out] highest  What is there now. */
DG_NODISCARD enum dg_status dg_store_raise(struct dg_store *store,
                                           const char *name,
                                           uint32_t version,
                                           uint32_t *highest);

/** Forget rates of windows that are over, and nonces whose day is. */
DG_NODISCARD enum dg_status dg_store_prune(struct dg_store *store,
                                           int64_t now_s);

#endif
