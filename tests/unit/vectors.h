/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_TEST_VECTORS_H
#define DG_TEST_VECTORS_H

#include <jansson.h>

#include "dosegate/span.h"

/* Published test vectors, for tests only.  Any other fault than an absent
 * file fails the test that asked. */

/** Load a JSON file of the folder of vectors; skip() the test, visibly, when
 * it is not there. */
json_t *vectors_load(const char *name);

/** Decode hexadecimal into @p room.  NULL gives {NULL, 0}. */
dg_span vectors_hex(const char *hex, dg_buf room);

/** The member @p name of @p object, decoded.  It must be there. */
dg_span vectors_get(const json_t *object, const char *name, dg_buf room);

#endif
