/* SPDX-License-Identifier: Apache-2.0 */
#include "backend.h"

#include <stddef.h>
#include <string.h>

static const struct dg_backend *const backends[DG_BACKENDS] = {
    &dg_backend_process, &dg_backend_linux};

const struct dg_backend *dg_backend_at(unsigned index)
{
    return (index < DG_BACKENDS) ? backends[index] : NULL;
}

const struct dg_backend *dg_backend_named(const char *name)
{
    for (unsigned i = 0; i < DG_BACKENDS; i++) {
        if (strcmp(backends[i]->name, name) == 0) {
            return backends[i];
        }
    }
    return NULL;
}
