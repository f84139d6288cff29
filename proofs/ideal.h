/* SPDX-License-Identifier: Apache-2.0 */
/* What a proof assumes of the ports.  Read by Frama-C only, in front of every
 * file (tools/prove). */
#ifndef DG_PROOFS_IDEAL_H
#define DG_PROOFS_IDEAL_H

#include "dosegate/crypto.h"

/* Opening writes its output and nothing else; whether the tag holds, nobody
 * knows before. */
/*@ assigns out.at[0 .. out.capacity - 1] \from sealed;
  @ assigns \result \from sealed;
  @*/
enum dg_status dg_ideal_open(void *context,
                             const struct dg_aead_key *key,
                             size_t tag_size,
                             dg_span aad,
                             dg_span sealed,
                             dg_buf out);

/* As the port's ccm_seal. */
/*@ assigns out.at[0 .. out.capacity - 1] \from plain;
  @ assigns \result \from plain;
  @*/
enum dg_status dg_ideal_seal(void *context,
                             const struct dg_aead_key *key,
                             size_t tag_size,
                             dg_span aad,
                             dg_span plain,
                             dg_buf out);

/*@ predicate dg_ideal_crypto(struct dg_crypto *crypto) =
  @   crypto->ccm_open == &dg_ideal_open &&
  @   crypto->ccm_seal == &dg_ideal_seal;
  @*/

#endif
