/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_CORE_MEMBER_H
#define DG_CORE_MEMBER_H

#include <stddef.h>
#include <stdint.h>

/* A number of a structure, by place and size: for tables that say which member
 * is written where.  1, 2 or 4 bytes in the machine's own order; a small
 * enumeration takes one or four, as the compiler likes. */

/** @param size  1, 2 or 4. */
uint32_t dg_member_get(const uint8_t *at, size_t size);

/** What does not fit is cut off: the caller has asked for the range. */
void dg_member_set(uint8_t *at, size_t size, uint32_t value);

#endif
