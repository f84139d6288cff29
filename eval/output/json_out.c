/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/output/json_out.h"

#include <string.h>

void dg_json_add(struct dg_json *json, json_t *array, json_t *item)
{
    if (json_array_append_new(array, item) != 0) {
        json->failed = true;
    }
}

void dg_json_set(struct dg_json *json,
                 json_t *object,
                 const char *key,
                 json_t *item)
{
    if (json_object_set_new(object, key, item) != 0) {
        json->failed = true;
    }
}

void dg_json_set_text(struct dg_json *json,
                      json_t *object,
                      const char *key,
                      const char *text)
{
    if (text[0] != '\0') {
        dg_json_set(json, object, key, json_string(text));
    }
}

void dg_json_set_list(struct dg_json *json,
                      json_t *object,
                      const char *key,
                      json_t *list)
{
    if (json_is_array(list) && (json_array_size(list) == 0U)) {
        json_decref(list);
        return;
    }
    dg_json_set(json, object, key, list);
}

json_t *dg_json_lines(struct dg_json *json, const struct dg_run_line *lines)
{
    json_t *list = json_array();

    for (; lines != NULL; lines = lines->next) {
        dg_json_add(json, list, json_string(lines->text));
    }
    return list;
}

json_t *dg_json_line(const char *text)
{
    size_t size = 0;

    while ((*text != '\0') && ((unsigned char)*text <= 0x20U)) {
        text++;
    }
    size = strlen(text);
    while ((size > 0U) && ((unsigned char)text[size - 1U] <= 0x20U)) {
        size--;
    }
    if (size == 0U) {
        return json_string("not stated");
    }

    struct dg_html line;

    dg_html_init(&line);
    for (size_t i = 0; i < size; i++) {
        const bool is_blank = (unsigned char)text[i] < 0x20U;

        dg_html_raw_span(
            &line, (dg_span){(const uint8_t *)(is_blank ? " " : &text[i]), 1U});
    }

    json_t *value = line.failed ? NULL : json_stringn(line.at, line.used);

    dg_html_free(&line);
    return value;
}

const char *dg_json_or_unstated(const char *text)
{
    return (text[0] == '\0') ? "not stated" : text;
}

static int append(const char *bytes, size_t size, void *context)
{
    struct dg_html *out = context;

    dg_html_raw_span(out, (dg_span){(const uint8_t *)bytes, size});
    return out->failed ? -1 : 0;
}

enum dg_status dg_json_finish(struct dg_json *json,
                              json_t *root,
                              struct dg_html *out)
{
    dg_html_init(out);
    if (json->failed || (root == NULL) ||
        (json_dump_callback(
             root, append, out, JSON_INDENT(2) | JSON_ENSURE_ASCII) != 0)) {
        out->failed = true;
    }
    dg_html_raw(out, "\n");
    json_decref(root);
    return out->failed ? DG_E_PORT : DG_OK;
}
