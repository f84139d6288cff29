/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/profile/words.h"

#include "eval/profile/profile.h"

const char *dg_word_kind(unsigned value)
{
    static const char *const words[DG_WORDS_KINDS] = {
        "profile", "module", "functional-package", "assurance-package"};

    return ((value == 0U) || (value > DG_WORDS_KINDS)) ? "?"
                                                       : words[value - 1U];
}

const char *dg_word_edition(unsigned value)
{
    static const char *const words[DG_WORDS_EDITIONS] = {"3.1R5", "2022"};

    return ((value == 0U) || (value > DG_WORDS_EDITIONS)) ? "?"
                                                          : words[value - 1U];
}

const char *dg_word_conformance(unsigned value)
{
    static const char *const words[DG_WORDS_CONFORMANCE] = {
        "strict", "demonstrable", "exact"};

    return ((value == 0U) || (value > DG_WORDS_CONFORMANCE))
               ? "?"
               : words[value - 1U];
}

const char *dg_word_status(unsigned value)
{
    static const char *const words[DG_WORDS_STATUSES] = {"mandatory",
                                                         "optional",
                                                         "objective",
                                                         "selection-based",
                                                         "feature-based",
                                                         "invisible"};

    return ((value == 0U) || (value > DG_WORDS_STATUSES)) ? "?"
                                                          : words[value - 1U];
}

const char *dg_word_waiver(unsigned value)
{
    static const char *const words[DG_WORDS_WAIVERS] = {
        "not-needed", "environment", "other-sfr"};

    return ((value == 0U) || (value > DG_WORDS_WAIVERS)) ? "?"
                                                         : words[value - 1U];
}

const char *dg_profile_kind_word(enum dg_profile_kind kind)
{
    return dg_word_kind((unsigned)kind);
}

const char *dg_edition_word(enum dg_edition edition)
{
    return dg_word_edition((unsigned)edition);
}

const char *dg_conformance_word(enum dg_conformance conformance)
{
    return dg_word_conformance((unsigned)conformance);
}

const char *dg_sfr_status_word(enum dg_sfr_status status)
{
    return dg_word_status((unsigned)status);
}

const char *dg_waiver_word(enum dg_waiver_kind kind)
{
    return dg_word_waiver((unsigned)kind);
}
