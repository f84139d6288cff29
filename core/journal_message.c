/* SPDX-License-Identifier: Apache-2.0 */
#include "journal_message.h"

#include <stddef.h>
#include <string.h>

#define KEY_VERB  1
#define KEY_FIRST 2
#define KEY_END   3
#define KEY_SKIP  4
#define KEY_BYTES 5

#define HAS_FIRST (1U << KEY_FIRST)
#define HAS_END   (1U << KEY_END)
#define HAS_SKIP  (1U << KEY_SKIP)
#define HAS_BYTES (1U << KEY_BYTES)

/* Which keys a verb has, all of them and no other. */
/* clang-format off */
static const uint8_t keys_of[DG_JOURNAL_VERBS] = {
    [DG_JOURNAL_ASK_HEAD]     = 0U,
    [DG_JOURNAL_ASK_RANGE]    = HAS_FIRST,
    [DG_JOURNAL_ASK_PROOF]    = HAS_FIRST | HAS_END | HAS_SKIP,
    [DG_JOURNAL_ASK_PEAKS]    = HAS_FIRST | HAS_SKIP,
    [DG_JOURNAL_ASK_EXPORTED] = HAS_BYTES,
    [DG_JOURNAL_ASK_KEY]      = 0U,
};
/* clang-format on */

static bool is_verb(enum dg_journal_verb verb)
{
    return (verb != DG_JOURNAL_ASK_NONE) && ((unsigned)verb < DG_JOURNAL_VERBS);
}

/* request ---------------------------------------------------------------- */

struct dg_request dg_journal_ask(enum dg_journal_verb verb)
{
    struct dg_request request;

    memset(&request, 0, sizeof request);
    request.kind = DG_REQUEST_JOURNAL;
    request.as.journal.verb = verb;
    request.as.journal.keys = is_verb(verb) ? keys_of[verb] : 0U;
    return request;
}

bool dg_journal_request_is_sound(const struct dg_request *request)
{
    const enum dg_journal_verb verb = request->as.journal.verb;
    const uint8_t size = request->as.journal.size;

    return is_verb(verb) && (request->as.journal.keys == keys_of[verb]) &&
           (request->as.journal.skip <= DG_MERKLE_PROOF_MAX) &&
           (size <= DG_JOURNAL_BYTES_MAX) &&
           ((size > 0U) == ((keys_of[verb] & HAS_BYTES) != 0U));
}

void dg_journal_request_write(struct dg_cbor_writer *writer,
                              const struct dg_request *request)
{
    const unsigned keys = request->as.journal.keys;
    size_t pairs = 2U;

    for (unsigned key = KEY_FIRST; key <= KEY_BYTES; key++) {
        pairs += (keys >> key) & 1U;
    }
    dg_cbor_write_map(writer, pairs);
    dg_cbor_write_uint(writer, 0U);
    dg_cbor_write_uint(writer, DG_REQUEST_JOURNAL);
    dg_cbor_write_uint(writer, KEY_VERB);
    dg_cbor_write_uint(writer, (uint64_t)request->as.journal.verb);
    if ((keys & HAS_FIRST) != 0U) {
        dg_cbor_write_uint(writer, KEY_FIRST);
        dg_cbor_write_uint(writer, request->as.journal.first);
    }
    if ((keys & HAS_END) != 0U) {
        dg_cbor_write_uint(writer, KEY_END);
        dg_cbor_write_uint(writer, request->as.journal.end);
    }
    if ((keys & HAS_SKIP) != 0U) {
        dg_cbor_write_uint(writer, KEY_SKIP);
        dg_cbor_write_uint(writer, request->as.journal.skip);
    }
    if ((keys & HAS_BYTES) != 0U) {
        dg_cbor_write_uint(writer, KEY_BYTES);
        dg_cbor_write_bstr(
            writer,
            (dg_span){request->as.journal.byte, request->as.journal.size});
    }
}

/* Copies what fits; 0 and an error when it does not. */
static uint8_t read_bytes(struct dg_cbor_reader *reader,
                          uint8_t room[DG_JOURNAL_BYTES_MAX])
{
    const dg_span bytes = dg_cbor_read_bstr(reader);

    if (bytes.size > DG_JOURNAL_BYTES_MAX) {
        dg_cbor_reader_fail(reader, DG_E_RANGE);
        return 0U;
    }
    if (bytes.size > 0U) {
        memcpy(room, bytes.at, bytes.size);
    }
    return (uint8_t)bytes.size;
}

static uint32_t read_u32(struct dg_cbor_reader *reader)
{
    return (uint32_t)dg_cbor_read_uint_max(reader, UINT32_MAX);
}

void dg_journal_request_read(struct dg_cbor_reader *reader,
                             int64_t key,
                             struct dg_request *request)
{
    if (key == KEY_VERB) {
        request->as.journal.verb =
            (enum dg_journal_verb)dg_cbor_read_uint_max(reader, UINT8_MAX);
        return;
    }
    request->as.journal.keys =
        (uint8_t)(request->as.journal.keys | (1U << (unsigned)key));
    if (key == KEY_FIRST) {
        request->as.journal.first = read_u32(reader);
    } else if (key == KEY_END) {
        request->as.journal.end = read_u32(reader);
    } else if (key == KEY_SKIP) {
        request->as.journal.skip =
            (uint8_t)dg_cbor_read_uint_max(reader, DG_MERKLE_PROOF_MAX);
    } else {
        request->as.journal.size = read_bytes(reader, request->as.journal.byte);
    }
}

/* answer ------------------------------------------------------------------ */

bool dg_journal_answer_is_sound(const struct dg_answer *answer)
{
    return is_verb(answer->as.journal.verb) &&
           (answer->as.journal.size <= DG_JOURNAL_BYTES_MAX);
}

void dg_journal_answer_write(struct dg_cbor_writer *writer,
                             const struct dg_answer *answer)
{
    dg_cbor_write_uint(writer, 2U);
    dg_cbor_write_uint(writer, (uint64_t)answer->as.journal.verb);
    dg_cbor_write_uint(writer, 3U);
    dg_cbor_write_uint(writer, answer->as.journal.first);
    dg_cbor_write_uint(writer, 4U);
    dg_cbor_write_uint(writer, answer->as.journal.total);
    dg_cbor_write_uint(writer, 5U);
    dg_cbor_write_bstr(
        writer, (dg_span){answer->as.journal.byte, answer->as.journal.size});
}

void dg_journal_answer_read(struct dg_cbor_reader *reader,
                            int64_t key,
                            struct dg_answer *answer)
{
    if (key == 2) {
        answer->as.journal.verb =
            (enum dg_journal_verb)dg_cbor_read_uint_max(reader, UINT8_MAX);
        if ((reader->status == DG_OK) && !is_verb(answer->as.journal.verb)) {
            dg_cbor_reader_fail(reader, DG_E_RANGE);
        }
    } else if (key == 3) {
        answer->as.journal.first = read_u32(reader);
    } else if (key == 4) {
        answer->as.journal.total = read_u32(reader);
    } else {
        answer->as.journal.size = read_bytes(reader, answer->as.journal.byte);
    }
}
