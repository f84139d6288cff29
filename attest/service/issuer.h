/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_ATTEST_ISSUER_H
#define DG_ATTEST_ISSUER_H

#include "attest/service/policy_list.h"
#include "attest/service/request.h"
#include "attest/service/store.h"

/* From a request to a ticket, or to a refusal that says why. */
struct dg_issuer {
    const struct dg_crypto *crypto;
    struct dg_store *store;
    const struct dg_secret *secret; /* the verifier's                        */
    const struct dg_policy_list *list;
    const struct dg_anchors *anchors; /* NULL: Android and Apple UNDECIDED   */
    uint32_t subject_per_h; /* tickets for one phone in an hour, 1 ..        */
};

enum dg_issue_result {
    DG_ISSUE_NONE = 0,
    DG_ISSUE_TICKET = 1,
    DG_ISSUE_BAD_REQUEST = 2, /* not of the form                             */
    DG_ISSUE_REJECTED = 3,    /* evidence does not hold, or shows too little */
    DG_ISSUE_UNSUPPORTED = 4, /* evidence that we cannot check               */
    DG_ISSUE_UNDECIDED = 5,   /* something that we need is not there         */
    DG_ISSUE_REPLAY = 6,      /* the nonce was spent                         */
    DG_ISSUE_TOO_MANY = 7,    /* this phone asks too often                   */
    DG_ISSUE_FAILED = 8,      /* store or crypto failed                      */
};

#define DG_ISSUE_RESULTS 9U

struct dg_issue {
    enum dg_issue_result result;
    struct dg_request_problem problem; /* unless TICKET                      */
    char note[DG_REQUEST_TEXT_MAX];    /* with TICKET: why not qualified; "" */
    struct dg_hash subject;            /* all zero before it is known        */
    struct dg_attestation attestation;
    size_t size;
    uint8_t ticket[DG_ATTEST_TICKET_MAX];
};

/**
 * Judge a request.
 *
 * @param now_s       Seconds since 1970.
 * @param[out] issue  Always filled.
 */
void dg_issuer_run(const struct dg_issuer *issuer,
                   const struct dg_ticket_request *request,
                   int64_t now_s,
                   struct dg_issue *issue);

/** "ticket", "bad-request", ...: for metrics and logs. */
const char *dg_issue_name(enum dg_issue_result result);

/** Does this phone belong to the first @p percent of a hundred that may try
 * this build?  The same answer for ever.  DG_E_PORT: crypto failed. */
DG_NODISCARD enum dg_status dg_issuer_stage(const struct dg_crypto *crypto,
                                            const struct dg_hash *subject,
                                            const char *build,
                                            uint8_t percent,
                                            bool *is_in);

#endif
