/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/fuzz.h"

#include <stdio.h>
#include <string.h>

static const char *const words[DG_FUZZ_KINDS] = {"none",
                                                 "bit",
                                                 "cut",
                                                 "tail",
                                                 "type",
                                                 "claim",
                                                 "loose",
                                                 "open",
                                                 "nest",
                                                 "repeat",
                                                 "drop",
                                                 "swap",
                                                 "edge",
                                                 "odd"};

const char *dg_fuzz_kind_name(enum dg_fuzz_kind kind)
{
    return ((unsigned)kind < DG_FUZZ_KINDS) ? words[kind] : words[0];
}

enum dg_fuzz_kind dg_fuzz_kind_of(const char *name)
{
    for (unsigned kind = 1U; kind < DG_FUZZ_KINDS; kind++) {
        if (strcmp(name, words[kind]) == 0) {
            return (enum dg_fuzz_kind)kind;
        }
    }
    return DG_FUZZ_NONE;
}

const char *dg_fuzz_words(const struct dg_fuzz_step *step, char room[64])
{
    size_t used = 0U;

    (void)snprintf(room, 64U, "unchanged");
    for (unsigned i = 0U; (i < step->count) && (used < 48U); i++) {
        used += (size_t)snprintf(&room[used],
                                 64U - used,
                                 "%s%s",
                                 (i == 0U) ? "" : ", ",
                                 dg_fuzz_kind_name(step->change[i].kind));
    }
    return room;
}
