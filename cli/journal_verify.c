/* SPDX-License-Identifier: Apache-2.0 */
#include "journal_verify.h"

#include <stdio.h>
#include <string.h>

#include "eval/file.h"
#include "journal_file.h"
#include "journal_key.h"
#include "journal_text.h"
#include "place.h"
#include "verbs.h"

#define NOT_TRUSTED 2

/* Open until dg_file_free(). */
struct opened {
    dg_span bytes;
    struct dg_journal_file file;
};

bool dg_cli_is_journal(const char *path)
{
    uint8_t start[64];
    FILE *file = fopen(path, "re");

    if (file == NULL) {
        return false;
    }

    const size_t got = fread(start, 1, sizeof(start), file);

    (void)fclose(file);
    return dg_journal_file_is_one((dg_span){start, got});
}

/* Exit code; 0: open and sound. */
static int open_one(const struct dg_crypto *crypto,
                    const char *path,
                    struct opened *opened,
                    char why[DG_JOURNAL_FILE_WHY])
{
    struct dg_problem problem = {{0}};

    memset(opened, 0, sizeof(*opened));
    if (dg_file_read(path, DG_JOURNAL_FILE_MAX, &opened->bytes, &problem) !=
        DG_OK) {
        (void)fprintf(stderr, "dosegate verify: %s\n", problem.text);
        return DG_CLI_FAILED;
    }

    const enum dg_journal_verdict verdict =
        dg_journal_file_check(crypto, opened->bytes, &opened->file, why);

    if (verdict == DG_JOURNAL_SOUND) {
        return DG_CLI_OK;
    }
    (void)printf("%s: %s\n  %s\n",
                 path,
                 (verdict == DG_JOURNAL_ALTERED) ? "ALTERED" : "not checked",
                 why);
    return (verdict == DG_JOURNAL_ALTERED) ? NOT_TRUSTED : DG_CLI_FAILED;
}

/* Is the key that the file carries the pump's? */
static int trust(const char *key_path,
                 const char *dir,
                 const struct dg_journal_file *file)
{
    char state[DG_CLI_PATH_MAX];
    char path[DG_CLI_PATH_MAX];
    struct dg_journal_key known;
    struct dg_problem problem = {{0}};
    bool is_there = false;

    if (key_path == NULL) {
        if (!dg_cli_place(dir, state) ||
            !dg_cli_join(state, "journal.key", path)) {
            return DG_CLI_FAILED;
        }
        key_path = path;
        if (!dg_journal_key_read(key_path, &known, &is_there, &problem) &&
            !is_there) {
            (void)printf("  nobody here knows the pump's key: name it with "
                         "--key\n");
            return NOT_TRUSTED;
        }
    }
    if (!dg_journal_key_read(key_path, &known, &is_there, &problem)) {
        (void)fprintf(stderr, "dosegate verify: %s\n", problem.text);
        return DG_CLI_FAILED;
    }
    if (!dg_journal_key_is(&known, &file->device, &file->key)) {
        (void)printf("  but by another pump than that of %s\n", key_path);
        return NOT_TRUSTED;
    }
    return DG_CLI_OK;
}

static int compare(const struct dg_crypto *crypto,
                   const char *since,
                   const struct dg_journal_file *later)
{
    char why[DG_JOURNAL_FILE_WHY];
    struct opened earlier;
    int code = open_one(crypto, since, &earlier, why);

    if (code == DG_CLI_OK) {
        const enum dg_journal_verdict verdict =
            dg_journal_file_continues(crypto, &earlier.file, later, why);

        (void)printf("  %s\n", why);
        code = (verdict == DG_JOURNAL_SOUND)     ? DG_CLI_OK
               : (verdict == DG_JOURNAL_ALTERED) ? NOT_TRUSTED
                                                 : DG_CLI_FAILED;
    }
    dg_file_free(earlier.bytes);
    return code;
}

static void print_entries(const struct dg_journal_file *file)
{
    dg_span rest = file->entries;
    dg_span bytes = {NULL, 0};
    uint32_t index = file->first;
    struct dg_journal_entry entry;
    char text[DG_JOURNAL_TEXT_MAX];

    while (dg_journal_file_next(&rest, &bytes)) {
        if (dg_journal_entry_decode(bytes, &entry) == DG_OK) {
            dg_journal_text(&entry, text);
            (void)printf("%8u  %s\n", (unsigned)index, text);
        }
        index++;
    }
}

int dg_cli_verify_journal(const struct dg_crypto *crypto,
                          const char *path,
                          const char *key_path,
                          const char *dir,
                          const char *since,
                          bool is_shown)
{
    char why[DG_JOURNAL_FILE_WHY];
    struct opened opened;
    int code = open_one(crypto, path, &opened, why);

    if (code == DG_CLI_OK) {
        (void)printf("%s: sound\n  %s\n", path, why);
        code = trust(key_path, dir, &opened.file);
    }
    if ((code == DG_CLI_OK) && (since != NULL)) {
        code = compare(crypto, since, &opened.file);
    }
    if (code == DG_CLI_OK) {
        (void)printf("  valid\n");
    }
    if ((code == DG_CLI_OK) && is_shown) {
        print_entries(&opened.file);
    }
    dg_file_free(opened.bytes);
    return code;
}
