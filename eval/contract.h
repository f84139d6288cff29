/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_CONTRACT_H
#define DG_EVAL_CONTRACT_H

#include <jansson.h>

#include "eval/keeper.h"

/* The evaluator's side of docs/adapter.md: a talk with an adapter that may
 * crash, hang, flood or answer nonsense.  Whatever it does, an answer is a JSON
 * object of the shape that the contract gives it, or there is none and @c why
 * says so. */
#define DG_CONTRACT_VERSION     1
#define DG_CONTRACT_PATIENCE_MS 90000 /* a minute of a product in real time, */
                                      /* and 30 s                            */
#define DG_CONTRACT_HELLO_MS 10000
#define DG_CONTRACT_END_MS   8000
#define DG_CONTRACT_WHY_MAX  256U

/* Insulin that a mechanism moved since manufacture: 1,000 U a day for three
 * years. */
#define DG_CONTRACT_MU_MAX 1000000000

struct dg_contract {
    struct dg_keeper keeper;
    struct dg_jsonl lines;
    bool is_lost;                   /* no later answer can be trusted    */
    int patience_ms;                /* for one answer                    */
    char why[DG_CONTRACT_WHY_MAX];  /* "": no trouble so far; the first */
                                    /* one stays                        */
    char came[DG_CONTRACT_WHY_MAX]; /* an answer of the wrong form; ASCII */
};

/**
 * Start an adapter.
 *
 * @param program    Path.
 * @param arguments  More of them before --dir, NULL-terminated; NULL: none.
 * @param dir        Working folder of its own; need not be there.
 * @param log        Takes its stderr; NULL: ours.
 *
 * @return False after @c why was set.
 */
bool dg_contract_open(struct dg_contract *contract,
                      const char *program,
                      char *const arguments[],
                      const char *dir,
                      const char *log,
                      int patience_ms);

/**
 * Ask, and judge the form of the answer.
 *
 * @param request  Taken.  Its "op" says what the answer must look like.
 * @param pump     Work that goes on meanwhile; NULL: none.
 *
 * @return {"ok": false, "error": TEXT}, or an answer with all that the
 *         operation's must have, of the right types and in range; NULL when
 *         there is none, after @c why was set.  Later asks give NULL at once.
 */
json_t *dg_contract_ask(struct dg_contract *contract,
                        json_t *request,
                        const struct dg_pump *pump);

/** As dg_contract_ask(), with a line as it is, its end included, and the
 * operation whose answer it should be ("": none). */
json_t *dg_contract_ask_raw(struct dg_contract *contract,
                            const char *asked,
                            const char *line,
                            const struct dg_pump *pump);

/** Ask who the product is; as dg_contract_ask(), but "ok" false and another
 * version of the contract are trouble, too. */
json_t *dg_contract_hello(struct dg_contract *contract);

/** End it and all that it started. */
enum dg_keeper_end dg_contract_close(struct dg_contract *contract);

/** Whether a product may state a claim of this name in `hello`; the evaluator
 * and who certifies have some of their own. */
bool dg_contract_may_claim(const char *name);

/**
 * Compare two answers about the same thing.
 *
 * @param asked  hello, or start.
 *
 * @return NULL when they agree, else the name of the key that differs.
 */
const char *dg_contract_differs(const char *asked,
                                const json_t *then,
                                const json_t *now);

/**
 * Judge the form of an answer with "ok" true.
 *
 * @param[out] what  What is wrong, for "the answer to X ...".
 */
bool dg_contract_is_shaped(const char *asked,
                           const json_t *answer,
                           char what[DG_CONTRACT_WHY_MAX]);

#endif
