/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_CLI_ATTEST_FILE_H
#define DG_CLI_ATTEST_FILE_H

#include <stdbool.h>

#include <jansson.h>

#include "attest/evidence.h"

/* What the options of "dosegate attest FILE" say. */
struct dg_cli_attest_question {
    const char *file;
    const char *kind;
    const char *challenge; /* hex */
    const char *at;        /* 2026-11-20T12:00:00Z, or seconds since 1970 */
    const char *anchors;
    const char *trust; /* public key file of who signed the anchors */
    const char *known; /* JSON: apps, enrolled keys, reference values */
    const char *app;   /* one app more */
    bool wants_json;
};

/** Explain a piece of evidence.  Gives the exit code: 0 accepted, 1 could not
 * tell (files, unsupported, undecided), 2 rejected. */
int dg_cli_attest_file(const struct dg_cli_attest_question *question);

/* What the operator knows, read from JSON; points into the memory that it
 * owns. */
#define DG_CLI_KNOWN_APPS       16U
#define DG_CLI_KNOWN_COMPONENTS 16U
#define DG_CLI_KNOWN_BYTES      65536U

struct dg_cli_known {
    struct dg_app_identity app[DG_CLI_KNOWN_APPS + 1U];
    size_t apps;
    struct dg_pcr_bank bank[DG_BANKS_MAX];
    struct dg_psa_component component[DG_CLI_KNOWN_COMPONENTS];
    struct dg_public_key key;
    json_t *json; /* names stay in it */
    uint8_t bytes[DG_CLI_KNOWN_BYTES];
    size_t used;
};

/**
 * Read the file of --known into a context; complains on stderr itself.
 *
 * @param path  NULL: nothing is known.
 */
bool dg_cli_known_read(const char *path,
                       struct dg_cli_known *known,
                       struct dg_appraisal_context *context);

/** Bytes of lower- or upper-case hex, kept in @p known; false when @p text is
 * none.  NULL is no bytes. */
bool dg_cli_known_hex(struct dg_cli_known *known,
                      const char *text,
                      dg_span *bytes);

/** Tell people. */
void dg_cli_attest_explain(const struct dg_appraisal *appraisal);

/** Tell programs. */
void dg_cli_attest_print_json(const struct dg_appraisal *appraisal);

#endif
