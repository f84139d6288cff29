/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_CORE_BYTES_H
#define DG_CORE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dosegate/span.h"

/** Compare in time that depends on the size only; sizes are public. */
/*@ requires dg_span_readable(a) && dg_span_readable(b);
  @ assigns  \nothing;
  @ ensures  sizes: \result ==> a.size == b.size;
  @*/
bool dg_bytes_equal(dg_span a, dg_span b);

/** Overwrite, in a way that the compiler keeps. */
/*@ assigns ((uint8_t *)at)[0 .. size - 1]; */
void dg_bytes_wipe(void *at, size_t size);

/** Big-endian integers; @p at has room for 2, 4 or 8 bytes. */
/*@ requires \valid_read(at + (0 .. 1));
  @ assigns  \nothing;
  @ ensures  big_endian: \result == dg_bytes_u16(at);
  @*/
uint16_t dg_bytes_get_u16(const uint8_t *at);
/*@ requires \valid_read(at + (0 .. 3));
  @ assigns  \nothing;
  @ ensures  big_endian: \result == dg_bytes_u32(at);
  @*/
uint32_t dg_bytes_get_u32(const uint8_t *at);
/*@ requires \valid(at + (0 .. 1));
  @ assigns  at[0 .. 1];
  @*/
void dg_bytes_put_u16(uint8_t *at, uint16_t value);
/*@ requires \valid(at + (0 .. 3));
  @ assigns  at[0 .. 3];
  @*/
void dg_bytes_put_u32(uint8_t *at, uint32_t value);

/** CRC-32 (reflected 0xEDB88320, as in IEEE 802.3): against accidents, not
 * against attackers. */
/*@ requires dg_span_readable(bytes);
  @ assigns  \nothing;
  @*/
uint32_t dg_bytes_crc32(dg_span bytes);

/** The same of bytes that came before, whose CRC-32 is @p before (0: none
 * did), and @p bytes. */
/*@ requires dg_span_readable(bytes);
  @ assigns  \nothing;
  @*/
uint32_t dg_bytes_crc32_more(uint32_t before, dg_span bytes);

#endif
