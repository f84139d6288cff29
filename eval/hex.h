/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_HEX_H
#define DG_EVAL_HEX_H

#include <stdbool.h>

#include "dosegate/span.h"

/** Write 2 * size lower-case digits and a zero byte to @p out. */
void dg_hex_put(dg_span bytes, char *out);

/** Read exactly @p capacity bytes from exactly as many lower-case digit pairs;
 * false, with @p out in part written, for anything else. */
bool dg_hex_get(const char *text, dg_buf out);

#endif
