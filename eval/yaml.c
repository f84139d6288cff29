/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/yaml.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "eval/file.h"

/* Where the next node goes: below `open[depth - 1]`. */
struct builder {
    struct dg_yaml *yaml;
    struct dg_yaml_node *open[DG_YAML_DEPTH_MAX];
    struct dg_yaml_node *last[DG_YAML_DEPTH_MAX];
    const char *key; /* waits for its value; NULL: none */
    size_t depth;
    size_t nodes;
    size_t documents;
};

static void fail_at(struct dg_yaml *yaml,
                    size_t line,
                    const char *format,
                    va_list list)
{
    char text[400];

    if (yaml->status != DG_OK) {
        return;
    }
    (void)vsnprintf(text, sizeof(text), format, list);
    dg_problem_set(&yaml->problem, "%.100s:%zu: %s", yaml->name, line, text);
    yaml->status = DG_E_MALFORMED;
}

static void fail_line(struct dg_yaml *yaml,
                      size_t line,
                      const char *format,
                      ...) __attribute__((format(printf, 3, 4)));

static void fail_line(struct dg_yaml *yaml,
                      size_t line,
                      const char *format,
                      ...)
{
    va_list list;

    va_start(list, format);
    fail_at(yaml, line, format, list);
    va_end(list);
}

void dg_yaml_fail(struct dg_yaml *yaml,
                  const struct dg_yaml_node *node,
                  const char *format,
                  ...)
{
    va_list list;

    va_start(list, format);
    fail_at(yaml, (node == NULL) ? 1U : node->line, format, list);
    va_end(list);
}

static struct dg_yaml_node *find(const struct dg_yaml_node *map,
                                 const char *key)
{
    struct dg_yaml_node *node = (map == NULL) ? NULL : map->first;

    while ((node != NULL) && (strcmp(node->key, key) != 0)) {
        node = node->next;
    }
    return node;
}

/* Hang a node where the builder stands. */
static struct dg_yaml_node *place(struct builder *build,
                                  enum dg_yaml_kind kind,
                                  size_t line)
{
    struct dg_yaml *yaml = build->yaml;

    build->nodes++;
    if (build->nodes > DG_YAML_NODES_MAX) {
        fail_line(yaml, line, "more than %u values", DG_YAML_NODES_MAX);
        return NULL;
    }

    struct dg_yaml_node *node = dg_arena_take(&yaml->arena, sizeof(*node));

    if (node == NULL) {
        return NULL;
    }
    *node = (struct dg_yaml_node){kind, line, "", "", NULL, NULL, false};

    if (build->depth == 0U) {
        yaml->root = node;
        return node;
    }

    const size_t at = build->depth - 1U;

    if (build->key != NULL) {
        node->key = build->key;
        build->key = NULL;
    }
    if (build->last[at] == NULL) {
        build->open[at]->first = node;
    } else {
        build->last[at]->next = node;
    }
    build->last[at] = node;
    return node;
}

static void take_key(struct builder *build, const char *text, size_t line)
{
    const struct dg_yaml_node *map = build->open[build->depth - 1U];

    if (find(map, text) != NULL) {
        fail_line(build->yaml, line, "the key '%s' is here twice", text);
        return;
    }
    build->key = text;
}

static void take_scalar(struct builder *build, const yaml_event_t *event)
{
    struct dg_yaml *yaml = build->yaml;
    const size_t line = event->start_mark.line + 1U;
    const char *value = (const char *)event->data.scalar.value;
    const size_t size = event->data.scalar.length;

    if (strlen(value) != size) {
        fail_line(yaml, line, "a zero byte inside a text");
        return;
    }
    if ((event->data.scalar.anchor != NULL) ||
        (event->data.scalar.tag != NULL)) {
        fail_line(yaml, line, "anchors and tags are not used here");
        return;
    }

    const char *text = dg_arena_text(&yaml->arena, value, size);

    if ((build->depth > 0U) && (build->key == NULL) &&
        (build->open[build->depth - 1U]->kind == DG_YAML_MAP)) {
        take_key(build, text, line);
        return;
    }

    struct dg_yaml_node *node = place(build, DG_YAML_SCALAR, line);

    if (node != NULL) {
        node->text = text;
    }
}

static void open_node(struct builder *build,
                      enum dg_yaml_kind kind,
                      const yaml_event_t *event,
                      bool is_marked)
{
    struct dg_yaml *yaml = build->yaml;
    const size_t line = event->start_mark.line + 1U;

    if (is_marked) {
        fail_line(yaml, line, "anchors and tags are not used here");
        return;
    }
    if ((build->depth > 0U) && (build->key == NULL) &&
        (build->open[build->depth - 1U]->kind == DG_YAML_MAP)) {
        fail_line(yaml, line, "a key must be a plain text");
        return;
    }
    if (build->depth == DG_YAML_DEPTH_MAX) {
        fail_line(yaml, line, "more than %u levels", DG_YAML_DEPTH_MAX);
        return;
    }

    struct dg_yaml_node *node = place(build, kind, line);

    if (node == NULL) {
        return;
    }
    build->open[build->depth] = node;
    build->last[build->depth] = NULL;
    build->depth++;
}

static void take_event(struct builder *build, const yaml_event_t *event)
{
    const size_t line = event->start_mark.line + 1U;

    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        build->documents++;
        if (build->documents > 1U) {
            fail_line(build->yaml, line, "a second document in one file");
        }
        break;
    case YAML_SCALAR_EVENT:
        take_scalar(build, event);
        break;
    case YAML_SEQUENCE_START_EVENT:
        open_node(build,
                  DG_YAML_LIST,
                  event,
                  (event->data.sequence_start.anchor != NULL) ||
                      (event->data.sequence_start.tag != NULL));
        break;
    case YAML_MAPPING_START_EVENT:
        open_node(build,
                  DG_YAML_MAP,
                  event,
                  (event->data.mapping_start.anchor != NULL) ||
                      (event->data.mapping_start.tag != NULL));
        break;
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        build->depth--;
        break;
    case YAML_ALIAS_EVENT:
        fail_line(build->yaml, line, "aliases are not used here");
        break;
    case YAML_NO_EVENT:
    case YAML_STREAM_START_EVENT:
    case YAML_STREAM_END_EVENT:
    case YAML_DOCUMENT_END_EVENT:
    default:
        break;
    }
}

static void run_parser(struct dg_yaml *yaml, yaml_parser_t *parser)
{
    struct builder build = {.yaml = yaml};
    bool is_done = false;

    while (!is_done && (yaml->status == DG_OK)) {
        yaml_event_t event;

        if (yaml_parser_parse(parser, &event) == 0) {
            fail_line(yaml,
                      parser->problem_mark.line + 1U,
                      "not YAML: %s",
                      (parser->problem == NULL) ? "?" : parser->problem);
            return;
        }
        take_event(&build, &event);
        is_done = (event.type == YAML_STREAM_END_EVENT);
        yaml_event_delete(&event);
        if (yaml->arena.failed) {
            dg_problem_set(&yaml->problem, "%s: out of memory", yaml->name);
            yaml->status = DG_E_PORT;
        }
    }
}

static void init(struct dg_yaml *yaml, const char *name)
{
    *yaml = (struct dg_yaml){.status = DG_OK};
    dg_arena_init(&yaml->arena);
    yaml->name = dg_arena_text(&yaml->arena, name, strlen(name));
}

static void parse(struct dg_yaml *yaml, dg_span bytes)
{
    if (bytes.size > DG_YAML_SIZE_MAX) {
        fail_line(yaml, 1, "larger than %u bytes", DG_YAML_SIZE_MAX);
        return;
    }

    yaml_parser_t parser;

    if (yaml_parser_initialize(&parser) == 0) {
        dg_problem_set(&yaml->problem, "%s: out of memory", yaml->name);
        yaml->status = DG_E_PORT;
        return;
    }

    /* libyaml asks for a pointer even where there is nothing to read. */
    const unsigned char nothing = 0;
    const unsigned char *at = (bytes.size == 0U) ? &nothing : bytes.at;

    yaml_parser_set_input_string(&parser, at, bytes.size);
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    run_parser(yaml, &parser);
    yaml_parser_delete(&parser);

    if ((yaml->status == DG_OK) &&
        ((yaml->root == NULL) || (yaml->root->kind != DG_YAML_MAP))) {
        fail_line(yaml, 1, "expected a map of keys and values");
    }
    if (yaml->status != DG_OK) {
        yaml->root = NULL;
    }
}

void dg_yaml_parse(struct dg_yaml *yaml, dg_span bytes, const char *name)
{
    init(yaml, name);
    parse(yaml, bytes);
}

void dg_yaml_open(struct dg_yaml *yaml, const char *path)
{
    dg_span bytes = {NULL, 0};

    init(yaml, path);
    yaml->status = dg_file_read(path, DG_YAML_SIZE_MAX, &bytes, &yaml->problem);
    if (yaml->status == DG_OK) {
        parse(yaml, bytes);
    }
    dg_file_free(bytes);
}

void dg_yaml_free(struct dg_yaml *yaml)
{
    dg_arena_free(&yaml->arena);
    yaml->root = NULL;
}

/* The value of a key that must be there, of the kind that it must have. */
static struct dg_yaml_node *need(struct dg_yaml *yaml,
                                 struct dg_yaml_node *map,
                                 const char *key,
                                 enum dg_yaml_kind kind)
{
    static const char *const names[] = {"", "a value", "a list", "a map"};

    if (yaml->status != DG_OK) {
        return NULL;
    }

    struct dg_yaml_node *node = find(map, key);

    if (node == NULL) {
        dg_yaml_fail(yaml, map, "the key '%s' is missing", key);
        return NULL;
    }
    node->is_read = true;
    if (node->kind != kind) {
        dg_yaml_fail(yaml, node, "'%s' must be %s", key, names[kind]);
        return NULL;
    }
    return node;
}

static const char *text_of(struct dg_yaml *yaml, struct dg_yaml_node *node)
{
    if ((yaml->status != DG_OK) || (node == NULL)) {
        return "";
    }
    node->is_read = true;
    if ((node->kind != DG_YAML_SCALAR) || (node->text[0] == '\0')) {
        dg_yaml_fail(yaml, node, "'%s' must be a text", node->key);
        return "";
    }
    return node->text;
}

static int64_t int_of(struct dg_yaml *yaml,
                      struct dg_yaml_node *node,
                      int64_t min,
                      int64_t max)
{
    const char *text = text_of(yaml, node);
    char *end = NULL;

    if (yaml->status != DG_OK) {
        return 0;
    }
    errno = 0;

    const long long value = strtoll(text, &end, 10);
    const bool is_digit = ((text[0] >= '0') && (text[0] <= '9')) ||
                          ((text[0] == '-') && (text[1] != '\0'));

    if (!is_digit || (*end != '\0') || (errno != 0)) {
        dg_yaml_fail(yaml, node, "'%s' must be a whole number", node->key);
        return 0;
    }
    if ((value < min) || (value > max)) {
        dg_yaml_fail(yaml,
                     node,
                     "'%s' must be %lld to %lld",
                     node->key,
                     (long long)min,
                     (long long)max);
        return 0;
    }
    return value;
}

const char *dg_yaml_text(struct dg_yaml *yaml,
                         struct dg_yaml_node *map,
                         const char *key)
{
    return text_of(yaml, need(yaml, map, key, DG_YAML_SCALAR));
}

int64_t dg_yaml_int(struct dg_yaml *yaml,
                    struct dg_yaml_node *map,
                    const char *key,
                    int64_t min,
                    int64_t max)
{
    struct dg_yaml_node *node = need(yaml, map, key, DG_YAML_SCALAR);

    return (node == NULL) ? 0 : int_of(yaml, node, min, max);
}

struct dg_yaml_node *dg_yaml_list(struct dg_yaml *yaml,
                                  struct dg_yaml_node *map,
                                  const char *key)
{
    return need(yaml, map, key, DG_YAML_LIST);
}

struct dg_yaml_node *dg_yaml_map(struct dg_yaml *yaml,
                                 struct dg_yaml_node *map,
                                 const char *key)
{
    return need(yaml, map, key, DG_YAML_MAP);
}

size_t dg_yaml_texts(struct dg_yaml *yaml,
                     struct dg_yaml_node *map,
                     const char *key,
                     struct dg_arena *arena,
                     const char ***texts)
{
    struct dg_yaml_node *list = dg_yaml_list(yaml, map, key);
    size_t count = 0;

    *texts = NULL;
    if (list == NULL) {
        return 0;
    }
    for (struct dg_yaml_node *i = list->first; i != NULL; i = i->next) {
        count++;
    }

    const char **array = dg_arena_take(arena, (count + 1U) * sizeof(*array));

    if (array == NULL) {
        yaml->status = DG_E_PORT;
        return 0;
    }

    size_t used = 0;

    for (struct dg_yaml_node *i = list->first; i != NULL; i = i->next) {
        const char *text = dg_yaml_item(yaml, i);

        array[used] = dg_arena_text(arena, text, strlen(text));
        used++;
    }
    *texts = array;
    return count;
}

bool dg_yaml_has(const struct dg_yaml_node *map, const char *key)
{
    return find(map, key) != NULL;
}

const char *dg_yaml_item(struct dg_yaml *yaml, struct dg_yaml_node *item)
{
    return text_of(yaml, item);
}

int64_t dg_yaml_item_int(struct dg_yaml *yaml,
                         struct dg_yaml_node *item,
                         int64_t min,
                         int64_t max)
{
    return int_of(yaml, item, min, max);
}

struct dg_yaml_node *dg_yaml_item_map(struct dg_yaml *yaml,
                                      struct dg_yaml_node *item)
{
    if ((yaml->status != DG_OK) || (item == NULL)) {
        return NULL;
    }
    item->is_read = true;
    if (item->kind != DG_YAML_MAP) {
        dg_yaml_fail(yaml, item, "expected a map of keys and values");
        return NULL;
    }
    return item;
}

void dg_yaml_close(struct dg_yaml *yaml, const struct dg_yaml_node *map)
{
    if ((yaml->status != DG_OK) || (map == NULL)) {
        return;
    }
    for (const struct dg_yaml_node *i = map->first; i != NULL; i = i->next) {
        if (!i->is_read) {
            dg_yaml_fail(yaml, i, "unknown key '%s'", i->key);
            return;
        }
    }
}

enum dg_status dg_yaml_end(const struct dg_yaml *yaml,
                           struct dg_problem *problem)
{
    if ((yaml->status != DG_OK) && (problem != NULL)) {
        *problem = yaml->problem;
    }
    return yaml->status;
}
