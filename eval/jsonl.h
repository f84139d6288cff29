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

/* Why there is no object.  Zero: nobody asked. */
enum dg_jsonl_fault {
    DG_JSONL_UNDECIDED = 0,
    DG_JSONL_NONE,
    DG_JSONL_GONE,   /* it closed its end, or takes nothing any more */
    DG_JSONL_SILENT, /* nothing whole came in time                  */
    DG_JSONL_LONG,   /* a line longer than DG_JSONL_LINE_MAX        */
    DG_JSONL_BAD,    /* a line that is not a JSON object            */
};

struct dg_jsonl {
    int in;                    /* -1: closed */
    int out;                   /* may equal in */
    enum dg_jsonl_fault fault; /* of the last send or receive */
    char bad[48];              /* how a bad line begins, printable */
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

/** Send one object; the reference is taken.  False: the peer has gone, or has
 * not read for 10 s. */
bool dg_jsonl_send(struct dg_jsonl *jsonl, json_t *object);

/** Send bytes as they are, for a peer's manners to be seen. */
bool dg_jsonl_send_raw(struct dg_jsonl *jsonl, const char *text, size_t size);

/** Wait for one object; NULL: @c fault says why, for one that came not within
 * @p timeout_ms, however much else came.  @p pump may be NULL. */
json_t *dg_jsonl_receive(struct dg_jsonl *jsonl,
                         int timeout_ms,
                         const struct dg_pump *pump);

/** Send, then wait for the answer. */
json_t *dg_jsonl_call(struct dg_jsonl *jsonl,
                      json_t *object,
                      int timeout_ms,
                      const struct dg_pump *pump);

/** Whether something is there that has not been received yet. */
bool dg_jsonl_has_more(const struct dg_jsonl *jsonl);

/** Let the pump work for a while. */
void dg_jsonl_pump(const struct dg_pump *pump, int timeout_ms);

void dg_jsonl_close(struct dg_jsonl *jsonl);

/** Milliseconds of a clock that never runs back. */
long long dg_clock_ms(void);

#endif
