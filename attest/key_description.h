/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_ATTEST_KEY_DESCRIPTION_H
#define DG_ATTEST_KEY_DESCRIPTION_H

#include <stdbool.h>
#include <stdint.h>

#include "dosegate/span.h"

/* The attestation extension of Android, 1.3.6.1.4.1.11129.2.1.17, as it
 * stands; what it is worth is judged in android.c. */
enum dg_authorization {
    DG_AUTH_PURPOSE = 0, /* bit n: purpose n */
    DG_AUTH_ORIGIN,
    DG_AUTH_NO_AUTH_REQUIRED,
    DG_AUTH_USER_AUTH_TYPE,
    DG_AUTH_TIMEOUT_S,
    DG_AUTH_PRESENCE_REQUIRED,
    DG_AUTH_CONFIRMATION_REQUIRED,
    DG_AUTH_ROOT_OF_TRUST,
    DG_AUTH_OS_VERSION,
    DG_AUTH_OS_PATCH,
    DG_AUTH_VENDOR_PATCH,
    DG_AUTH_BOOT_PATCH,
    DG_AUTH_APP,
    DG_AUTH_UNUSED, /* known, checked for its form, of no use here */
};

#define DG_AUTHORIZATIONS 14U

struct dg_authorization_list {
    bool is_stated[DG_AUTHORIZATIONS];
    uint64_t number[DG_AUTHORIZATIONS]; /* of numbers and sets           */
    dg_span boot_key;                   /* of the root of trust          */
    bool is_locked;
    uint64_t boot_state; /* 0 verified, 1 self-signed, 2 unverified, 3 failed */
    dg_span app;         /* contents of attestationApplicationId         */
};

struct dg_key_description {
    uint64_t version;
    uint64_t
        attestation_level; /* 0 software, 1 trusted environment, 2 own chip */
    uint64_t keymint_version;
    uint64_t keymint_level;
    dg_span challenge;
    struct dg_authorization_list software;
    struct dg_authorization_list hardware;
    const char *oddity; /* what was tolerated, in words; NULL: nothing */
};

enum dg_description_fault {
    DG_DESCRIPTION_OK = 0,
    DG_DESCRIPTION_MALFORMED = 1,
    DG_DESCRIPTION_DUPLICATE = 2, /* a tag twice              */
    DG_DESCRIPTION_UNKNOWN = 3,   /* a tag that is none of ours: unsupported */
};

/**
 * Read the contents of the extension.
 *
 * Exactly eight fields, nothing behind them.  A single authorization whose
 * contents are malformed is not stated, as on phones in the field.
 *
 * @param[out] tag  The tag concerned, for DUPLICATE and UNKNOWN.
 */
enum dg_description_fault dg_key_description_read(
    dg_span extension, struct dg_key_description *description, uint32_t *tag);

#define DG_APP_PACKAGES_MAX 64U

struct dg_application_id {
    dg_span name; /* of the first package */
    uint64_t version;
    uint32_t packages;
    dg_span signer[4];
    uint32_t signers;
};

/** Read an attestationApplicationId; false when it is malformed. */
bool dg_application_id_read(dg_span contents, struct dg_application_id *app);

#endif
