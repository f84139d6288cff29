/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_YAML_H
#define DG_EVAL_YAML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dosegate/span.h"
#include "dosegate/status.h"
#include "eval/arena.h"
#include "eval/problem.h"

/* A strict reader for the small YAML files in spec/.
 *
 * Refused while parsing: anchors, aliases, tags, merge keys, a second
 * document, a key twice in one map, a key that is no plain text, more than
 * DG_YAML_DEPTH_MAX levels, more than DG_YAML_NODES_MAX nodes, files above
 * DG_YAML_SIZE_MAX.  Refused by the readers below: a missing key, a wrong
 * type, and, in dg_yaml_close(), a key that nobody read.
 *
 * The first error sticks, as "file:line: sentence".  After it every reader
 * gives "", 0 or NULL: read all, ask once with dg_yaml_end(). */
#define DG_YAML_DEPTH_MAX 8U
#define DG_YAML_NODES_MAX 20000U
#define DG_YAML_SIZE_MAX  (1024U * 1024U)

enum dg_yaml_kind {
    DG_YAML_NONE = 0,
    DG_YAML_SCALAR,
    DG_YAML_LIST,
    DG_YAML_MAP,
};

struct dg_yaml_node {
    enum dg_yaml_kind kind;
    size_t line;                /* 1 .. */
    const char *key;            /* in a map; "" in a list */
    const char *text;           /* of a scalar, else "" */
    struct dg_yaml_node *first; /* of a list or map, in the file's order */
    struct dg_yaml_node *next;  /* brother */
    bool is_read;
};

struct dg_yaml {
    struct dg_arena arena; /* owns all nodes and texts */
    const char *name;      /* of the file, for messages */
    struct dg_yaml_node *root;
    struct dg_problem problem;
    enum dg_status status;
};

/**
 * Parse bytes; dg_yaml_free() frees the document, also after an error.
 *
 * @param[out] yaml  The document; its root is a map.
 * @param      name  What messages call the file; kept as a copy.
 */
void dg_yaml_parse(struct dg_yaml *yaml, dg_span bytes, const char *name);

/** Read and parse a file. */
void dg_yaml_open(struct dg_yaml *yaml, const char *path);

void dg_yaml_free(struct dg_yaml *yaml);

/** Say that a value is wrong: "file:line: ..." unless an error sticks. */
void dg_yaml_fail(struct dg_yaml *yaml,
                  const struct dg_yaml_node *node,
                  const char *format,
                  ...) __attribute__((format(printf, 3, 4)));

/* Values of a map that must be there.  @map may be NULL after an error. */

/** Text of at least one character. */
const char *dg_yaml_text(struct dg_yaml *yaml,
                         struct dg_yaml_node *map,
                         const char *key);

/** A whole number, @min .. @max. */
int64_t dg_yaml_int(struct dg_yaml *yaml,
                    struct dg_yaml_node *map,
                    const char *key,
                    int64_t min,
                    int64_t max);

/** A list, possibly empty. */
struct dg_yaml_node *dg_yaml_list(struct dg_yaml *yaml,
                                  struct dg_yaml_node *map,
                                  const char *key);

/** A map, possibly empty. */
struct dg_yaml_node *dg_yaml_map(struct dg_yaml *yaml,
                                 struct dg_yaml_node *map,
                                 const char *key);

/** A list of texts, copied into @arena as an array. */
size_t dg_yaml_texts(struct dg_yaml *yaml,
                     struct dg_yaml_node *map,
                     const char *key,
                     struct dg_arena *arena,
                     const char ***texts);

/** Whether a map has a key; for values that may be missing. */
bool dg_yaml_has(const struct dg_yaml_node *map, const char *key);

/** Text of an item of a list (or of a value of a free map). */
const char *dg_yaml_item(struct dg_yaml *yaml, struct dg_yaml_node *item);

/** A number that is an item. */
int64_t dg_yaml_item_int(struct dg_yaml *yaml,
                         struct dg_yaml_node *item,
                         int64_t min,
                         int64_t max);

/** An item that is a map. */
struct dg_yaml_node *dg_yaml_item_map(struct dg_yaml *yaml,
                                      struct dg_yaml_node *item);

/** Fail on the first key of @map that nobody has read. */
void dg_yaml_close(struct dg_yaml *yaml, const struct dg_yaml_node *map);

/**
 * Ask how it went.
 *
 * @retval DG_OK           All that was asked for was there.
 * @retval DG_E_MALFORMED  Not; @p problem holds "file:line: sentence".
 * @retval DG_E_PORT       The file could not be read, or memory is out.
 */
DG_NODISCARD enum dg_status dg_yaml_end(const struct dg_yaml *yaml,
                                        struct dg_problem *problem);

#endif
