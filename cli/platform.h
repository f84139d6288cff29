/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_CLI_PLATFORM_H
#define DG_CLI_PLATFORM_H

#include <jansson.h>

/** Start the platform's program with three words and read the JSON list that
 * it writes; bounded in time (30 s) and size.  NULL after a complaint on
 * stderr; the caller owns the list. */
json_t *dg_cli_platform_ask(const char *program,
                            const char *challenge,
                            const char *key,
                            const char *presence);

#endif
