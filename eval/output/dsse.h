/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_OUTPUT_DSSE_H
#define DG_EVAL_OUTPUT_DSSE_H

#include "dosegate/crypto.h"
#include "eval/html.h"
#include "eval/lab_key.h"

/**
 * Put a statement into a DSSE envelope (version 1.0.2) and sign it.
 *
 * Signed are the bytes PAE("application/vnd.in-toto+json", payload); the
 * signature is ECDSA over P-256 with SHA-256 in DER, which is what the tools of
 * in-toto read.  keyid is the id of the lab key: a hint, not signed.
 *
 * @param[out] out  Initialised here in any case.
 *
 * @retval DG_OK      @p out holds the envelope, one line.
 * @retval DG_E_PORT  Memory or crypto failed.
 */
DG_NODISCARD enum dg_status dg_dsse_seal(const struct dg_crypto *crypto,
                                         const struct dg_lab_key *key,
                                         dg_span payload,
                                         struct dg_html *out);

/** Write a P-256 public key as PEM (RFC 5480), for the verifiers of others.
 * DG_E_PORT: memory is out. */
DG_NODISCARD enum dg_status dg_dsse_public_key(
    const struct dg_public_key *public_key, struct dg_html *out);

#endif
