/* SPDX-License-Identifier: Apache-2.0 */
#include "attest/anchors.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "dosegate/cbor.h"

/* From the two lists that people keep, JSON, to the payload that is signed. */
#define ROOT_BYTES_MAX 2048U

struct serial {
    uint8_t size;
    uint8_t byte[DG_ANCHOR_SERIAL_MAX];
};

static int digit_of(char letter)
{
    if ((letter >= '0') && (letter <= '9')) {
        return letter - '0';
    }
    return ((letter >= 'a') && (letter <= 'f')) ? (letter - 'a') + 10 : -1;
}

/* Lower-case hex of any number of digits; false when it is none or too long. */
static bool read_hex(const char *text, size_t max, uint8_t *out, size_t *size)
{
    const size_t digits = (text != NULL) ? strlen(text) : 0U;
    const size_t bytes = (digits + 1U) / 2U;

    if ((digits == 0U) || (bytes > max)) {
        return false;
    }
    (void)memset(out, 0, bytes);
    for (size_t i = 0; i < digits; i++) {
        const int value = digit_of(text[digits - 1U - i]);

        if (value < 0) {
            return false;
        }
        out[bytes - 1U - (i / 2U)] |=
            (uint8_t)((unsigned)value << (4U * (i % 2U)));
    }
    *size = bytes;
    return true;
}

static enum dg_status complain(char reason[DG_REASON_MAX],
                               const char *what,
                               const char *which)
{
    (void)snprintf(reason, DG_REASON_MAX, "%s%.100s", what, which);
    return DG_E_MALFORMED;
}

static bool write_hex(struct dg_cbor_writer *writer, const json_t *text)
{
    uint8_t bytes[ROOT_BYTES_MAX];
    size_t size = 0U;

    if (!read_hex(json_string_value(text), sizeof(bytes), bytes, &size) ||
        ((strlen(json_string_value(text)) % 2U) != 0U)) {
        return false;
    }
    dg_cbor_write_bstr(writer, (dg_span){bytes, size});
    return true;
}

static enum dg_status write_root(struct dg_cbor_writer *writer,
                                 const json_t *root,
                                 char reason[DG_REASON_MAX])
{
    const char *name = json_string_value(json_object_get(root, "name"));
    const enum dg_evidence_kind kind = dg_evidence_kind_named(
        json_string_value(json_object_get(root, "kind")));
    const json_t *until = json_object_get(root, "until");

    if (name == NULL) {
        return complain(reason, "a root has no name", "");
    }
    if (kind == DG_KIND_NONE) {
        return complain(reason, "no such kind of evidence in root ", name);
    }
    if (!json_is_integer(until) || (json_integer_value(until) < 0)) {
        return complain(reason, "no end (until) in root ", name);
    }
    dg_cbor_write_array(writer, 5U);
    dg_cbor_write_uint(writer, (uint64_t)kind);
    dg_cbor_write_tstr(writer, name);
    if (!write_hex(writer, json_object_get(root, "subject")) ||
        !write_hex(writer, json_object_get(root, "key"))) {
        return complain(reason, "subject or key is no hex in root ", name);
    }
    dg_cbor_write_uint(writer, (uint64_t)json_integer_value(until));
    return DG_OK;
}

static enum dg_status write_roots(struct dg_cbor_writer *writer,
                                  const json_t *roots,
                                  char reason[DG_REASON_MAX])
{
    const size_t count = json_array_size(roots);

    if ((count == 0U) || (count > DG_ANCHOR_ROOTS_MAX)) {
        return complain(reason, "no list \"roots\" of 1 to 16 roots", "");
    }
    dg_cbor_write_array(writer, count);
    for (size_t i = 0; i < count; i++) {
        const enum dg_status status =
            write_root(writer, json_array_get(roots, i), reason);

        if (status != DG_OK) {
            return status;
        }
    }
    return DG_OK;
}

static int compare(const void *a, const void *b)
{
    const struct serial *first = a;
    const struct serial *second = b;

    if (first->size != second->size) {
        return (first->size < second->size) ? -1 : 1;
    }
    return memcmp(first->byte, second->byte, first->size);
}

/* "00a1" and "a1" are one number. */
static void drop_zeros(struct serial *serial)
{
    while ((serial->size > 1U) && (serial->byte[0] == 0U)) {
        serial->size--;
        (void)memmove(serial->byte, &serial->byte[1], serial->size);
    }
}

static enum dg_status write_serials(struct dg_cbor_writer *writer,
                                    json_t *entries,
                                    struct serial *list,
                                    char reason[DG_REASON_MAX])
{
    const char *key = NULL;
    json_t *entry = NULL;
    size_t count = 0U;
    size_t kept = 0U;

    /* Whatever its status, an entry is on the list because something is wrong:
     * a word that is new to us does not make a certificate good. */
    json_object_foreach(entries, key, entry)
    {
        size_t size = 0U;

        if (!read_hex(key, DG_ANCHOR_SERIAL_MAX, list[count].byte, &size)) {
            return complain(reason, "no serial number in hex: ", key);
        }
        list[count].size = (uint8_t)size;
        drop_zeros(&list[count]);
        count++;
    }
    if (count != 0U) {
        qsort(list, count, sizeof(*list), compare);
    }
    for (size_t i = 0; i < count; i++) {
        if ((i == 0U) || (compare(&list[kept - 1U], &list[i]) != 0)) {
            list[kept] = list[i];
            kept++;
        }
    }
    dg_cbor_write_array(writer, kept);
    for (size_t i = 0; i < kept; i++) {
        dg_cbor_write_bstr(writer, (dg_span){list[i].byte, list[i].size});
    }
    return DG_OK;
}

static enum dg_status write_revoked(struct dg_cbor_writer *writer,
                                    json_t *status_list,
                                    int64_t listed_s,
                                    char reason[DG_REASON_MAX])
{
    json_t *entries = json_object_get(status_list, "entries");
    const size_t count = json_object_size(entries);

    if (!json_is_object(entries) || (count > DG_ANCHOR_REVOKED_MAX)) {
        return complain(
            reason, "the status list has no \"entries\", or too many", "");
    }
    struct serial *list = calloc(count + 1U, sizeof(*list));

    if (list == NULL) {
        (void)complain(reason, "out of memory", "");
        return DG_E_PORT;
    }
    dg_cbor_write_uint(writer, 5U);
    dg_cbor_write_array(writer, 2U);
    dg_cbor_write_uint(writer, (uint64_t)listed_s);
    const enum dg_status status = write_serials(writer, entries, list, reason);

    free(list);
    return status;
}

static enum dg_status write_payload(struct dg_cbor_writer *writer,
                                    const json_t *roots,
                                    json_t *status_list,
                                    const struct dg_anchors_head *head,
                                    char reason[DG_REASON_MAX])
{
    dg_cbor_write_map(writer, (status_list != NULL) ? 5U : 4U);
    dg_cbor_write_uint(writer, 1U);
    dg_cbor_write_uint(writer, head->version);
    dg_cbor_write_uint(writer, 2U);
    dg_cbor_write_uint(writer, (uint64_t)head->issued_s);
    dg_cbor_write_uint(writer, 3U);
    dg_cbor_write_uint(writer, (uint64_t)head->expires_s);
    dg_cbor_write_uint(writer, 4U);
    enum dg_status status =
        write_roots(writer, json_object_get(roots, "roots"), reason);

    if ((status == DG_OK) && (status_list != NULL)) {
        status = write_revoked(writer, status_list, head->listed_s, reason);
    }
    return status;
}

static json_t *load(const char *text,
                    const char *what,
                    char reason[DG_REASON_MAX])
{
    json_error_t error;
    json_t *value = json_loads(text, JSON_REJECT_DUPLICATES, &error);

    if (value == NULL) {
        (void)snprintf(reason,
                       DG_REASON_MAX,
                       "%s, line %d: %.100s",
                       what,
                       error.line,
                       error.text);
    }
    return value;
}

static enum dg_status make_payload(const json_t *roots,
                                   json_t *list,
                                   const struct dg_anchors_head *head,
                                   dg_buf *payload,
                                   size_t *size,
                                   char reason[DG_REASON_MAX])
{
    const size_t entries = json_object_size(json_object_get(list, "entries"));
    const size_t room =
        (DG_ANCHOR_ROOTS_MAX * 2U * ROOT_BYTES_MAX) + (entries * 24U);
    struct dg_cbor_writer writer;
    dg_span written = {NULL, 0U};
    uint8_t *bytes = malloc(room);

    if (bytes == NULL) {
        (void)complain(reason, "out of memory", "");
        return DG_E_PORT;
    }
    dg_cbor_writer_init(&writer, (dg_buf){bytes, room});
    enum dg_status status = write_payload(&writer, roots, list, head, reason);

    if (status == DG_OK) {
        status = dg_cbor_writer_end(&writer, &written);
    }
    if (status != DG_OK) {
        free(bytes);
        return status;
    }
    payload->at = bytes;
    payload->capacity = room;
    *size = written.size;
    return DG_OK;
}

enum dg_status dg_anchors_make(const char *roots_json,
                               const char *status_json,
                               const struct dg_anchors_head *head,
                               dg_buf *payload,
                               size_t *size,
                               char reason[DG_REASON_MAX])
{
    if ((roots_json == NULL) || (head == NULL) || (payload == NULL) ||
        (size == NULL) || (reason == NULL) || (head->issued_s < 0) ||
        (head->expires_s < 0) || (head->listed_s < 0)) {
        return DG_E_USAGE;
    }
    reason[0] = '\0';
    json_t *roots = load(roots_json, "roots", reason);
    json_t *list =
        (status_json != NULL) ? load(status_json, "status list", reason) : NULL;
    enum dg_status status = DG_E_MALFORMED;

    if ((roots != NULL) && ((status_json == NULL) || (list != NULL))) {
        status = make_payload(roots, list, head, payload, size, reason);
    }
    json_decref(roots);
    json_decref(list);
    return status;
}
