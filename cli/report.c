/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto_openssl.h"
#include "eval/digest.h"
#include "eval/file.h"
#include "eval/lab_key.h"
#include "eval/lab_token.h"
#include "eval/output/make.h"
#include "eval/run_file.h"
#include "place.h"
#include "trusted.h"
#include "verbs.h"

#define FAILED_CHECK 2

static const char help[] =
    "usage: dosegate report RUN [--format NAME] [--out DIR] [--sbom FILE]\n"
    "                       [--key KEY] [--sign KEY [--pin-file FILE]] [--dir "
    "DIR]\n"
    "\n"
    "Make outputs from a signed run file.  The file is checked first; nothing\n"
    "is made from one that was altered or that a lab signed whom you do not\n"
    "trust.\n"
    "\n"
    "  --format NAME  html    the report, one page (default: all of these)\n"
    "                 pdf     the report on A4\n"
    "                 junit   JUnit XML, for build servers\n"
    "                 label   the security facts: SVG with a QR code, JSON, "
    "text\n"
    "                 etr     evaluation technical report by work units of "
    "the\n"
    "                         CEM: HTML, JSON\n"
    "                 sarif   SARIF 2.1.0, for viewers of findings\n"
    "                 oscal   OSCAL 1.2.1 assessment results\n"
    "                 csaf    CSAF 2.0, profile VEX\n"
    "                 intoto  in-toto test result and verification summary in\n"
    "                         DSSE, signed; only where the lab's key is\n"
    "                 sequences  what was enough to fail under fuzzing\n"
    "                 bundle  threat model, risks, traceability, views, tests "
    "and\n"
    "                         components, for a regulator: a folder\n"
    "                 all     every one of them\n"
    "  --out DIR      they go there (default: the folder of the run file)\n"
    "  --sbom FILE    CycloneDX or SPDX list of components (JSON), checked "
    "and\n"
    "                 put into the bundle\n"
    "  --key KEY      public key of the lab that you trust (default: this\n"
    "                 machine's own lab key)\n"
    "  --sign KEY     for intoto, the key that signed the run: a key file, or\n"
    "                 pkcs11:... for a token (default: the lab's own)\n"
    "  --pin-file FILE  PIN of the token (default: its pin-source, or asked)\n"
    "  --dir DIR      where that lives (default as dosegate up)\n"
    "\n"
    "Exit codes: 0 written, 1 could not write, 2 altered or not trusted.\n";

static void tell(const char *line)
{
    (void)printf("%s\n", line);
}

/* Read a run that the caller may believe. */
static int read_run(const struct dg_crypto *crypto,
                    const char *path,
                    const struct dg_public_key *trusted,
                    struct dg_run *run,
                    struct dg_run_origin *origin)
{
    struct dg_run_file_check check;

    if (dg_run_file_read(crypto, path, trusted, run, &check) != DG_OK) {
        (void)fprintf(stderr, "dosegate report: %s\n", check.why.text);
        return DG_CLI_FAILED;
    }
    *origin = check.origin;
    if (check.state == DG_RUN_FILE_VALID) {
        return DG_CLI_OK;
    }
    (void)fprintf(stderr,
                  "dosegate report: %s: %s%s\n",
                  path,
                  check.why.text,
                  (check.state == DG_RUN_FILE_OTHER_SIGNER)
                      ? "; name the key of the lab that you trust with --key"
                      : "");
    return (check.state == DG_RUN_FILE_NOT_A_RUN) ? DG_CLI_FAILED
                                                  : FAILED_CHECK;
}

/* The folder of the run, when none was named. */
static bool choose_out(const char *named,
                       const char *path,
                       char out[DG_CLI_PATH_MAX])
{
    const char *slash = strrchr(path, '/');
    const size_t size = (slash == path) ? 1U : (size_t)(slash - path);
    const char *from = (named != NULL) ? named : path;
    size_t length = strlen(from);

    if (named == NULL) {
        from = (slash == NULL) ? "." : path;
        length = (slash == NULL) ? 1U : size;
    }
    if (length >= DG_CLI_PATH_MAX) {
        (void)fprintf(stderr, "dosegate report: %s: too long\n", from);
        return false;
    }
    memcpy(out, from, length);
    out[length] = '\0';
    if ((mkdir(out, 0755) != 0) && (errno != EEXIST)) {
        (void)fprintf(
            stderr, "dosegate report: %s: %s\n", out, strerror(errno));
        return false;
    }
    return true;
}

/* What the bundle takes beside the run. */
struct beside {
    struct dg_profile profile;
    struct dg_catalogue catalogue;
    struct dg_sbom sbom;
    bool has_profile;
    bool has_catalogue;
    bool has_sbom;
};

/* The profile of the run is the file with its digest, and no other. */
static void find_profile(const char *spec,
                         const struct dg_run *run,
                         struct beside *beside)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789-";
    const char *id = run->head.profile_id;
    char path[512];
    char digest[65] = "";

    if ((id[0] == '\0') || (id[strspn(id, letters)] != '\0')) {
        return;
    }
    (void)snprintf(path, sizeof path, "%s/profiles/%s.yaml", spec, id);
    beside->has_profile =
        dg_digest_file(path, digest) &&
        (strcmp(digest, run->head.profile_digest) == 0) &&
        (dg_profile_open(path, &beside->profile, NULL) == DG_OK);
    if (!beside->has_profile) {
        tell("the profile of this run is not here: the bundle has no threat "
             "model of it");
    }
}

static bool read_sbom(const char *path, struct beside *beside)
{
    struct dg_problem problem = {""};
    dg_span bytes = {NULL, 0};
    enum dg_status status =
        dg_file_read(path, DG_SBOM_SIZE_MAX, &bytes, &problem);

    if (status == DG_OK) {
        status = dg_sbom_read(bytes, &beside->sbom, &problem);
        beside->has_sbom = true;
    }
    dg_file_free(bytes);
    if (status != DG_OK) {
        (void)fprintf(stderr, "dosegate report: %s: %s\n", path, problem.text);
        return false;
    }
    for (const struct dg_sbom_finding *one = beside->sbom.findings; one != NULL;
         one = one->next) {
        /* It quotes the file, which is the maker's. */
        dg_problem_set(&problem,
                       "%.120s: %s: %s: %s",
                       path,
                       one->rule,
                       one->place,
                       one->text);
        (void)printf("%s\n", problem.text);
    }
    return true;
}

static bool open_beside(const char *sbom,
                        const char *format,
                        const struct dg_run *run,
                        struct beside *beside)
{
    const char *named = getenv("DOSEGATE_SPEC");
    const char *spec = (named != NULL) ? named : DG_SPEC_DIR;
    char path[512];

    *beside = (struct beside){.has_profile = false};
    if ((strcmp(format, "bundle") != 0) && (strcmp(format, "all") != 0)) {
        return true;
    }
    find_profile(spec, run, beside);
    (void)snprintf(path, sizeof path, "%s/catalogue", spec);
    beside->has_catalogue =
        run->has_table &&
        (dg_catalogue_open(path, &run->table, &beside->catalogue, NULL) ==
         DG_OK);
    return (sbom == NULL) || read_sbom(sbom, beside);
}

static void close_beside(struct beside *beside)
{
    dg_profile_free(&beside->profile);
    dg_catalogue_free(&beside->catalogue);
    dg_sbom_free(&beside->sbom);
}

/* What was asked for. */
struct wish {
    const char *format;
    const char *out;
    const char *dir;
    const char *sbom;
    const char *sign; /* key that signs; NULL: the lab's own, if it is here */
    const char *pin_file; /* of a token */
};

/* The lab's key, if it is here: it signs what is signed.  None is made.  False:
 * one was named and cannot be used; said on stderr. */
static bool open_key(struct dg_crypto *crypto,
                     const struct wish *wish,
                     struct dg_lab_key *key,
                     bool *has_key)
{
    char state[DG_CLI_PATH_MAX];
    char path[DG_CLI_PATH_MAX] = "";
    const char *name = (wish->sign != NULL) ? wish->sign : path;
    struct dg_problem problem = {""};

    *has_key = false;
    if ((wish->sign == NULL) && (!dg_cli_place(wish->dir, state) ||
                                 !dg_cli_join(state, "lab.key", path))) {
        return false;
    }
    if (!dg_lab_token_is_uri(name) && (access(name, R_OK) != 0)) {
        if (wish->sign == NULL) {
            return true;
        }
        (void)fprintf(
            stderr, "dosegate report: %s: %s\n", name, strerror(errno));
        return false;
    }
    if (dg_lab_any_open(crypto, name, wish->pin_file, key, &problem) != DG_OK) {
        (void)fprintf(stderr, "dosegate report: %s\n", problem.text);
        return wish->sign == NULL;
    }
    *has_key = true;
    return true;
}

static int make(struct dg_crypto *crypto,
                const struct dg_run *run,
                const struct dg_run_origin *origin,
                const struct wish *wish)
{
    struct dg_lab_key key = {0};
    struct dg_problem problem = {""};
    struct beside beside;
    bool has_key = false;
    int code = DG_CLI_FAILED;

    if (open_beside(wish->sbom, wish->format, run, &beside) &&
        open_key(crypto, wish, &key, &has_key)) {
        const struct dg_make_order order = {
            .crypto = crypto,
            .run = run,
            .origin = origin,
            .key = has_key ? &key : NULL,
            .out = wish->out,
            .profile = beside.has_profile ? &beside.profile : NULL,
            .catalogue = beside.has_catalogue ? &beside.catalogue : NULL,
            .sbom = beside.has_sbom ? &beside.sbom : NULL,
        };

        if (dg_make_outputs(&order, wish->format, tell, &problem) == DG_OK) {
            code = DG_CLI_OK;
        } else {
            (void)fprintf(stderr, "dosegate report: %s\n", problem.text);
        }
        dg_lab_key_wipe(&key);
        dg_lab_token_close();
    }
    close_beside(&beside);
    return code;
}

int dg_cli_report(int argc, char **argv)
{
    const char *format = "all";
    const char *out_name = NULL;
    const char *key_path = NULL;
    const char *dir = NULL;
    const char *sbom = NULL;
    const char *sign = NULL;
    const char *pin_file = NULL;
    const char *file = NULL;
    const struct dg_cli_option options[] = {{"--format", &format, NULL},
                                            {"--sbom", &sbom, NULL},
                                            {"--sign", &sign, NULL},
                                            {"--pin-file", &pin_file, NULL},
                                            {"--out", &out_name, NULL},
                                            {"--key", &key_path, NULL},
                                            {"--dir", &dir, NULL}};
    struct dg_crypto crypto;
    struct dg_public_key trusted;
    struct dg_run run;
    struct dg_run_origin origin;
    char out[DG_CLI_PATH_MAX];
    bool has_trusted = false;
    int code = DG_CLI_FAILED;
    const int asked = dg_cli_options(
        argc, argv, help, options, sizeof options / sizeof options[0], &file);

    if (asked != 0) {
        return (asked == 2) ? DG_CLI_OK : DG_CLI_FAILED;
    }
    if ((file == NULL) || !dg_make_knows(format)) {
        (void)fprintf(stderr,
                      "dosegate report: %s%.32s; see --help\n",
                      (file == NULL) ? "name the run file" : "no format ",
                      (file == NULL) ? "" : format);
        return DG_CLI_FAILED;
    }
    if ((sbom != NULL) && (strcmp(format, "bundle") != 0) &&
        (strcmp(format, "all") != 0)) {
        (void)fprintf(stderr,
                      "dosegate report: --sbom is for --format bundle\n");
        return DG_CLI_FAILED;
    }
    if (dg_crypto_openssl_init(&crypto) != DG_OK) {
        (void)fprintf(stderr, "dosegate report: no usable OpenSSL 3\n");
        return DG_CLI_FAILED;
    }
    dg_run_init(&run);
    if (dg_cli_trusted(
            &crypto, "report", key_path, dir, &trusted, &has_trusted)) {
        code = read_run(
            &crypto, file, has_trusted ? &trusted : NULL, &run, &origin);
    }
    if ((code == DG_CLI_OK) && !choose_out(out_name, file, out)) {
        code = DG_CLI_FAILED;
    }
    if (code == DG_CLI_OK) {
        const struct wish wish = {format, out, dir, sbom, sign, pin_file};

        code = make(&crypto, &run, &origin, &wish);
    }
    dg_run_free(&run);
    dg_crypto_openssl_free(&crypto);
    return code;
}
