/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_CORE_BOUNDS_WIRE_H
#define DG_CORE_BOUNDS_WIRE_H

#include "dosegate/bounds.h"
#include "dosegate/cbor.h"

/* Bounds as bytes: an array of all of them, in the order of enum dg_bound.  In
 * a profile, in the settings and in an answer it is the same. */

/** Each value 0 .. INT32_MAX. */
void dg_bounds_write(struct dg_cbor_writer *writer,
                     const struct dg_bounds *bounds);

/** Another number of them fails the reader with DG_E_MALFORMED. */
void dg_bounds_read(struct dg_cbor_reader *reader, struct dg_bounds *bounds);

#endif
