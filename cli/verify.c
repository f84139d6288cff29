/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/verify.h"

#include <stdio.h>
#include <string.h>

#include "crypto_openssl.h"
#include "journal_verify.h"
#include "place.h"
#include "trusted.h"
#include "verbs.h"

static const char help[] =
    "usage: dosegate verify FILE [--key KEY] [--second KEY] [--dir DIR]\n"
    "                       [--since OLD]\n"
    "\n"
    "Say whether a run file, or an output of dosegate report made from one,\n"
    "is valid, altered (and where), or signed by someone else; or whether an\n"
    "exported journal is what the pump signed.  Offline.  A PDF, the pages of\n"
    "a bundle and signed envelopes cannot be compared: make them again from "
    "the\n"
    "run file.\n"
    "\n"
    "  --key FILE   public key of the lab that you trust (default: this\n"
    "               machine's own lab key); of a journal, the pump's key\n"
    "               (default: journal.key, made by the first export)\n"
    "  --second FILE  public key of the second evaluator, whose sign-off must "
    "be\n"
    "               there\n"
    "  --since OLD  an earlier journal of the pump, that this one must "
    "continue\n"
    "  --dir DIR    where this machine's lab key lives (default as dosegate "
    "up)\n"
    "\n"
    "Exit codes: 0 valid, 1 could not check, 2 altered or not trusted.\n";

static int tell(const char *file,
                const struct dg_verify_result *result,
                bool has_second)
{
    static const char *const word[] = {
        [DG_VERIFY_NONE] = "not checked",
        [DG_VERIFY_VALID] = "valid",
        [DG_VERIFY_ALTERED] = "ALTERED",
        [DG_VERIFY_OTHER_SIGNER] = "signed by someone else",
        [DG_VERIFY_NOT_OURS] = "not a Dosegate file",
        [DG_VERIFY_NO_RUN] = "its run file is missing",
        [DG_VERIFY_NOT_COMPARED] = "cannot be compared"};
    const char *headline = (result->cause == DG_VERIFY_CAUSE_SECOND_MISSING)
                               ? "not confirmed"
                           : (result->cause == DG_VERIFY_CAUSE_SECOND_KEY)
                               ? "confirmed by someone else"
                               : word[result->state];

    (void)printf("%s: %s\n  %s\n", file, headline, result->why.text);
    if (result->cause != DG_VERIFY_CAUSE_NONE) {
        (void)printf("  what to do: %s\n", dg_verify_advice(result->cause));
    }
    if (result->second.is_there) {
        (void)printf("  confirmed by %s on %.10s with the key %s%s\n",
                     result->second.name,
                     result->second.moment,
                     result->second.key_id,
                     has_second ? ""
                                : "; name that person's public key with "
                                  "--second to have it checked");
    }
    if (result->origin.key_id[0] != '\0') {
        (void)printf("  signed by lab key %s, run sha256 %s\n",
                     result->origin.key_id,
                     result->origin.digest);
    }
    if (result->state == DG_VERIFY_VALID) {
        return DG_CLI_OK;
    }
    return ((result->state == DG_VERIFY_ALTERED) ||
            (result->state == DG_VERIFY_OTHER_SIGNER))
               ? 2
               : DG_CLI_FAILED;
}

int dg_cli_verify(int argc, char **argv)
{
    const char *key_path = NULL;
    const char *dir = NULL;
    const char *file = NULL;
    const char *since = NULL;
    const char *second_path = NULL;
    const struct dg_cli_option options[] = {{"--key", &key_path, NULL},
                                            {"--dir", &dir, NULL},
                                            {"--second", &second_path, NULL},
                                            {"--since", &since, NULL}};
    struct dg_crypto crypto;
    struct dg_public_key trusted;
    struct dg_verify_result result;
    struct dg_public_key second;
    bool has_trusted = false;
    bool has_second = false;
    int code = DG_CLI_FAILED;
    const int asked = dg_cli_options(argc, argv, help, options, 4U, &file);

    if (asked != 0) {
        return (asked == 2) ? DG_CLI_OK : DG_CLI_FAILED;
    }
    if (file == NULL) {
        (void)fprintf(stderr, "dosegate verify: name the file; see --help\n");
        return DG_CLI_FAILED;
    }
    if (dg_crypto_openssl_init(&crypto) != DG_OK) {
        (void)fprintf(stderr, "dosegate verify: no usable OpenSSL 3\n");
        return DG_CLI_FAILED;
    }
    memset(&result, 0, sizeof result);
    if (dg_cli_is_journal(file)) {
        code =
            dg_cli_verify_journal(&crypto, file, key_path, dir, since, false);
    } else if (since != NULL) {
        (void)fprintf(stderr,
                      "dosegate verify: --since is for journals, and %s is "
                      "none\n",
                      file);
    } else if (dg_cli_trusted(
                   &crypto, "verify", key_path, dir, &trusted, &has_trusted) &&
               ((second_path == NULL) || dg_cli_trusted(&crypto,
                                                        "verify",
                                                        second_path,
                                                        dir,
                                                        &second,
                                                        &has_second))) {
        const enum dg_status status =
            dg_verify_signed_off(&crypto,
                                 file,
                                 has_trusted ? &trusted : NULL,
                                 (second_path != NULL) ? &second : NULL,
                                 &result);

        if (status == DG_OK) {
            code = tell(file, &result, second_path != NULL);
        } else {
            (void)fprintf(stderr, "dosegate verify: %s\n", result.why.text);
        }
    }
    dg_crypto_openssl_free(&crypto);
    return code;
}
