/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_PAIR_STORE_H
#define DG_PAIR_STORE_H

#include "dosegate/controller.h"
#include "dosegate/status.h"
#include "vault.h"

/* What pairing left on this phone, in one private file ("phone") that is sealed
 * under the storage key: half a key is never used, and a copied file tells
 * nothing. */

/**
 * Load it.
 *
 * @retval DG_OK         @p phone is filled; else it is untouched.
 * @retval DG_E_STATE    Not paired.
 * @retval DG_E_AUTH     The file is not ours alone.
 * @retval DG_E_CORRUPT  The file is damaged, or sealed elsewhere: pair again.
 * @retval DG_E_PORT     The system or the crypto port failed.
 */
DG_NODISCARD enum dg_status dg_pair_store_load(const struct dg_vault *vault,
                                               struct dg_phone *phone);

/** Replace it; on DG_OK it survives a power cut.
 * @retval DG_OK, DG_E_PORT. */
DG_NODISCARD enum dg_status dg_pair_store_save(const struct dg_vault *vault,
                                               const struct dg_phone *phone);

#endif
