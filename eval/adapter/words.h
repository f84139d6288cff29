/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_ADAPTER_WORDS_H
#define DG_ADAPTER_WORDS_H

#include <jansson.h>

#include "dosegate/message.h"

/* The product's answers in the words of the adapter contract. */

/** The reason as one of the contract's words: auth, limit, window, ... */
const char *dg_words_reason(enum dg_reason reason);

/** {"now_s":..,"outcome":"delivered",...} */
json_t *dg_words_status(const struct dg_device_status *status);

/** {"ok":true,"result":"refused","reason":"window","headroom_mU":..,
 *   "status":{..}} */
json_t *dg_words_answer(const struct dg_answer *answer);

json_t *dg_words_failure(const char *what);
json_t *dg_words_result(const char *result);

/** Who the product is; @p digest of its program, 64 hex digits.
 * @param is_fixed  Its program cannot be replaced: it claims no updates. */
json_t *dg_words_hello(const char *digest, bool is_fixed);

#endif
