/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_CORE_BYTES_H
#define DG_CORE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dosegate/span.h"

/** Compare in time that depends on the size only; sizes are public. */
bool dg_bytes_equal(dg_span a, dg_span b);

/** Overwrite, in a way that the compiler keeps. */
void dg_bytes_wipe(void *at, size_t size);

/** Big-endian integers; @p at has room for 2, 4 or 8 bytes. */
uint16_t dg_bytes_get_u16(const uint8_t *at);
uint32_t dg_bytes_get_u32(const uint8_t *at);
void dg_bytes_put_u16(uint8_t *at, uint16_t value);
void dg_bytes_put_u32(uint8_t *at, uint32_t value);

/** CRC-32 (reflected 0xEDB88320, as in IEEE 802.3): against accidents, not
 * against attackers. */
uint32_t dg_bytes_crc32(dg_span bytes);

#endif
