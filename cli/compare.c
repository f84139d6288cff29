/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "crypto_openssl.h"
#include "eval/compare_out.h"
#include "eval/file.h"
#include "place.h"
#include "trusted.h"
#include "verbs.h"

#define WORSE 2

static const char help[] =
    "usage: dosegate compare BEFORE AFTER [--json] [--html FILE] [--key KEY]\n"
    "                        [--key-before KEY] [--dir DIR]\n"
    "\n"
    "Compare two run files of one product, to certify it again: what is new,\n"
    "fixed, changed or gone, which attack paths changed, and what has to be\n"
    "tested again because of what changed.\n"
    "\n"
    "  --json            as JSON instead of text\n"
    "  --html FILE       a page as well\n"
    "  --key KEY         public key of the lab that you trust (default: this\n"
    "                    machine's own lab key)\n"
    "  --key-before KEY  the same for BEFORE, when another lab signed it\n"
    "  --dir DIR         where the own key lives (default as dosegate up)\n"
    "\n"
    "Exit codes: 0 nothing worse, 1 could not compare, 2 something is worse "
    "or\nwaits to be tested again.\n";

struct side {
    const char *path;
    const char *key;
    struct dg_run run;
    struct dg_run_file_check check;
};

static bool open_side(const struct dg_crypto *crypto,
                      const char *dir,
                      struct side *side)
{
    struct dg_public_key trusted;
    bool has_trusted = false;

    if (!dg_cli_trusted(
            crypto, "compare", side->key, dir, &trusted, &has_trusted)) {
        return false;
    }

    const bool is_read = dg_run_file_read(crypto,
                                          side->path,
                                          has_trusted ? &trusted : NULL,
                                          &side->run,
                                          &side->check) == DG_OK;

    if (is_read && (side->check.state == DG_RUN_FILE_VALID)) {
        return true;
    }
    (void)fprintf(stderr,
                  "dosegate compare: %s: %s%s\n",
                  side->path,
                  side->check.why.text,
                  (side->check.state == DG_RUN_FILE_OTHER_SIGNER)
                      ? "; name the key of the lab that you trust with --key"
                      : "");
    return false;
}

static bool write_page(const char *path,
                       const struct dg_comparison *comparison,
                       const struct side sides[2])
{
    struct dg_html html;
    struct dg_problem problem = {"out of memory"};
    const bool is_done =
        (dg_compare_html(comparison,
                         &sides[0].check.origin,
                         &sides[1].check.origin,
                         &html) == DG_OK) &&
        (dg_file_write(path, dg_html_span(&html), 0644, &problem) == DG_OK);

    dg_html_free(&html);
    if (!is_done) {
        (void)fprintf(stderr, "dosegate compare: %s\n", problem.text);
    }
    return is_done;
}

static bool tell(const struct dg_comparison *comparison,
                 const struct side sides[2],
                 bool is_json)
{
    if (!is_json) {
        dg_compare_text(
            comparison, &sides[0].check.origin, &sides[1].check.origin, stdout);
        return fflush(stdout) == 0;
    }

    json_t *json = dg_compare_json(
        comparison, &sides[0].check.origin, &sides[1].check.origin);
    const bool is_told = (json != NULL) &&
                         (json_dumpf(json, stdout, JSON_INDENT(2)) == 0) &&
                         (fputc('\n', stdout) != EOF) && (fflush(stdout) == 0);

    json_decref(json);
    return is_told;
}

static int compare(const struct side sides[2], bool is_json, const char *page)
{
    struct dg_comparison comparison;
    int code = DG_CLI_FAILED;

    if (dg_compare(&sides[0].run, &sides[1].run, &comparison) != DG_OK) {
        (void)fprintf(stderr, "dosegate compare: out of memory\n");
        return DG_CLI_FAILED;
    }
    if (((page == NULL) || write_page(page, &comparison, sides)) &&
        tell(&comparison, sides, is_json)) {
        code = comparison.is_worse ? WORSE : DG_CLI_OK;
    }
    dg_compare_free(&comparison);
    return code;
}

int dg_cli_compare(int argc, char **argv)
{
    struct side sides[2] = {{.path = NULL}, {.path = NULL}};
    const char *page = NULL;
    const char *dir = NULL;
    bool is_json = false;
    const struct dg_cli_option options[] = {
        {"--json", NULL, &is_json},
        {"--html", &page, NULL},
        {"--key", &sides[1].key, NULL},
        {"--key-before", &sides[0].key, NULL},
        {"--dir", &dir, NULL}};
    struct dg_crypto crypto;
    int code = DG_CLI_FAILED;

    /* Two names without an option; the reader of options takes one. */
    if ((argc > 1) && (argv[1][0] != '-')) {
        sides[0].path = argv[1];
        argv[1] = argv[0];
        argc--;
        argv++;
    }

    const int asked = dg_cli_options(argc,
                                     argv,
                                     help,
                                     options,
                                     sizeof options / sizeof options[0],
                                     &sides[1].path);

    if (asked != 0) {
        return (asked == 2) ? DG_CLI_OK : DG_CLI_FAILED;
    }
    if ((sides[0].path == NULL) || (sides[1].path == NULL)) {
        (void)fprintf(stderr,
                      "dosegate compare: name two run files first, the "
                      "earlier one before the later; see --help\n");
        return DG_CLI_FAILED;
    }
    if (sides[0].key == NULL) {
        sides[0].key = sides[1].key;
    }
    if (dg_crypto_openssl_init(&crypto) != DG_OK) {
        (void)fprintf(stderr, "dosegate compare: no usable OpenSSL 3\n");
        return DG_CLI_FAILED;
    }
    dg_run_init(&sides[0].run);
    dg_run_init(&sides[1].run);
    if (open_side(&crypto, dir, &sides[0]) &&
        open_side(&crypto, dir, &sides[1])) {
        code = compare(sides, is_json, page);
    }
    dg_run_free(&sides[0].run);
    dg_run_free(&sides[1].run);
    dg_crypto_openssl_free(&crypto);
    return code;
}
