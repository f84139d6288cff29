/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/run_second.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dosegate/cbor.h"
#include "dosegate/cose.h"
#include "eval/hex.h"
#include "eval/utf8.h"

#define FORMAT       "dosegate-second-1"
#define PURPOSE      "dosegate second 1"
#define PAYLOAD_MAX  512U
#define MOMENT_BYTES 20U

enum key { KEY_FORMAT = 1, KEY_X, KEY_Y, KEY_DIGEST, KEY_NAME, KEY_MOMENT };

static bool is_blank(char letter)
{
    return (letter == ' ') || (letter == '\t');
}

/* Nothing that is seen, or that turns round what is: with one of these in it a
 * name looks like another one. */
static bool is_invisible(uint32_t character)
{
    static const struct {
        uint32_t from;
        uint32_t to;
    } ranges[] = {{0x80U, 0xA0U},
                  {0xADU, 0xADU},
                  {0x34FU, 0x34FU},
                  {0x61CU, 0x61CU},
                  {0x2000U, 0x200FU},
                  {0x2028U, 0x202FU},
                  {0x205FU, 0x206FU},
                  {0x3000U, 0x3000U},
                  {0xFEFFU, 0xFEFFU}};

    for (size_t i = 0; i < (sizeof(ranges) / sizeof(ranges[0])); i++) {
        if ((character >= ranges[i].from) && (character <= ranges[i].to)) {
            return true;
        }
    }
    return false;
}

bool dg_second_is_name(const char *name)
{
    size_t left = strlen(name);
    bool has_letter = false;

    if ((left == 0U) || (left > DG_SECOND_NAME_MAX)) {
        return false;
    }
    while (left > 0U) {
        uint32_t character = 0;
        const size_t size = dg_utf8_next(name, left, &character);

        if ((character < 0x20U) || (character == 0x7FU) ||
            (character == 0xFFFDU) || is_invisible(character)) {
            return false;
        }
        has_letter = has_letter || !is_blank(*name);
        name += size;
        left -= size;
    }
    return has_letter;
}

/* The next character that counts, in lower case; 0 at the end. */
static uint32_t next_of(dg_span *name)
{
    while (name->size > 0U) {
        uint32_t character = 0;
        const size_t size =
            dg_utf8_next((const char *)name->at, name->size, &character);

        name->at += size;
        name->size -= size;
        if ((character > 0x20U) && !is_invisible(character)) {
            return ((character >= 'A') && (character <= 'Z'))
                       ? character - 'A' + 'a'
                       : character;
        }
    }
    return 0;
}

/* "A. Evaluator" is " a.evaluator ". */
static bool is_same_span(dg_span a, const char *name)
{
    dg_span b = {(const uint8_t *)name, strlen(name)};
    uint32_t character = 0;

    do {
        character = next_of(&a);
        if (character != next_of(&b)) {
            return false;
        }
    } while (character != 0U);
    return true;
}

static bool is_same_person(const char *a, const char *b)
{
    return is_same_span((dg_span){(const uint8_t *)a, strlen(a)}, b);
}

/* Whether the reason is that of a form which this person signed. */
static bool has_signed(const char *reason, const char *name)
{
    static const char before[] = DG_RUN_SIGNED_BY;
    const char *from = reason + sizeof(before) - 1U;
    const char *to = NULL;

    if (strncmp(reason, before, sizeof(before) - 1U) != 0) {
        return false;
    }
    for (const char *at = strstr(from, DG_RUN_SIGNED_ON); at != NULL;
         at = strstr(at + 1, DG_RUN_SIGNED_ON)) {
        to = at;
    }
    return (to != NULL) &&
           is_same_span((dg_span){(const uint8_t *)from, (size_t)(to - from)},
                        name);
}

static bool has_part_in_path(const struct dg_run_path *path, const char *name)
{
    if (is_same_person(path->rated_by, name)) {
        return true;
    }
    for (const struct dg_rating_choice *c = path->choices; c != NULL;
         c = c->next) {
        if (is_same_person(c->changed_by, name)) {
            return true;
        }
    }
    return false;
}

bool dg_second_has_part(const struct dg_run *run, const char *name)
{
    if (is_same_person(run->head.evaluator, name)) {
        return true;
    }
    for (const struct dg_run_test *t = run->tests; t != NULL; t = t->next) {
        if (is_same_person(t->expected_by, name) ||
            is_same_person(t->waived_by, name) || has_signed(t->reason, name)) {
            return true;
        }
        for (const struct dg_run_path *p = t->paths; p != NULL; p = p->next) {
            if (has_part_in_path(p, name)) {
                return true;
            }
        }
    }
    return false;
}

static bool is_same_key(const struct dg_public_key *a,
                        const struct dg_public_key *b)
{
    return memcmp(a, b, sizeof(*a)) == 0;
}

static enum dg_status refuse(struct dg_problem *problem, const char *why)
{
    dg_problem_set(problem, "%s", why);
    return DG_E_AUTH;
}

/* Who signs must be neither the laboratory's key nor a person in the run. */
static enum dg_status check_other(const struct dg_run *run,
                                  const struct dg_public_key *first,
                                  const struct dg_public_key *key,
                                  const char *name,
                                  struct dg_problem *problem)
{
    if (is_same_key(first, key)) {
        return refuse(problem,
                      "the second signature is by the key that signed the run: "
                      "a second evaluator has a key of their own");
    }
    if (dg_second_has_part(run, name)) {
        dg_problem_set(problem,
                       "%s has a part in the run: who evaluates does not "
                       "confirm",
                       name);
        return DG_E_AUTH;
    }
    if (is_same_person(run->head.evaluator, "")) {
        return refuse(problem,
                      "nobody is named as the evaluator, so a second one "
                      "cannot be told from the first: run dosegate evaluate "
                      "with --evaluator NAME");
    }
    return DG_OK;
}

static enum dg_status write_payload(const struct dg_crypto *crypto,
                                    dg_span before,
                                    const struct dg_lab_key *key,
                                    const char *name,
                                    const char *moment,
                                    dg_buf room,
                                    dg_span *payload)
{
    struct dg_cbor_writer writer;
    struct dg_hash hash;
    const enum dg_status status =
        crypto->sha256(crypto->context, &before, 1, &hash);

    if (status != DG_OK) {
        return status;
    }
    dg_cbor_writer_init(&writer, room);
    dg_cbor_write_map(&writer, KEY_MOMENT);
    dg_cbor_write_int(&writer, KEY_FORMAT);
    dg_cbor_write_tstr(&writer, FORMAT);
    dg_cbor_write_int(&writer, KEY_X);
    dg_cbor_write_bstr(&writer, DG_SPAN_OF(key->public_key.x));
    dg_cbor_write_int(&writer, KEY_Y);
    dg_cbor_write_bstr(&writer, DG_SPAN_OF(key->public_key.y));
    dg_cbor_write_int(&writer, KEY_DIGEST);
    dg_cbor_write_bstr(&writer, DG_SPAN_OF(hash.byte));
    dg_cbor_write_int(&writer, KEY_NAME);
    dg_cbor_write_tstr(&writer, name);
    dg_cbor_write_int(&writer, KEY_MOMENT);
    dg_cbor_write_tstr(&writer, moment);
    return dg_cbor_writer_end(&writer, payload);
}

/* @satisfies{EVL_SECOND.1@1} */
enum dg_status dg_second_sign(const struct dg_crypto *crypto,
                              dg_span run_file,
                              const struct dg_run *run,
                              const struct dg_public_key *first,
                              const struct dg_lab_key *key,
                              const char *name,
                              const char *moment,
                              dg_span *bytes,
                              struct dg_problem *problem)
{
    static const uint8_t purpose[] = PURPOSE;
    uint8_t room[PAYLOAD_MAX];
    uint8_t signed_room[PAYLOAD_MAX + DG_COSE_SIGN1_OVERHEAD_MAX];
    dg_span payload = {NULL, 0};
    dg_span message = {NULL, 0};

    *bytes = (dg_span){NULL, 0};
    if (!dg_second_is_name(name) || (strlen(moment) != MOMENT_BYTES)) {
        dg_problem_set(problem,
                       "a name has 1 to %u bytes and no control or invisible "
                       "characters",
                       DG_SECOND_NAME_MAX);
        return DG_E_RANGE;
    }

    enum dg_status status =
        check_other(run, first, &key->public_key, name, problem);

    if (status != DG_OK) {
        return status;
    }
    dg_problem_set(problem, "the sign-off cannot be made");
    status = write_payload(
        crypto, run_file, key, name, moment, DG_BUF_OF(room), &payload);
    if (status == DG_OK) {
        status = dg_cose_sign1(crypto,
                               &key->private_key,
                               (dg_span){NULL, 0},
                               (dg_span){purpose, sizeof(purpose) - 1U},
                               payload,
                               DG_BUF_OF(signed_room),
                               &message);
    }
    if (status != DG_OK) {
        return DG_E_PORT;
    }

    uint8_t *at = malloc(run_file.size + message.size);

    if (at == NULL) {
        return DG_E_PORT;
    }
    memcpy(at, run_file.at, run_file.size);
    memcpy(at + run_file.size, message.at, message.size);
    bytes->at = at;
    bytes->size = run_file.size + message.size;
    return DG_OK;
}

bool dg_second_is_meant(dg_span bytes)
{
    static const uint8_t head[] = {0xD2, 0x84, 0x43, 0xA1, 0x01, 0x26};

    return (bytes.size >= sizeof(head)) &&
           (memcmp(bytes.at, head, sizeof(head)) == 0);
}

static void expect_key(struct dg_cbor_reader *reader,
                       struct dg_cbor_map *map,
                       int64_t expected)
{
    int64_t key = 0;

    if (!dg_cbor_map_next(reader, map, &key) || (key != expected)) {
        dg_cbor_reader_fail(reader, DG_E_MALFORMED);
    }
}

struct payload {
    dg_span format;
    dg_span x;
    dg_span y;
    dg_span digest;
    dg_span name;
    dg_span moment;
};

static enum dg_status read_payload(dg_span bytes, struct payload *payload)
{
    struct dg_cbor_reader reader;
    struct dg_cbor_map map;

    dg_cbor_reader_init(&reader, bytes);
    dg_cbor_read_map(&reader, &map);
    expect_key(&reader, &map, KEY_FORMAT);
    payload->format = dg_cbor_read_tstr(&reader);
    expect_key(&reader, &map, KEY_X);
    payload->x = dg_cbor_read_bstr_exact(&reader, DG_P256_SIZE);
    expect_key(&reader, &map, KEY_Y);
    payload->y = dg_cbor_read_bstr_exact(&reader, DG_P256_SIZE);
    expect_key(&reader, &map, KEY_DIGEST);
    payload->digest = dg_cbor_read_bstr_exact(&reader, DG_HASH_SIZE);
    expect_key(&reader, &map, KEY_NAME);
    payload->name = dg_cbor_read_tstr(&reader);
    expect_key(&reader, &map, KEY_MOMENT);
    payload->moment = dg_cbor_read_tstr(&reader);
    if ((reader.status == DG_OK) && (map.left != 0U)) {
        return DG_E_MALFORMED;
    }
    return dg_cbor_reader_end(&reader);
}

static bool is_equal(dg_span a, const void *at, size_t size)
{
    return (a.size == size) && (memcmp(a.at, at, size) == 0);
}

/* Copy a text of limited size; false when it is too long or holds a zero. */
static bool take(dg_span text, char *out, size_t capacity)
{
    if ((text.size == 0U) || (text.size >= capacity) ||
        (memchr(text.at, '\0', text.size) != NULL)) {
        return false;
    }
    memcpy(out, text.at, text.size);
    out[text.size] = '\0';
    return true;
}

/* What was signed, once the signature holds. */
static enum dg_status believe(const struct dg_crypto *crypto,
                              dg_span before,
                              const struct payload *payload,
                              struct dg_run_second *second,
                              struct dg_problem *problem)
{
    struct dg_hash hash;
    const enum dg_status status =
        crypto->sha256(crypto->context, &before, 1, &hash);

    if (status != DG_OK) {
        return status;
    }
    if (!is_equal(payload->digest, hash.byte, sizeof(hash.byte))) {
        return refuse(problem, "the second signature is over another run");
    }
    if (!is_equal(payload->format, FORMAT, sizeof(FORMAT) - 1U) ||
        !take(payload->name, second->name, sizeof(second->name)) ||
        !dg_second_is_name(second->name) ||
        !take(payload->moment, second->moment, sizeof(second->moment)) ||
        (strlen(second->moment) != MOMENT_BYTES)) {
        return refuse(problem, "the second signature has another form");
    }
    return DG_OK;
}

/* @satisfies{EVL_SECOND.1@1} */
enum dg_status dg_second_check(const struct dg_crypto *crypto,
                               dg_span before,
                               dg_span bytes,
                               const struct dg_run *run,
                               const struct dg_public_key *first,
                               struct dg_run_second *second,
                               struct dg_problem *problem)
{
    static const uint8_t purpose[] = PURPOSE;
    struct dg_run_second found = {.is_there = true};
    struct dg_cose_sign1 parts;
    struct payload payload;
    dg_span believed = {NULL, 0};

    *second = (struct dg_run_second){.is_there = false};
    if ((dg_cose_sign1_parse(bytes, &parts) != DG_OK) ||
        (parts.kid.size != 0U) ||
        (read_payload(parts.payload, &payload) != DG_OK)) {
        return refuse(problem, "the second signature is damaged");
    }
    memcpy(found.key.x, payload.x.at, DG_P256_SIZE);
    memcpy(found.key.y, payload.y.at, DG_P256_SIZE);

    enum dg_status status =
        dg_cose_sign1_verify(crypto,
                             &found.key,
                             (dg_span){purpose, sizeof(purpose) - 1U},
                             bytes,
                             &believed);

    if (status == DG_E_PORT) {
        return status;
    }
    if (status != DG_OK) {
        return refuse(problem, "the second signature does not hold");
    }
    status = believe(crypto, before, &payload, &found, problem);
    if (status == DG_OK) {
        status = check_other(run, first, &found.key, found.name, problem);
    }
    if (status == DG_OK) {
        status = dg_lab_key_id(crypto, &found.key, found.key_id);
    }
    if (status == DG_OK) {
        *second = found;
    }
    return status;
}

void dg_second_note(struct dg_run *run, const struct dg_run_second *second)
{
    for (struct dg_run_test *t = run->tests; t != NULL; t = t->next) {
        for (struct dg_run_path *p = t->paths; p != NULL; p = p->next) {
            p->confirmed_by =
                dg_run_textf(run, "%s, key %s", second->name, second->key_id);
        }
    }
}

void dg_second_forget(struct dg_run *run)
{
    for (struct dg_run_test *t = run->tests; t != NULL; t = t->next) {
        for (struct dg_run_path *p = t->paths; p != NULL; p = p->next) {
            p->confirmed_by = "";
        }
    }
}
