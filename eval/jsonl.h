/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_JSONL_H
#define DG_EVAL_JSONL_H

#include <jansson.h>
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>

/* JSON objects, one a line, over a pair of descriptors: how the evaluator
 * speaks to an adapter, and the reference adapter to what it drives. */
#define DG_JSONL_LINE_MAX 65536U
#define DG_PUMP_POLL_MAX  24U

struct dg_jsonl {
    int in;  /* -1: closed */
    int out; /* may equal in */
    size_t used;
    char line[DG_JSONL_LINE_MAX];
};

/* Work that goes on while an answer is awaited (the relay). */
struct dg_pump {
    void *context;
    size_t (*fill)(void *context, struct pollfd entries[DG_PUMP_POLL_MAX]);
    void (*serve)(void *context);
};

/** Take over two descriptors (or one, twice). */
void dg_jsonl_open(struct dg_jsonl *jsonl, int in, int out);

/** Connect to a Unix stream socket; tries until @p timeout_ms is over. */
bool dg_jsonl_connect(struct dg_jsonl *jsonl, const char *path, int timeout_ms);

/** Send one object; the reference is taken.  False: the peer has gone. */
bool dg_jsonl_send(struct dg_jsonl *jsonl, json_t *object);

/** Wait for one object; NULL: the peer has gone, said no JSON, or was silent
 * for @p timeout_ms.  @p pump may be NULL. */
json_t *dg_jsonl_receive(struct dg_jsonl *jsonl,
                         int timeout_ms,
                         const struct dg_pump *pump);

/** Send, then wait for the answer. */
json_t *dg_jsonl_call(struct dg_jsonl *jsonl,
                      json_t *object,
                      int timeout_ms,
                      const struct dg_pump *pump);

/** Let the pump work for a while. */
void dg_jsonl_pump(const struct dg_pump *pump, int timeout_ms);

void dg_jsonl_close(struct dg_jsonl *jsonl);

/** Milliseconds of a clock that never runs back. */
long long dg_clock_ms(void);

#endif
