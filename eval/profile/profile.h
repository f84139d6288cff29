/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_PROFILE_PROFILE_H
#define DG_EVAL_PROFILE_PROFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dosegate/span.h"
#include "dosegate/status.h"
#include "eval/arena.h"
#include "eval/problem.h"

/* What a product is evaluated against, as data: a protection profile, a
 * module, or a package, by the Common Criteria (CC).  One model for our own
 * YAML (docs/profiles.md) and for the CC XML of NIAP, so that a normative text
 * takes the place of ours without a change of code.  It knows no class of
 * product: what is about diabetes stands in spec/profiles/.
 *
 * Texts are never NULL; "" says that the file has none.  Lists keep the order
 * of the file.  `line` is where a thing begins in its file, 1 .. */

/* Words of one kind: ids, say. */
struct dg_words {
    const char **item;
    size_t count;
};

/* "This is met by that, because": from a threat to an objective, say. */
struct dg_link {
    const char *to;
    const char *why;
    bool is_outside; /* of an imported file: `to` stands in another document */
    size_t line;
};

struct dg_links {
    struct dg_link *item;
    size_t count;
};

/* An entry of the glossary. */
struct dg_term {
    const char *name;
    const char *text;
    size_t line;
};

/* Something that a product has or has not, and that makes requirements
 * apply: a function class ("pump"), say. */
struct dg_feature {
    const char *id;
    const char *title;
    const char *text;
    size_t line;
};

/* The security problem: threats, policies (OSP), assumptions. */
enum dg_spd_kind {
    DG_SPD_THREAT = 1,
    DG_SPD_POLICY,
    DG_SPD_ASSUMPTION,
};

struct dg_spd {
    enum dg_spd_kind kind;
    const char *id;   /* T.*, P.*, A.* */
    const char *text; /* of a threat of ours: the adverse action, whole */
    const char *plain;
    /* Of threats; an imported file has its text only. */
    const char *agent;      /* a term of the glossary */
    struct dg_words assets; /* terms of the glossary  */
    const char *editorial;  /* T1 .. T7 of 10.1177/1932296817723259, or "" */
    /* Standard: objectives (of an assumption: of the environment only).
     * Direct rationale: also SFRs. */
    struct dg_links links;
    size_t line;
};

struct dg_objective {
    const char *id; /* O.*, OE.* */
    bool is_environment;
    const char *text;
    const char *plain;
    struct dg_links links; /* SFRs; the environment has none */
    size_t line;
};

/* An operation of CC Part 1 in the text of a requirement. */
enum dg_operation_kind {
    DG_OPERATION_ASSIGNMENT = 1,
    DG_OPERATION_SELECTION,
    DG_OPERATION_REFINEMENT,
};

struct dg_choice {
    const char *id;    /* unique in the document */
    const char *text;  /* may hold {names} of operations, as an element does */
    bool is_exclusive; /* when chosen, then alone */
    bool is_chosen;
    size_t line;
};

struct dg_operation {
    enum dg_operation_kind kind;
    const char *name; /* {name} in the text where it stands */
    /* Assignment: what has to be written.  Refinement: the refined words,
     * which may hold {names}.  Selection: "". */
    const char *text;
    const char *value; /* of an assignment; "": open */
    const char *bound; /* of an assignment: "int 1..10", "regex a+", or "" */
    struct dg_choice *choices;
    size_t choice_count;
    bool is_one; /* of a selection: exactly one may be chosen */
    /* Where it stands: both NULL, in the element's own text; else in the text
     * of `choice` of `parent`, or in the refinement `parent`.  An operation
     * below a choice that is not chosen needs no completion. */
    const struct dg_operation *parent;
    const struct dg_choice *choice;
    bool is_placed; /* stands somewhere; true of all once a file is read */
    size_t line;
};

/* More operations inside each other than this are refused. */
#define DG_OPERATION_DEPTH_MAX 8U

struct dg_element {
    const char *id;   /* FTP_ITC.1.2/PHONE */
    const char *text; /* {name}: an operation, each once; {{ is a brace */
    const char *note; /* application note */
    char type;        /* of a SAR's: 'D', 'C' or 'E'; else 0 */
    struct dg_operation *operations;
    size_t count;
    size_t line;
};

/* What an extended component has to say about itself (CC Part 1, C.4); of
 * iterated ones one does. */
struct dg_definition {
    const char *levelling;
    const char *management;
    const char *audit;
    /* Component ids: "; " joins what is needed, "(A | B)" what is enough. */
    const char *dependencies;
    size_t line;
};

/* A family that is in no CC Part 2. */
struct dg_family {
    const char *id; /* FDP_DOSE_EXT */
    const char *title;
    const char *behaviour;
    size_t line;
};

/* Why a dependency is not met. */
enum dg_waiver_kind {
    DG_WAIVER_NOT_NEEDED = 1,
    DG_WAIVER_ENVIRONMENT, /* `by` is an OE  */
    DG_WAIVER_OTHER,       /* `by` is an SFR */
};

struct dg_waiver {
    const char *component; /* the dependency */
    enum dg_waiver_kind kind;
    const char *by;
    const char *why;
    size_t line;
};

/* What an evaluator does about a requirement (evaluation activity). */
struct dg_activity_test {
    const char *id; /* "" where the file has none */
    const char *text;
    const char *goal;
    const char *evidence;
};

struct dg_activity {
    const char *of;   /* id of the element, or of the component */
    const char *kind; /* TSS, Guidance, KMD, Tests, or a name of the file's */
    const char *text;
    struct dg_activity_test *tests;
    size_t count;
    size_t line;
};

enum dg_sfr_status {
    DG_SFR_MANDATORY = 1,
    DG_SFR_OPTIONAL,
    DG_SFR_OBJECTIVE,       /* wanted later, optional now */
    DG_SFR_SELECTION_BASED, /* when one of `when` is chosen */
    DG_SFR_FEATURE_BASED,   /* when one of `when` is claimed */
    DG_SFR_INVISIBLE,       /* only defines a component that others iterate */
};

struct dg_sfr {
    const char *id;        /* FTP_ITC.1/PHONE */
    const char *component; /* FTP_ITC.1 */
    const char *iteration; /* PHONE, or "" */
    const char *title;
    const char *plain;
    enum dg_sfr_status status;
    struct dg_words when; /* ids of choices or features; any of them */
    struct dg_element *elements;
    size_t count;
    const struct dg_definition *definition; /* NULL: not extended, or said by
                                               another iteration */
    struct dg_waiver *waivers;
    size_t waiver_count;
    struct dg_words requirements; /* ours, with revision: FTP_ITC.1@1 */
    struct dg_words tests;        /* ids of the catalogue */
    struct dg_words manual;       /* what a person has to do, a sentence each */
    struct dg_activity *activities;
    size_t activity_count;
    size_t line;
};

struct dg_sar {
    const char *component; /* AVA_VAN.4 */
    const char *title;
    const char *plain;
    bool is_optional;
    struct dg_element *elements; /* may be none: then those of CC Part 3 */
    size_t count;
    struct dg_activity *activities;
    size_t activity_count;
    size_t line;
};

enum dg_profile_kind {
    DG_PROFILE_PROFILE = 1,
    DG_PROFILE_MODULE,
    DG_PROFILE_FUNCTIONAL_PACKAGE,
    DG_PROFILE_ASSURANCE_PACKAGE,
};

enum dg_conformance {
    DG_CONFORMANCE_STRICT = 1,
    DG_CONFORMANCE_DEMONSTRABLE,
    DG_CONFORMANCE_EXACT,
};

enum dg_edition {
    DG_EDITION_31R5 = 1,
    DG_EDITION_2022,
};

/* One dose, 5 min, 1 h, 4 h, 24 h. */
#define DG_PROFILE_CAPS 5U

/* The most that a product may declare as its own caps, permille of the
 * person's daily dose; of profiles of devices that dose. */
struct dg_ceilings {
    int64_t automatic_permille[DG_PROFILE_CAPS];
    int64_t total_permille[DG_PROFILE_CAPS];
};

struct dg_profile {
    struct dg_arena arena; /* owns all of it */
    const char *file;      /* as it was opened, for messages */
    /* Came from CC XML: plain words, agents and assets may be missing, and
     * links may lead out of the file. */
    bool is_imported;
    enum dg_profile_kind kind;
    const char *id;
    const char *version;
    const char *date;
    const char *title;
    const char *author;
    const char *status; /* "derived, non-normative", say */
    enum dg_edition edition;
    enum dg_conformance conformance;
    bool is_direct; /* direct rationale: no TOE objectives */
    const char *toe;
    const char *overview;
    const char *source;
    struct dg_words bases;    /* of a module */
    struct dg_words packages; /* ids; an evaluation without a security target
                                 claims the first */
    struct dg_term *terms;
    size_t term_count;
    struct dg_feature *features;
    size_t feature_count;
    struct dg_spd *problem;
    size_t problem_count;
    struct dg_objective *objectives;
    size_t objective_count;
    struct dg_family *families;
    size_t family_count;
    struct dg_sfr *sfrs;
    size_t sfr_count;
    struct dg_sar *sars;
    size_t sar_count;
    const struct dg_ceilings *ceilings; /* NULL: none */
    /* Words of spec/features.yaml that every product has to claim. */
    struct dg_words mandatory;
};

/**
 * Read a profile, module or package; a name that ends in ".xml" is CC XML,
 * every other our YAML.
 *
 * Refused: an unknown key, a key that is missing, an id that stands there
 * twice, an id that is nowhere (in XML: such a link is marked `is_outside`),
 * an operation that stands nowhere or twice.
 *
 * @param[out] profile  Free it with dg_profile_free() in any case.
 *
 * @retval DG_OK           Read, whole.
 * @retval DG_E_MALFORMED  @p problem says file and line.
 * @retval DG_E_PORT       It could not be read, or memory is out.
 */
DG_NODISCARD enum dg_status dg_profile_open(const char *path,
                                            struct dg_profile *profile,
                                            struct dg_problem *problem);

/** As dg_profile_open(), of YAML in memory; @p name is for messages. */
DG_NODISCARD enum dg_status dg_profile_parse(dg_span bytes,
                                             const char *name,
                                             struct dg_profile *profile,
                                             struct dg_problem *problem);

void dg_profile_free(struct dg_profile *profile);

/* Find by id; NULL when there is none. */
const struct dg_spd *dg_profile_problem(const struct dg_profile *profile,
                                        const char *id);
const struct dg_objective *dg_profile_objective(
    const struct dg_profile *profile, const char *id);
const struct dg_sfr *dg_profile_sfr(const struct dg_profile *profile,
                                    const char *id);
const struct dg_sar *dg_profile_sar(const struct dg_profile *profile,
                                    const char *component);
const struct dg_feature *dg_profile_feature(const struct dg_profile *profile,
                                            const char *id);
const struct dg_term *dg_profile_term(const struct dg_profile *profile,
                                      const char *name);
const struct dg_family *dg_profile_family(const struct dg_profile *profile,
                                          const char *id);

/** An operation of an element by its name; NULL when there is none. */
const struct dg_operation *dg_element_operation(
    const struct dg_element *element, const char *name);

/* What a profile asks for, of our requirements. */
struct dg_asked {
    const char *id;    /* without revision */
    const char *plain; /* of the first SFR that asks for it */
};

/**
 * Gather what a profile asks for, each id once.
 *
 * @param[out] asked  In @p arena; NULL when memory is out, and then the arena
 *                    has failed.
 *
 * @return How many.
 */
size_t dg_profile_asked(const struct dg_profile *profile,
                        struct dg_arena *arena,
                        struct dg_asked **asked);

/** The AVA_VAN component among the SARs, 1 .. 5; 0: there is none. */
unsigned dg_profile_van(const struct dg_profile *profile);

/** Whether a component id is an extended one: its family ends in _EXT. */
bool dg_component_is_extended(const char *component);

/**
 * Where the package of an id lies: packages/<id>.yaml beside the profile.
 *
 * @param[out] path  "" when it does not fit.
 */
void dg_profile_package_path(const struct dg_profile *profile,
                             const char *id,
                             char *path,
                             size_t size);

/* The words of the file for an enumeration: "assurance-package". */
const char *dg_profile_kind_word(enum dg_profile_kind kind);
const char *dg_edition_word(enum dg_edition edition);
const char *dg_conformance_word(enum dg_conformance conformance);
const char *dg_sfr_status_word(enum dg_sfr_status status);
const char *dg_waiver_word(enum dg_waiver_kind kind);

#endif
