/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "eval/trial/book_parts.h"
#include "patient/trial/digest.h"

/* What a program of one's own is: its command line, and each file that the line
 * names.  Results of two programs are never put together; what a program loads
 * by itself nobody sees. */

#define WORD_MAX 4096U

static bool is_file(const char *path)
{
    struct stat found;

    return (stat(path, &found) == 0) && S_ISREG(found.st_mode);
}

static void add_file(struct dg_trial_digest *sum, const char *path)
{
    FILE *file = is_file(path) ? fopen(path, "rb") : NULL;
    unsigned char bytes[4096];
    size_t size = 0U;

    if (file == NULL) {
        return;
    }
    dg_trial_digest_text(sum, path);
    while ((size = fread(bytes, 1U, sizeof(bytes), file)) > 0U) {
        dg_trial_digest_add(sum, bytes, size);
    }
    (void)fclose(file);
}

void dg_book_set_program(struct dg_book *book, const char *program)
{
    static const char digits[] = "0123456789abcdef";
    struct dg_trial_digest sum;
    uint8_t digest[32];
    const char *at = program;

    /* A command line is the shell's to take apart. */
    book->program = program;
    book->controller = NULL;
    book->argv[0] = "/bin/sh";
    book->argv[1] = "-c";
    book->argv[2] = program;
    book->argv[3] = NULL;
    book->setup = (struct dg_plugin_setup){.argv = book->argv,
                                           .start_ms_max = DG_PLUGIN_START_MS,
                                           .step_ms_max = DG_PLUGIN_STEP_MS};
    dg_trial_digest_start(&sum);
    dg_trial_digest_text(&sum, program);
    while (*at != '\0') {
        char word[WORD_MAX];
        const size_t size = strcspn(at, " \t\"'");

        if ((size > 0U) && (size < sizeof(word))) {
            memcpy(word, at, size);
            word[size] = '\0';
            add_file(&sum, word);
        }
        at += size;
        at += strspn(at, " \t\"'");
    }
    dg_trial_digest_end(&sum, digest);
    for (size_t i = 0U; i < sizeof(digest); i++) {
        book->program_digest[2U * i] = digits[digest[i] >> 4U];
        book->program_digest[(2U * i) + 1U] = digits[digest[i] & 0xFU];
    }
    book->program_digest[2U * sizeof(digest)] = '\0';
}
