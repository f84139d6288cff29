/* SPDX-License-Identifier: Apache-2.0 */
#include "attest/evidence.h"

#include <string.h>

/* The first bytes of each kind.  A guess for people; a service is told. */
static const struct {
    enum dg_evidence_kind kind;
    size_t skip;
    const char *bytes;
    size_t size;
} signs[] = {
    {DG_KIND_ANDROID_KEY, 0U, "-----BEGIN CERTIFICATE-----", 27U},
    {DG_KIND_ANDROID_KEY, 0U, "\x30\x82", 2U},
    {DG_KIND_APPLE_ATTESTATION,
     1U,
     "\x63"
     "fmt",
     4U},
    {DG_KIND_APPLE_ASSERTION,
     1U,
     "\x69"
     "signature",
     10U},
    {DG_KIND_APPLE_ASSERTION,
     1U,
     "\x71"
     "authenticatorData",
     18U},
    {DG_KIND_TPM_QUOTE,
     2U,
     "\xff"
     "TCG",
     4U},
    {DG_KIND_PSA_TOKEN, 0U, "\xd2\x84", 2U},
    {DG_KIND_PSA_TOKEN, 0U, "\xd1\x84", 2U},
};

enum dg_evidence_kind dg_evidence_detect(dg_span evidence)
{
    for (size_t i = 0; i < (sizeof(signs) / sizeof(signs[0])); i++) {
        if ((evidence.size >= (signs[i].skip + signs[i].size)) &&
            (memcmp(&evidence.at[signs[i].skip],
                    signs[i].bytes,
                    signs[i].size) == 0)) {
            return signs[i].kind;
        }
    }
    return DG_KIND_NONE;
}
