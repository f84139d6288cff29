/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_PROVISION_H
#define DG_PROVISION_H

#include "dosegate/crypto.h"
#include "dosegate/flash.h"
#include "dosegate/limits.h"
#include "dosegate/settings.h"
#include "dosegate/status.h"

/* Manufacture and prescription of one virtual pump. */

/**
 * The therapy of one of the published virtual people.
 *
 * @retval DG_OK             @p therapy is filled.
 * @retval DG_E_UNSUPPORTED  Nobody has this name.
 */
DG_NODISCARD enum dg_status dg_provision_therapy(const char *person,
                                                 enum dg_package package,
                                                 struct dg_therapy *therapy);

/** Names that dg_provision_therapy() knows, for messages. */
extern const char dg_provision_people[];

/**
 * Make keys and write a new flash.
 *
 * @retval DG_OK, DG_E_RANGE (therapy), DG_E_PORT.
 */
DG_NODISCARD enum dg_status dg_provision_flash(const struct dg_flash *flash,
                                               const struct dg_crypto *crypto,
                                               const struct dg_therapy *therapy,
                                               dg_seconds now,
                                               uint32_t moved);

#endif
