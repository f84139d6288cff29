/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "dosegate/cbor.h"
#include "eval/adapter/bare.h"
#include "eval/adapter/words.h"
#include "eval/hex.h"

/* What the pump's journal holds, as a phone reads it: pages of entries. */
#define RECORDS_MAX 400U /* of one answer: 65,536 bytes hold them */

/* Entries of one page, each an array; how many there were. */
static unsigned add_page(json_t *list, const struct dg_answer *answer)
{
    struct dg_cbor_reader reader;
    unsigned count = 0U;

    dg_cbor_reader_init(
        &reader, (dg_span){answer->as.journal.byte, answer->as.journal.size});
    while ((reader.rest.size > 0U) && (reader.status == DG_OK)) {
        const dg_span entry = dg_cbor_read_any(&reader);
        char hex[2U * DG_JOURNAL_BYTES_MAX + 1U];

        if ((reader.status != DG_OK) || (entry.size > DG_JOURNAL_BYTES_MAX)) {
            break;
        }
        dg_hex_put(entry, hex);
        json_array_append_new(
            list,
            json_pack("{s:I, s:s}",
                      "number",
                      (json_int_t)answer->as.journal.first + (json_int_t)count,
                      "hex",
                      hex));
        count++;
    }
    return count;
}

json_t *dg_bare_records(struct dg_bare *bare, const json_t *order)
{
    const json_int_t from = json_integer_value(json_object_get(order, "from"));
    struct dg_request request = dg_journal_ask(DG_JOURNAL_ASK_RANGE);
    struct dg_answer answer;
    json_t *list = json_array();
    uint32_t total = 0U;
    unsigned count = 1U;

    if ((from < 0) || (from > (json_int_t)INT32_MAX)) {
        json_decref(list);
        return dg_words_failure("\"from\" is 0 to 2147483647");
    }
    request.as.journal.first = (uint32_t)from;
    while ((count > 0U) && (json_array_size(list) < RECORDS_MAX)) {
        if (!dg_bare_ask(bare, &request, &answer) ||
            (answer.kind != DG_ANSWER_JOURNAL)) {
            break;
        }
        total = answer.as.journal.total;
        count = add_page(list, &answer);
        request.as.journal.first = answer.as.journal.first + count;
        if (request.as.journal.first >= total) {
            break;
        }
    }
    return json_pack("{s:b, s:s, s:I, s:o}",
                     "ok",
                     1,
                     "result",
                     (total > 0U) ? "records" : "silent",
                     "total",
                     (json_int_t)total,
                     "records",
                     list);
}
