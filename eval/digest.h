/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_DIGEST_H
#define DG_EVAL_DIGEST_H

#include <stdbool.h>

/** SHA-256 of a file, 64 hex digits; false: it cannot be read. */
bool dg_digest_file(const char *path, char digest[65]);

#endif
