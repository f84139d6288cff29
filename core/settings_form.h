/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_CORE_SETTINGS_FORM_H
#define DG_CORE_SETTINGS_FORM_H

#include "dosegate/settings.h"

/* The bytes of the settings, by one table for both ways: what is written is
 * what is read.  They go between flash and settings in pieces, so that no
 * second copy of any key is ever held. */

struct dg_form_body {
    uint32_t at;   /* first byte, from the beginning of the flash      */
    uint32_t size; /* read: of the body; write: room, then what it took */
    uint32_t crc;  /* out: CRC-32 of all its bytes                     */
};

/**
 * Write @p settings into erased bytes.
 *
 * @retval DG_OK, DG_E_PORT, DG_E_NO_SPACE (more than body->size).
 */
DG_NODISCARD enum dg_status dg_form_write(const struct dg_flash *flash,
                                          struct dg_form_body *body,
                                          struct dg_settings *settings);

/**
 * Read them back.  Believe nothing of it before crc was compared.
 *
 * @param[in,out] settings  All zero; filled, in part where it fails.
 *
 * @retval DG_OK      The bytes are settings, and nothing is left over.
 * @retval DG_E_PORT  Flash failed.
 * @retval others     They are none.
 */
DG_NODISCARD enum dg_status dg_form_read(const struct dg_flash *flash,
                                         struct dg_form_body *body,
                                         struct dg_settings *settings);

#endif
