/* SPDX-License-Identifier: Apache-2.0 */
#include "attest/service/pages.h"

#include <string.h>

#include "attest/service/text.h"

struct dg_page dg_page_json(unsigned code, json_t *object)
{
    struct dg_page answer = {.code = code, .type = "application/json"};
    char *text = json_dumps(object, JSON_COMPACT);

    json_decref(object);
    if (text != NULL) {
        answer.size = strlen(text);
        text[answer.size] = '\n'; /* in place of the zero: sent by size */
        answer.size++;
    }
    answer.text = text;
    return answer;
}

struct dg_page dg_page_refusal(unsigned code,
                               const char *field,
                               const char *problem,
                               const char *remedy)
{
    return dg_page_json(code,
                        json_pack("{s:{s:s, s:s, s:s}}",
                                  "error",
                                  "field",
                                  field,
                                  "problem",
                                  problem,
                                  "remedy",
                                  remedy));
}

static json_t *claims_of(uint32_t claims)
{
    static const char *const values[] = {"not stated", "yes", "no"};
    json_t *object = json_object();

    for (unsigned i = 0; i < DG_CLAIMS; i++) {
        const enum dg_claim_value value =
            dg_attestation_claim(claims, (enum dg_claim)i);

        (void)json_object_set_new(object,
                                  dg_claim_name((enum dg_claim)i),
                                  json_string(values[value]));
    }
    return object;
}

struct dg_page dg_page_ticket(const struct dg_issue *issue)
{
    static const char *const levels[] = {"none", "low", "medium", "high"};
    const struct dg_attestation *said = &issue->attestation;
    char hex[(2U * DG_ATTEST_TICKET_MAX) + 1U];
    json_t *object = NULL;

    dg_text_put_hex((dg_span){issue->ticket, issue->size}, hex);
    object = json_pack("{s:s, s:s, s:o, s:I, s:I, s:I}",
                       "ticket",
                       hex,
                       "level",
                       levels[said->level],
                       "claims",
                       claims_of(said->claims),
                       "policy",
                       (json_int_t)said->policy,
                       "life_s",
                       (json_int_t)said->life_s,
                       "serial",
                       (json_int_t)said->serial);
    if (issue->note[0] != '\0') {
        (void)json_object_set_new(object, "note", json_string(issue->note));
    }
    return dg_page_json(DG_PAGE_OK, object);
}
