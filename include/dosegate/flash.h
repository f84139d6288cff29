/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_FLASH_H
#define DG_FLASH_H

#include <stdint.h>

#include "dosegate/span.h"
#include "dosegate/status.h"

/* The flash port: NOR flash, as the smallest devices have it.  Erased bytes
 * read 0xFF; programming only clears bits; power may go at any moment, and
 * then a program or an erase is done in part. */
struct dg_flash {
    void *context;
    uint32_t sector_size;  /* bytes, a power of two, at least 4096 */
    uint32_t sector_count; /* at least DG_FLASH_SECTORS_MIN        */

    /* Fill @out from byte @offset.  DG_E_PORT: failed or out of bounds. */
    enum dg_status (*read)(void *context, uint32_t offset, dg_buf out);

    /* Program erased bytes.  DG_E_PORT: failed, out of bounds, or a byte was
     * not erased. */
    enum dg_status (*program)(void *context, uint32_t offset, dg_span bytes);

    /* Erase one sector, 0 .. sector_count - 1. */
    enum dg_status (*erase)(void *context, uint32_t sector);
};

/* Who owns which sectors.  Regions never overlap, and none is shared. */
#define DG_FLASH_SETTINGS_FIRST   0U
#define DG_FLASH_SETTINGS_SECTORS 2U /* A and B */
#define DG_FLASH_INSULIN_FIRST    2U
#define DG_FLASH_INSULIN_SECTORS  72U /* ledger: a day of the highest rates */
#define DG_FLASH_GLUCAGON_FIRST   74U
#define DG_FLASH_GLUCAGON_SECTORS 8U /* ledger: doses only, no programme */
#define DG_FLASH_JOURNAL_FIRST    82U
#define DG_FLASH_JOURNAL_SECTORS  16U
#define DG_FLASH_SECTORS_MIN      98U

#endif
