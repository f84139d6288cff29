/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_RUN_H
#define DG_EVAL_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dosegate/status.h"
#include "eval/arena.h"
#include "eval/problem.h"
#include "eval/rating.h"

/* One evaluation, whole, in memory: what the run file stores and what every
 * report is made from.  Facts only; counts and levels are derived from them
 * each time (conclude.h), so that they cannot disagree.
 *
 * All memory belongs to the run: texts and items come from dg_run_text() and
 * dg_run_add_...(), and dg_run_free() frees everything.  A text is never NULL;
 * "" means that nobody said.  Failures of memory stick in `arena.failed`, and
 * such a run cannot be written.  One thread at a time. */

/* In `head.tier`, of a run whose tests were named one by one. */
#define DG_RUN_CHOSEN "chosen tests"

/* How the reason of a form begins, and what stands behind the name: who signed
 * it has a part in the run. */
#define DG_RUN_SIGNED_BY "Signed by "
#define DG_RUN_SIGNED_ON " on "

/* Zero: nobody decided.  Such a test counts as not judged. */
enum dg_run_verdict {
    DG_RUN_UNDECIDED = 0,
    DG_RUN_PASS,
    DG_RUN_FAIL,
    DG_RUN_INCONCLUSIVE,
    DG_RUN_NOT_APPLICABLE, /* by the target's claims, and by nothing else */
    DG_RUN_PENDING,        /* needs a person */
    DG_RUN_ERROR,          /* the suite's own fault */
    DG_RUN_WAIVED,         /* with reason, name and last day */
    DG_RUN_NOT_ASKED,      /* needs a person, and the run asked for none */
    DG_RUN_VERDICTS,
};

enum dg_run_direction {
    DG_RUN_NOTE = 0, /* an event on the bench, no bytes needed */
    DG_RUN_TO_PRODUCT,
    DG_RUN_FROM_PRODUCT,
    DG_RUN_DIRECTIONS,
};

/* In every list `next` stands first: run_shape.c relies on it. */
struct dg_run_line {
    struct dg_run_line *next;
    const char *text;
};

struct dg_run_cap {
    struct dg_run_cap *next;
    const char *name; /* "one bolus", "any hour", ... */
    uint64_t mU;
};

struct dg_run_claim {
    struct dg_run_claim *next;
    const char *name;
    const char *value;
};

struct dg_run_measure {
    struct dg_run_measure *next;
    const char *name;
    int64_t value;     /* times 10 to the power of -decimals */
    uint64_t decimals; /* 0 .. 6 */
    const char *unit;  /* "" for a bare number */
};

struct dg_run_monitor {
    struct dg_run_monitor *next;
    const char *name;
    enum dg_run_verdict verdict;
    const char *text;
};

struct dg_run_packet {
    struct dg_run_packet *next;
    uint64_t time_ms; /* on the product's clock, since the test began */
    enum dg_run_direction direction;
    const char *label;
    const char *hex; /* lower case; long ones cut by whoever adds them */
};

/* An attack path, rated. */
struct dg_run_path {
    struct dg_run_path *next;
    const char *title;
    enum dg_rating_state state;
    struct dg_rating_choice *choices;
    const char *justification;
    const char *rated_by;     /* "catalogue" until an evaluator changes it */
    const char *confirmed_by; /* the second evaluator; "" until there is one */
};

/* What an earlier run said of the same test. */
struct dg_run_earlier {
    struct dg_run_earlier *next;
    enum dg_run_verdict verdict;
    const char *reason;
    const char *run;   /* SHA-256 of its run file, hex */
    const char *ended; /* of that run, UTC */
    bool must_repeat;  /* same product, seed and catalogue entry */
};

struct dg_run_test {
    struct dg_run_test *next;
    const char *id;
    const char *title;
    const char *threat;
    struct dg_run_line *corpus;       /* DG-A02, ... */
    struct dg_run_line *requirements; /* ids */
    const char *position;             /* NE NA PH MA ...: position.h */
    const char *tier;                 /* fast, full */
    const char *criterion;            /* passes when */
    enum dg_run_verdict verdict;
    const char *reason; /* of the verdict, one sentence */
    const char *tried;
    struct dg_run_line *seen;
    struct dg_run_measure *measures;
    struct dg_run_monitor *monitors;
    const char *remediation;
    const char *replay_command;
    uint64_t elapsed_ms;
    struct dg_run_packet *packets;
    struct dg_run_path *paths;
    const char *waived_because; /* all three or the waiver is void */
    const char *waived_by;
    const char *waived_until; /* last day, YYYY-MM-DD */
    const char *entry_digest; /* SHA-256 of the catalogue's file, hex */
    struct dg_run_earlier *earlier;
    /* What somebody expects; UNDECIDED: nobody expects anything.  Never
     * changes the verdict, only the exit code. */
    enum dg_run_verdict expected;
    const char *expected_because; /* all three or it counts as not there */
    const char *expected_by;
    const char *expected_until; /* last day, YYYY-MM-DD */
    /* What was enough to make it fail under fuzzing (sequence.h), or "". */
    const char *sequence;
};

struct dg_run_figure {
    struct dg_run_figure *next;
    const char *id;
    const char *caption;
    const char *svg; /* plain SVG, see svg_check.h */
};

struct dg_run_calibration {
    struct dg_run_calibration *next;
    const char *product; /* the flawed one */
    const char *flaw;
    const char *test; /* id of the test that must catch it */
    bool is_caught;
    const char *seen;
    uint64_t elapsed_ms;
    enum dg_run_verdict verdict; /* of the test on it; UNDECIDED: not ended */
};

struct dg_run_head {
    const char *profile_id;
    const char *profile_version;
    const char *profile_title;
    const char *profile_digest; /* SHA-256 of the file, hex */
    const char *package_id;
    const char *package_title;
    const char *package_digest;
    uint64_t van_claimed; /* AVA_VAN of the package, 0 .. 5 */
    uint64_t seed;
    const char *tier;
    const char *tool_version;
    const char *started; /* UTC, YYYY-MM-DDThh:mm:ssZ */
    const char *ended;
    const char *host;         /* what the bench ran on */
    const char *laboratory;   /* who evaluates; "" when nobody said */
    const char *status;       /* of the certificate: "not registered", ... */
    const char *rating_table; /* the whole YAML file, so that the run file
                               * explains its own scores for ever */
    const char *evaluator;    /* a person's name; "" when nobody said */
    const char *made_from;    /* SHA-256 of the run file that this one changes,
                               * hex; "" for a run of its own */
};

struct dg_run_product {
    const char *name;
    const char *maker;
    const char *version;
    const char *firmware_digest; /* SHA-256, hex */
    const char *function_class;  /* monitor, open loop, automated, rescue */
    const char *platform;        /* phone that it needs */
    const char *phone_lost;      /* what happens then; one plain sentence */
    const char *phone_starved;
    const char *update_mode;
    const char *support_end;
    const char *contact; /* for reports of weaknesses */
    struct dg_run_line *interfaces;
    struct dg_run_cap *caps;
    struct dg_run_claim *claims; /* whatever else the target claims */
};

struct dg_run {
    struct dg_arena arena;
    struct dg_run_head head;
    struct dg_run_product product;
    struct dg_run_test *tests;
    struct dg_run_figure *figures;
    struct dg_run_calibration *calibration;
    struct dg_rating_table table; /* read from head.rating_table */
    bool has_table;
};

/** Make an empty run: every text "", every list empty. */
void dg_run_init(struct dg_run *run);

/** Free everything; the run is as after dg_run_init(). */
void dg_run_free(struct dg_run *run);

/** Copy a text into the run.  What is not UTF-8 becomes U+FFFD; NULL gives
 * "". */
const char *dg_run_text(struct dg_run *run, const char *text);

/** As dg_run_text(), with a format as printf(). */
const char *dg_run_textf(struct dg_run *run, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/** Take the table of attack potential: keep its text, parse it.
 * Results as dg_rating_table_parse(). */
DG_NODISCARD enum dg_status dg_run_set_table(struct dg_run *run,
                                             const struct dg_crypto *crypto,
                                             dg_span yaml,
                                             struct dg_problem *problem);

/* Each appends to a list, in order, and copies its texts.  NULL when memory is
 * out; whoever needs no pointer may ignore the result. */
struct dg_run_test *dg_run_add_test(struct dg_run *run, const char *id);
struct dg_run_test *dg_run_find_test(const struct dg_run *run, const char *id);
void dg_run_add_line(struct dg_run *run,
                     struct dg_run_line **list,
                     const char *text);
void dg_run_add_cap(struct dg_run *run, const char *name, uint64_t mU);
void dg_run_add_claim(struct dg_run *run, const char *name, const char *value);
void dg_run_add_measure(struct dg_run *run,
                        struct dg_run_test *test,
                        const char *name,
                        int64_t value,
                        unsigned decimals,
                        const char *unit);
void dg_run_add_monitor(struct dg_run *run,
                        struct dg_run_test *test,
                        const char *name,
                        enum dg_run_verdict verdict,
                        const char *text);
void dg_run_add_packet(struct dg_run *run,
                       struct dg_run_test *test,
                       uint64_t time_ms,
                       enum dg_run_direction direction,
                       const char *label,
                       dg_span bytes);
struct dg_run_earlier *dg_run_add_earlier(struct dg_run *run,
                                          struct dg_run_test *test,
                                          enum dg_run_verdict verdict);
struct dg_run_path *dg_run_add_path(struct dg_run *run,
                                    struct dg_run_test *test,
                                    const char *title,
                                    enum dg_rating_state state);
struct dg_rating_choice *dg_run_add_choice(struct dg_run *run,
                                           struct dg_run_path *path,
                                           const char *factor,
                                           const char *level);
struct dg_run_figure *dg_run_add_figure(struct dg_run *run,
                                        const char *id,
                                        const char *caption,
                                        const char *svg);
struct dg_run_calibration *dg_run_add_calibration(struct dg_run *run,
                                                  const char *product,
                                                  const char *flaw,
                                                  const char *test);

/** The command that sends a test's sequence again, from the file @p file.
 * False: the test has none, or @p room is too small. */
bool dg_run_replay(const struct dg_run_test *test,
                   const char *file,
                   char *command,
                   size_t room);

/** Name a verdict in plain words: "pass", "not applicable", ... */
const char *dg_run_verdict_name(enum dg_run_verdict verdict);

/** Whether the waiver of a test is whole and had not run out when the run
 * ended.  Only then does a waived test not count. */
bool dg_run_is_waiver_good(const struct dg_run *run,
                           const struct dg_run_test *test);

/** Whether what somebody expects of a test is whole and had not run out when
 * the run ended.  Only then does it count. */
bool dg_run_is_expectation_good(const struct dg_run *run,
                                const struct dg_run_test *test);

/**
 * The exit code of the program that made the run.
 *
 * A test of which something else than a pass is expected, by a good entry,
 * counts as settled when it ends so, and as open when it ends otherwise.
 *
 * @return 2 when a test failed that was not expected to; else 1 when some test
 *         was not judged (any verdict but pass, not applicable, not asked
 *         and a good waiver), when one passed that was expected not to, or when no test
 *         passed at all: nothing was shown then; else 0.
 */
int dg_run_exit_code(const struct dg_run *run);

/** Whether its tests were named by whoever ran it (--only, --retry-failed): it
 * says nothing of the others. */
bool dg_run_is_chosen(const struct dg_run *run);

/** Whether every test ended as it was expected to, and none passed: that is
 * why the exit code is 1. */
bool dg_run_shows_nothing(const struct dg_run *run);

#endif
