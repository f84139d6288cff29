/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_ATTEST_CHAIN_H
#define DG_ATTEST_CHAIN_H

#include "attest/certificate.h"
#include "attest/judge.h"

/* A chain of certificates, leaf first.  Private to attest/. */
struct dg_chain {
    struct dg_certificate at[DG_EVIDENCE_CHAIN_MAX];
    size_t count;
};

/** Read certificates, DER, one behind the other; fails the judge's steps. */
bool dg_chain_read(struct dg_judge *judge, dg_span der, struct dg_chain *chain);

/** Do issuer and subject follow each other? */
bool dg_chain_check_names(struct dg_judge *judge, const struct dg_chain *chain);

/** Verify the signature of certificate @p which under @p key. */
bool dg_chain_check_signature(struct dg_judge *judge,
                              const struct dg_chain *chain,
                              size_t which,
                              const struct dg_key_view *key);

/** Is certificate @p which valid now?  @p may_be_expired: its end is not
 * asked for. */
bool dg_chain_check_time(struct dg_judge *judge,
                         const struct dg_chain *chain,
                         size_t which,
                         bool may_be_expired);

#endif
