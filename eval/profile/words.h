/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_PROFILE_WORDS_H
#define DG_EVAL_PROFILE_WORDS_H

/* The enumerations of profile.h as unsigned numbers, 1 .. their count. */
#define DG_WORDS_KINDS       4U
#define DG_WORDS_EDITIONS    2U
#define DG_WORDS_CONFORMANCE 3U
#define DG_WORDS_STATUSES    6U
#define DG_WORDS_WAIVERS     3U

const char *dg_word_kind(unsigned value);
const char *dg_word_edition(unsigned value);
const char *dg_word_conformance(unsigned value);
const char *dg_word_status(unsigned value);
const char *dg_word_waiver(unsigned value);

#endif
