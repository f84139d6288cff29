/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VECTOR_FILE_H
#define VECTOR_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "attest/anchors.h"
#include "dosegate/span.h"

/* Published vectors, and the bytes and words in them. */

/** Is that folder of vectors there?  Says "skipped" if it is not. */
bool vectors_are_there(const char *folder);

/** The file DG_VECTORS/@p path; free() the bytes.  Fails the test if it is not
 * there. */
dg_buf vector_bytes(const char *path);

/** ... as JSON, or as text. */
json_t *vector_json(const char *path);
char *file_text(const char *path);

/** A member that is text; "" when it is not there. */
const char *vector_text(const json_t *object, const char *name);

/** A member in hex; free() the bytes. */
dg_buf vector_hex(const json_t *object, const char *name);
dg_buf hex_bytes(const char *text);

/** "2026-11-20T12:00:00Z" */
int64_t vector_time(const json_t *object, const char *name);

/** A list of roots, JSON, with the one whose certificate (PEM) is at
 * DG_VECTORS/@p path; free() it. */
char *root_list(const char *path, const char *kind);

/** Anchors with these roots (JSON) and this list (JSON, or NULL: empty),
 * signed with a key of the moment and opened again at @p at_s. */
struct dg_anchors *signed_anchors(const char *roots_json,
                                  const char *status_json,
                                  int64_t at_s);

#endif
