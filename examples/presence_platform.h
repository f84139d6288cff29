/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EXAMPLE_PRESENCE_PLATFORM_H
#define EXAMPLE_PRESENCE_PLATFORM_H

#include <stdbool.h>

#include "domain/presence.h"

/* How a platform's own proof of presence, a fingerprint for instance, plugs into
 * domain/presence.h.  tests/unit/test_presence.c runs it. */
struct example_platform {
    const struct dg_crypto *crypto;
    struct dg_public_key key; /* of the platform, enrolled when it was set up */
    void *ask_context;
    /* Show the platform's prompt and wait; false: not this person. */
    bool (*ask)(void *context,
                const struct dg_hash *what,
                struct dg_signature *signature);
};

/** Fill the seam; @p platform lives as long. */
void example_platform_seam(struct example_platform *platform,
                           struct dg_presence_platform *seam);

#endif
