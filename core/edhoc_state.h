/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_CORE_EDHOC_STATE_H
#define DG_CORE_EDHOC_STATE_H

#include "dosegate/edhoc.h"

/* What both roles share in keeping a context. */

/** End a step: move to @p next after DG_OK, wipe everything otherwise.  Hands
 * @p status through. */
DG_NODISCARD enum dg_status dg_edhoc_settle(struct dg_edhoc *edhoc,
                                            enum dg_status status,
                                            enum dg_edhoc_state next);

/** Forget all but PRK_exporter and the EAD_4 that was handed up. */
void dg_edhoc_keep_exporter(struct dg_edhoc *edhoc);

/** Is @p self complete: an ID_CRED of ours and a CRED within bounds? */
bool dg_edhoc_is_self(const struct dg_edhoc_self *self);

/** Is @p peer complete: a CRED within bounds? */
bool dg_edhoc_is_peer(const struct dg_edhoc_peer *peer);

/** May this peer be who the claim names?  Not when it is this end itself
 * (reflection), nor when the claim carried another credential by value. */
bool dg_edhoc_is_other(const struct dg_edhoc_self *self,
                       const struct dg_edhoc_peer *peer,
                       dg_span id_cred);

#endif
