/* SPDX-License-Identifier: Apache-2.0 */
/* Target: the reader of sequences that made a product fail.
 * Oracle: (1) what JSON's own reader refuses is refused; (2) what is taken is
 * in the ranges of its header and can be shown on a terminal; (3) each step,
 * written by the program's own writer, is the same step when it is read. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "eval/sequence.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(int is_so)
{
    if (!is_so) {
        abort();
    }
}

static int is_plain(const char *text)
{
    return strspn(text,
                  " !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                  "[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~") == strlen(text);
}

static void check_step(const struct dg_sequence *of,
                       const struct dg_sequence_step *step)
{
    const char *const state[] = {step->state};
    const char *const message[] = {step->message};
    struct dg_sequences again;
    struct dg_problem problem;
    char *text = dg_sequence_print(state, message, &step->step, 1U, of->why);
    char file[4096];
    int size = 0;

    demand(text != NULL);
    demand(is_plain(step->state) && is_plain(step->message));
    demand(step->step.count <= DG_FUZZ_OPERATORS_MAX);
    /* The run file's text has no name of a test in it. */
    size = snprintf(file,
                    sizeof file,
                    "{\"run\":\"\",\"format\":\"dosegate-sequences-1\","
                    "\"firmware_digest\":\"\",\"sequences\":[{\"test\":"
                    "\"t\",%s]}",
                    &text[1]);
    demand((size > 0) && ((size_t)size < sizeof file));

    const dg_span bytes = {(const uint8_t *)file, (size_t)size};

    demand(dg_sequences_read(bytes, &again, &problem) == DG_OK);
    demand((again.count == 1U) && (again.item[0].count == 1U));
    demand(strcmp(again.item[0].why, of->why) == 0);
    demand(memcmp(&again.item[0].steps[0], step, sizeof *step) == 0);
    dg_sequences_free(&again);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct dg_sequences list;
    struct dg_problem problem;
    const enum dg_status status =
        dg_sequences_read((dg_span){data, size}, &list, &problem);
    json_t *root =
        json_loadb((const char *)data, size, JSON_REJECT_DUPLICATES, NULL);

    demand((root != NULL) || (status != DG_OK));
    json_decref(root);
    demand(list.count <= DG_SEQUENCES_MAX);
    demand((status == DG_OK) || (list.count == 0U));
    for (size_t i = 0U; i < list.count; i++) {
        const struct dg_sequence *one = &list.item[i];

        demand(is_plain(one->test) && is_plain(one->why));
        demand((one->count >= 1U) && (one->count <= DG_FUZZ_STEPS_MAX));
        for (size_t at = 0U; at < one->count; at++) {
            check_step(one, &one->steps[at]);
        }
    }
    dg_sequences_free(&list);
    return 0;
}
