/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_CORE_ATTEST_DESK_H
#define DG_CORE_ATTEST_DESK_H

#include "dosegate/device.h"

/* Where the device hands out nonces and takes tickets and policy heads.  Who
 * calls has proven that the controller of the slot speaks; nothing here can
 * make a session fail: what does not hold is not evidence, and that is all. */

/**
 * Make a nonce for the controller in @p slot; it replaces its oldest one.
 *
 * @retval DG_OK, DG_E_PORT (no randomness: there is none then).
 */
DG_NODISCARD enum dg_status dg_desk_nonce(struct dg_device *device,
                                          unsigned slot,
                                          struct dg_attest_nonce *nonce);

/** Take a ticket.  The nonce that it names is spent by trying.
 * @return DG_REASON_NONE, or why it is no evidence. */
enum dg_reason dg_desk_take(struct dg_device *device,
                            unsigned slot,
                            dg_span ticket);

/** Take a policy head; in flash before it counts.
 * @return DG_REASON_NONE, DG_REASON_POLICY or DG_REASON_FAULT. */
enum dg_reason dg_desk_policy(struct dg_device *device, dg_span head);

/** Put what the last ticket of the slot shows into @p evidence. */
void dg_desk_show(const struct dg_device *device,
                  unsigned slot,
                  struct dg_evidence_set *evidence);

#endif
