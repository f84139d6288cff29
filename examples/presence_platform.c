/* SPDX-License-Identifier: Apache-2.0 */
#include "presence_platform.h"

/* The platform signs, when its person has shown a finger or a face, with a key
 * that it keeps for that alone (on Android a key with setUserAuthenticationRequired
 * and a CryptoObject of BiometricPrompt).  What it signs is the hash of the very
 * effect: a proof for one dose is none for another, and a yes without a
 * signature is nothing. */
static enum dg_status prove(void *context, const struct dg_hash *what)
{
    const struct example_platform *platform = context;
    struct dg_signature signature;

    if (!platform->ask(platform->ask_context, what, &signature)) {
        return DG_E_AUTH;
    }
    return platform->crypto->es256_verify(
        platform->crypto->context, &platform->key, what, &signature);
}

void example_platform_seam(struct example_platform *platform,
                           struct dg_presence_platform *seam)
{
    *seam = (struct dg_presence_platform){.context = platform, .prove = prove};
}
