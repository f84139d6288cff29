/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_CLI_VOUCH_H
#define DG_CLI_VOUCH_H

#include "attest/requalification.h"
#include "place.h"

/* How this phone shows what it is: a service that judges, and a program that
 * asks the platform.  On a phone the program is the app's own call of its
 * keystore; here it is a seam.  It is started as
 *
 *   PROGRAM CHALLENGE KEY PRESENCE      (hex digits)
 *
 * and writes a JSON list of {"kind", "bytes"} as docs/attestd.md has it, within
 * 30 s.  Both names are kept in DIR/attestation. */
struct dg_cli_vouch {
    char service[DG_CLI_PATH_MAX];
    char platform[DG_CLI_PATH_MAX];
};

/** What DIR remembers; false, and no complaint, when there is nothing. */
bool dg_cli_vouch_load(const char *dir, struct dg_cli_vouch *vouch);

/** Take what was asked for, where it was, into @p vouch, and remember it;
 * complains itself when one of the two is missing or has a line's end in it. */
bool dg_cli_vouch_take(const char *dir,
                       const char *service,
                       const char *platform,
                       struct dg_cli_vouch *vouch);

/**
 * Nonce, evidence, ticket, pump; complains itself.
 *
 * @param run  A requalification run to go with it; nonce, subject and key are
 *             filled in here; NULL: none.
 */
bool dg_cli_vouch_run(const char *dir,
                      const struct dg_cli_vouch *vouch,
                      struct dg_requalification *run);

#endif
