/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_PAIR_STORE_H
#define DG_PAIR_STORE_H

#include "dosegate/controller.h"
#include "dosegate/crypto.h"
#include "dosegate/status.h"

/* What pairing left on this phone, in one private file ("phone") with a
 * digest against accidents: half a key is never used. */

/**
 * Load it.
 *
 * @param directory  A private directory, opened.
 *
 * @retval DG_OK         @p phone is filled; else it is untouched.
 * @retval DG_E_STATE    Not paired.
 * @retval DG_E_AUTH     The file is not ours alone.
 * @retval DG_E_CORRUPT  The file is damaged: pair again.
 * @retval DG_E_PORT     The system or the crypto port failed.
 */
DG_NODISCARD enum dg_status dg_pair_store_load(int directory,
                                               const struct dg_crypto *crypto,
                                               struct dg_phone *phone);

/** Replace it; on DG_OK it survives a power cut.
 * @retval DG_OK, DG_E_PORT. */
DG_NODISCARD enum dg_status dg_pair_store_save(int directory,
                                               const struct dg_crypto *crypto,
                                               const struct dg_phone *phone);

#endif
