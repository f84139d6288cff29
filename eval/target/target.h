/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_TARGET_TARGET_H
#define DG_EVAL_TARGET_TARGET_H

#include "eval/profile/profile.h"

/* A security target (ST): what a maker claims of one product, by the Common
 * Criteria (docs/security-targets.md).  It takes threats, objectives and
 * requirements from the profiles that it claims, completes what they left
 * open, and says how the product meets each.
 *
 * Reading refuses what cannot be understood; everything else that is wrong or
 * missing is a finding of check.h.  Texts are never NULL, "" says that nothing
 * is there; `line` is where a thing stands, 1 when it stands nowhere. */
#define DG_TARGET_PROFILES_MAX 4U

/* Room in one list, and for SFRs.  The criteria have 134 and 155 of them; the
 * checks compare each with each, so a file of a stranger is bounded. */
#define DG_TARGET_LIST_MAX 256U

/* A text that begins with this is still to be written. */
#define DG_TARGET_OPEN "?"

/* A word that names something, and where. */
struct dg_ref {
    const char *id;
    size_t line;
};

struct dg_refs {
    struct dg_ref *item;
    size_t count;
    size_t line; /* of the list */
};

/* What is taken from a profile, unchanged. */
struct dg_take {
    const char *from; /* id of the profile */
    const char *id;
    size_t line;
};

struct dg_takes {
    struct dg_take *item;
    size_t count;
};

struct dg_target_claim {
    const char *id;
    const char *version;
    const char *file;   /* where it lies; "": spec/profiles/<id>.yaml */
    const char *sha256; /* of that file; "": pinned by its version only */
    const char *kind;   /* strict, demonstrable, exact; conformant, augmented */
    const char *why;
    struct dg_refs adds; /* of an augmented package */
    size_t line;
};

struct dg_target_part {
    const char *name;
    const char *version;
    const char *delivery;
    size_t line;
};

/* An operation of a profile, completed. */
struct dg_completion {
    const char *element; /* FTP_ITC.1.2/PHONE */
    const char *operation;
    const char *value;      /* of an assignment */
    struct dg_refs choices; /* of a selection */
    bool is_selection;
    size_t line;
};

struct dg_target_sfr {
    const char *id;
    struct dg_completion *completions;
    size_t completion_count;
    struct dg_link *by; /* which iteration meets a dependency: to, why = with */
    size_t by_count;
    struct dg_waiver *waivers;
    size_t waiver_count;
    const char *summary;   /* TOE summary specification */
    struct dg_refs parts;  /* of the product that do it */
    struct dg_refs tests;  /* of the catalogue, beside those of the profile */
    struct dg_refs manual; /* what a person has to do */
    size_t line;
};

/* "from answers to": an objective a threat, a requirement an objective. */
struct dg_trace {
    const char *from; /* T., P., A., O. */
    const char *to;   /* O., OE., or an SFR */
    const char *why;
    size_t line;
};

struct dg_target {
    struct dg_profile own; /* arena of all; glossary, threats, objectives,
                            * families and SFRs that no profile has */
    const char *file;
    const char *id;
    const char *title;
    const char *version;
    const char *date;
    const char *author;
    const char *edition;

    const char *maker;
    const char *product;
    const char *product_version;
    const char *type;
    const char *firmware_digest; /* SHA-256, hex; or "per-build" */
    size_t product_line;

    struct dg_target_claim *profiles;
    size_t profile_count;
    struct dg_target_claim package;
    const char *part2; /* conformant, extended */
    const char *part3;
    size_t claims_line;

    const char *usage;
    const char *security;
    struct dg_refs needs; /* hardware and software that is not of the product */
    size_t overview_line;

    struct dg_target_part *parts;
    size_t part_count;
    const char *logical;
    size_t scope_line;

    struct dg_refs interfaces;
    struct dg_refs features;  /* words of spec/features.yaml */
    struct dg_refs functions; /* features of the profile: pump, ... */

    struct dg_takes problem;
    struct dg_takes objectives;
    struct dg_trace *reassigned; /* an OE of the profile, and our O */
    size_t reassigned_count;
    struct dg_trace *traces;
    size_t trace_count;

    struct dg_target_sfr *sfrs;
    size_t sfr_count;
    struct dg_refs sars;
    const char *sars_why;
    const char *self_protection; /* for ASE_TSS.2 */
    const char *bypass;

    struct dg_ref *open; /* texts that are still to be written */
    size_t open_count;
};

/** Firmware of any build of the version: the digest is the run's to record. */
#define DG_TARGET_PER_BUILD "per-build"

/**
 * Read a security target.
 *
 * @param[out] target  Free it with dg_target_free() in any case.
 *
 * @retval DG_OK           Read; what it says may still be wrong.
 * @retval DG_E_MALFORMED  Not YAML, not of this form: @p problem says file and
 *                         line.
 * @retval DG_E_PORT       It cannot be read, or memory is out.
 */
DG_NODISCARD enum dg_status dg_target_open(const char *path,
                                           struct dg_target *target,
                                           struct dg_problem *problem);

/** As dg_target_open(), from memory; @p name is for messages. */
DG_NODISCARD enum dg_status dg_target_parse(dg_span bytes,
                                            const char *name,
                                            struct dg_target *target,
                                            struct dg_problem *problem);

void dg_target_free(struct dg_target *target);

/** What the target says of an SFR; NULL: it has none of that id. */
const struct dg_target_sfr *dg_target_sfr(const struct dg_target *target,
                                          const char *id);

/** Whether a text is there and is not one still to be written. */
bool dg_target_is_said(const char *text);

#endif
