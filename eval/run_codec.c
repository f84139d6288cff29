/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/run_codec.h"

#include <stdbool.h>
#include <string.h>

/* Where the walk is in one object.  A fixed stack instead of recursion. */
struct frame {
    const struct dg_shape *shape;
    size_t field; /* next one */
    size_t end;   /* fields of this object */
    char *object; /* when reading */
    const char *source;
    size_t items; /* left in the list that this frame came from */
    void *last;   /* item that the next one follows; NULL: none yet */
};

static void *get_pointer(const char *at)
{
    void *value = NULL;

    memcpy(&value, at, sizeof(value));
    return value;
}

static void set_pointer(char *at, const void *value)
{
    memcpy(at, &value, sizeof(value));
}

void dg_run_codec_clear(const struct dg_shape *shape, void *object)
{
    memset(object, 0, shape->size);
    for (size_t i = 0; i < shape->count; i++) {
        if (shape->fields[i].kind == DG_FIELD_TEXT) {
            set_pointer((char *)object + shape->fields[i].offset, "");
        }
    }
}

static bool is_empty(const struct dg_field *field, const char *at)
{
    uint64_t number = 0;
    unsigned choice = 0;
    bool flag = false;
    const char *text = NULL;

    switch (field->kind) {
    case DG_FIELD_TEXT:
        text = get_pointer(at);
        return text[0] == '\0';
    case DG_FIELD_UINT:
    case DG_FIELD_INT:
        memcpy(&number, at, sizeof(number));
        return number == 0U;
    case DG_FIELD_BOOL:
        memcpy(&flag, at, sizeof(flag));
        return !flag;
    case DG_FIELD_CHOICE:
        memcpy(&choice, at, sizeof(choice));
        return choice == 0U;
    case DG_FIELD_LIST:
        return get_pointer(at) == NULL;
    }
    return true;
}

/* How many fields of an object are stored: later ones that are empty are left
 * out, so that a file from before they were there stays as it was. */
static size_t stored(const struct dg_shape *shape, const char *object)
{
    size_t count = shape->count;

    while ((count > shape->least) &&
           is_empty(&shape->fields[count - 1U],
                    object + shape->fields[count - 1U].offset)) {
        count--;
    }
    return count;
}

/* Begin to write one object. */
static void write_head(struct dg_cbor_writer *writer, struct frame *frame)
{
    frame->field = 0;
    frame->end = stored(frame->shape, frame->source);
    dg_cbor_write_array(writer, frame->end);
}

static size_t length_of(const void *item)
{
    size_t length = 0;

    while (item != NULL) {
        length++;
        item = get_pointer(item); /* `next` stands first */
    }
    return length;
}

static void write_plain(struct dg_cbor_writer *writer,
                        const struct dg_field *field,
                        const char *at)
{
    uint64_t number = 0;
    int64_t integer = 0;
    unsigned choice = 0;
    bool flag = false;

    switch (field->kind) {
    case DG_FIELD_TEXT:
        dg_cbor_write_tstr(writer, get_pointer(at));
        break;
    case DG_FIELD_UINT:
        memcpy(&number, at, sizeof(number));
        dg_cbor_write_uint(writer, number);
        break;
    case DG_FIELD_INT:
        memcpy(&integer, at, sizeof(integer));
        dg_cbor_write_int(writer, integer);
        break;
    case DG_FIELD_BOOL:
        memcpy(&flag, at, sizeof(flag));
        dg_cbor_write_bool(writer, flag);
        break;
    case DG_FIELD_CHOICE:
        memcpy(&choice, at, sizeof(choice));
        dg_cbor_write_uint(writer, choice);
        break;
    case DG_FIELD_LIST:
        break;
    }
}

void dg_run_codec_write(struct dg_cbor_writer *writer,
                        const struct dg_shape *shape,
                        const void *object)
{
    struct frame stack[DG_SHAPE_DEPTH_MAX];
    size_t depth = 1;

    stack[0] = (struct frame){.shape = shape, .source = object};
    write_head(writer, &stack[0]);
    while (depth > 0U) {
        struct frame *top = &stack[depth - 1U];

        if (top->field == top->end) {
            /* This object is done: on to its brother, or back up. */
            top->source = (depth == 1U) ? NULL : get_pointer(top->source);
            if (top->source == NULL) {
                depth--;
            } else {
                write_head(writer, top);
            }
            continue;
        }

        const struct dg_field *field = &top->shape->fields[top->field];
        const char *at = top->source + field->offset;

        top->field++;
        if (field->kind != DG_FIELD_LIST) {
            write_plain(writer, field, at);
            continue;
        }

        const void *first = get_pointer(at);

        dg_cbor_write_array(writer, length_of(first));
        if ((first != NULL) && (depth < DG_SHAPE_DEPTH_MAX)) {
            stack[depth] =
                (struct frame){.shape = field->shape, .source = first};
            write_head(writer, &stack[depth]);
            depth++;
        }
    }
}

static void read_text(struct dg_cbor_reader *reader,
                      struct dg_arena *arena,
                      char *at)
{
    const dg_span text = dg_cbor_read_tstr(reader);

    if ((text.size > 0U) && (memchr(text.at, '\0', text.size) != NULL)) {
        dg_cbor_reader_fail(reader, DG_E_RANGE);
        return;
    }
    set_pointer(at, dg_arena_text(arena, (const char *)text.at, text.size));
}

static void read_plain(struct dg_cbor_reader *reader,
                       const struct dg_field *field,
                       struct dg_arena *arena,
                       char *at)
{
    uint64_t number = 0;
    int64_t integer = 0;
    unsigned choice = 0;
    bool flag = false;

    switch (field->kind) {
    case DG_FIELD_TEXT:
        read_text(reader, arena, at);
        break;
    case DG_FIELD_UINT:
        number = dg_cbor_read_uint_max(reader, field->max);
        memcpy(at, &number, sizeof(number));
        break;
    case DG_FIELD_INT:
        integer = dg_cbor_read_int(reader);
        memcpy(at, &integer, sizeof(integer));
        break;
    case DG_FIELD_BOOL:
        flag = dg_cbor_read_bool(reader);
        memcpy(at, &flag, sizeof(flag));
        break;
    case DG_FIELD_CHOICE:
        choice = (unsigned)dg_cbor_read_uint_max(reader, field->max - 1U);
        memcpy(at, &choice, sizeof(choice));
        break;
    case DG_FIELD_LIST:
        break;
    }
}

/* Begin to read one object. */
static void read_head(struct dg_cbor_reader *reader, struct frame *frame)
{
    const size_t count = dg_cbor_read_array(reader);

    if ((count < frame->shape->least) || (count > frame->shape->count)) {
        dg_cbor_reader_fail(reader, DG_E_MALFORMED);
    }
    frame->field = 0;
    frame->end = count;
}

/* One run has one form: what the writer leaves out may not be there. */
static void read_tail(struct dg_cbor_reader *reader, const struct frame *frame)
{
    if (stored(frame->shape, frame->object) != frame->end) {
        dg_cbor_reader_fail(reader, DG_E_MALFORMED);
    }
}

/* Begin the next item of the list that @frame reads; @list is its head. */
static void begin_item(struct dg_cbor_reader *reader,
                       struct frame *frame,
                       struct dg_arena *arena,
                       size_t *budget)
{
    if (*budget == 0U) {
        dg_cbor_reader_fail(reader, DG_E_RANGE);
        return;
    }
    (*budget)--;

    void *item = dg_arena_take(arena, frame->shape->size);

    if (item == NULL) {
        dg_cbor_reader_fail(reader, DG_E_PORT);
        return;
    }
    dg_run_codec_clear(frame->shape, item);
    set_pointer(frame->last, item); /* `next` of the brother, or the head */
    frame->last = item;
    frame->object = item;
    frame->items--;
    read_head(reader, frame);
}

/* An object is whole: it has its one form, and its brother or nobody is next.
 */
static void end_object(struct dg_cbor_reader *reader,
                       struct frame *top,
                       size_t *depth,
                       struct dg_arena *arena,
                       size_t *budget)
{
    if (top->object != NULL) {
        read_tail(reader, top);
    }
    if (top->items == 0U) {
        *depth -= 1U;
    } else {
        begin_item(reader, top, arena, budget);
    }
}

enum dg_status dg_run_codec_read(dg_span bytes,
                                 const struct dg_shape *shape,
                                 struct dg_arena *arena,
                                 size_t *budget,
                                 void *object)
{
    struct frame stack[DG_SHAPE_DEPTH_MAX];
    struct dg_cbor_reader reader;
    size_t depth = 1;

    dg_cbor_reader_init(&reader, bytes);
    stack[0] = (struct frame){.shape = shape, .object = object};
    read_head(&reader, &stack[0]);
    while ((depth > 0U) && (reader.status == DG_OK)) {
        struct frame *top = &stack[depth - 1U];

        if (top->field == top->end) {
            end_object(&reader, top, &depth, arena, budget);
            continue;
        }

        const struct dg_field *field = &top->shape->fields[top->field];
        char *at = top->object + field->offset;

        top->field++;
        if (field->kind != DG_FIELD_LIST) {
            read_plain(&reader, field, arena, at);
            continue;
        }

        const size_t items = dg_cbor_read_array(&reader);

        if (depth == DG_SHAPE_DEPTH_MAX) {
            return DG_E_CORRUPT; /* our own tables are wrong */
        }
        if ((items > 0U) && (reader.status == DG_OK)) {
            stack[depth] = (struct frame){
                .shape = field->shape, .items = items, .last = at};
            depth++;
        }
    }
    if (arena->failed) {
        return DG_E_PORT;
    }
    return dg_cbor_reader_end(&reader);
}
