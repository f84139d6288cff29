/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_ATTEST_POLICY_PARTS_H
#define DG_ATTEST_POLICY_PARTS_H

#include "attest/service/policy_list.h"

/* What the readers of directives share.  Private to the policy's text. */
#define DG_POLICY_WORDS_MAX 16U

struct dg_policy_reader {
    struct dg_policy_list *list;
    char *why;
    unsigned line; /* from 1 */
    unsigned said; /* bits of what may be said once */
    size_t words;
    char *word[DG_POLICY_WORDS_MAX];
};

/** Write "line N: " and these words to why.  Always false. */
bool dg_policy_refuse(struct dg_policy_reader *reader, const char *form, ...)
    __attribute__((format(printf, 2, 3)));

/** Is there such a word, and is it this? */
bool dg_policy_is_word(const struct dg_policy_reader *reader,
                       size_t at,
                       const char *text);

/** A whole number from @p min to @p max, or a refusal. */
bool dg_policy_number(struct dg_policy_reader *reader,
                      size_t at,
                      uint64_t min,
                      uint64_t max,
                      uint64_t *value);

/** Exactly so many words, the directive's name among them, or a refusal. */
bool dg_policy_only(struct dg_policy_reader *reader, size_t words);

/** The kind of evidence behind the directive's name, or a refusal. */
bool dg_policy_kind(struct dg_policy_reader *reader,
                    enum dg_evidence_kind *kind);

/* measured KIND NAME ..., one register or component of what a build measures;
 * enrolled KIND KEY ..., a machine or chip whose evidence counts. */
bool dg_policy_take_measured(struct dg_policy_reader *reader);
bool dg_policy_take_enrolled(struct dg_policy_reader *reader);

/** The reference of that kind which the word names, or NULL and a refusal:
 * what a line names, a line before it has to measure. */
const struct dg_policy_measured *dg_policy_named(
    struct dg_policy_reader *reader, enum dg_evidence_kind kind, size_t at);

#endif
