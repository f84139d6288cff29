/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_OUTPUT_UUID_H
#define DG_EVAL_OUTPUT_UUID_H

#include "eval/run_file.h"

#define DG_UUID_SIZE 37U

struct dg_uuid {
    char text[DG_UUID_SIZE]; /* "" when it could not be made */
};

/**
 * Name a thing of a run: the same run and name always give the same UUID.
 *
 * Version 5 (RFC 9562, 5.5) in the namespace of addresses, over
 * "dosegate-run:sha256:<digest>/<kind>/<name>"; anyone can make it again.
 *
 * @param kind  "test", "requirement", ...
 * @param name  Within the kind; any text.
 */
struct dg_uuid dg_uuid_of(const struct dg_run_origin *origin,
                          const char *kind,
                          const char *name);

#endif
