/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto_openssl.h"
#include "eval/lab_key.h"
#include "eval/output/make.h"
#include "eval/run_file.h"
#include "place.h"
#include "trusted.h"
#include "verbs.h"

#define FAILED_CHECK 2

static const char help[] =
    "usage: dosegate report RUN [--format NAME] [--out DIR] [--key KEY]\n"
    "                       [--dir DIR]\n"
    "\n"
    "Make outputs from a signed run file.  The file is checked first; nothing\n"
    "is made from one that was altered or that a lab signed whom you do not\n"
    "trust.\n"
    "\n"
    "  --format NAME  html    the report, one page (default: all of these)\n"
    "                 junit   JUnit XML, for build servers\n"
    "                 label   the security facts: SVG with a QR code, JSON, text\n"
    "                 etr     evaluation technical report by work units of the\n"
    "                         CEM: HTML, JSON\n"
    "                 sarif   SARIF 2.1.0, for viewers of findings\n"
    "                 oscal   OSCAL 1.2.1 assessment results\n"
    "                 csaf    CSAF 2.0, profile VEX\n"
    "                 intoto  in-toto test result and verification summary in\n"
    "                         DSSE, signed; only where the lab's key is\n"
    "                 all     every one of them\n"
    "  --out DIR      they go there (default: the folder of the run file)\n"
    "  --key KEY      public key of the lab that you trust (default: this\n"
    "                 machine's own lab key)\n"
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

/* The lab's own key, if it is here: it signs what is signed. */
static bool open_key(const struct dg_crypto *crypto,
                     const char *dir,
                     struct dg_lab_key *key)
{
    char state[DG_CLI_PATH_MAX];
    char path[DG_CLI_PATH_MAX];

    return dg_cli_place(dir, state) && dg_cli_join(state, "lab.key", path) &&
           (access(path, R_OK) == 0) &&
           (dg_lab_key_open(crypto, path, key, NULL) == DG_OK);
}

static int make(const struct dg_crypto *crypto,
                const struct dg_run *run,
                const struct dg_run_origin *origin,
                const char *out,
                const char *dir,
                const char *format)
{
    struct dg_lab_key key = {0};
    struct dg_problem problem = {""};
    const bool has_key = open_key(crypto, dir, &key);
    const struct dg_make_order order = {
        .crypto = crypto,
        .run = run,
        .origin = origin,
        .key = has_key ? &key : NULL,
        .out = out,
    };
    const enum dg_status status =
        dg_make_outputs(&order, format, tell, &problem);

    dg_lab_key_wipe(&key);
    if (status != DG_OK) {
        (void)fprintf(stderr, "dosegate report: %s\n", problem.text);
        return DG_CLI_FAILED;
    }
    return DG_CLI_OK;
}

int dg_cli_report(int argc, char **argv)
{
    const char *format = "all";
    const char *out_name = NULL;
    const char *key_path = NULL;
    const char *dir = NULL;
    const char *file = NULL;
    const struct dg_cli_option options[] = {{"--format", &format, NULL},
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
        code = make(&crypto, &run, &origin, out, dir, format);
    }
    dg_run_free(&run);
    dg_crypto_openssl_free(&crypto);
    return code;
}
