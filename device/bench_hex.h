/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_BENCH_HEX_H
#define DG_BENCH_HEX_H

#include <jansson.h>
#include <stdbool.h>

#include "dosegate/crypto.h"

/* Bytes as lower-case hex in the bench's JSON. */
void dg_bench_set_hex(json_t *object, const char *key, dg_span bytes);

/* Exactly as many bytes as there is room for. */
bool dg_bench_get_hex(const json_t *request, const char *key, dg_buf out);
bool dg_bench_get_key(const json_t *request,
                      const char *name,
                      struct dg_public_key *key);

#endif
