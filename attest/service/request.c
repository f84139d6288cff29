/* SPDX-License-Identifier: Apache-2.0 */
#include "attest/service/request.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "attest/service/text.h"

void dg_request_problem_set(struct dg_request_problem *problem,
                            const char *field,
                            const char *what,
                            const char *remedy)
{
    (void)snprintf(problem->field, sizeof(problem->field), "%s", field);
    (void)snprintf(problem->problem, sizeof(problem->problem), "%s", what);
    (void)snprintf(problem->remedy, sizeof(problem->remedy), "%s", remedy);
}

static bool refuse(struct dg_request_problem *problem,
                   const char *field,
                   const char *what,
                   const char *remedy)
{
    dg_request_problem_set(problem, field, what, remedy);
    return false;
}

/* A field that is not there is NULL; one that is no text is a refusal. */
static bool text_of(const json_t *object,
                    const char *field,
                    const char **text,
                    struct dg_request_problem *problem)
{
    const json_t *value = json_object_get(object, field);

    *text = json_string_value(value);
    if ((value == NULL) || (*text == NULL)) {
        return refuse(problem,
                      field,
                      (value == NULL) ? "is missing" : "is no text",
                      "write every field that docs/attestd.md lists, as text");
    }
    return true;
}

static bool hex_of(const json_t *object,
                   const char *field,
                   dg_buf out,
                   struct dg_request_problem *problem)
{
    const char *text = NULL;
    char remedy[DG_REQUEST_TEXT_MAX];

    if (!text_of(object, field, &text, problem)) {
        return false;
    }
    (void)snprintf(remedy,
                   sizeof(remedy),
                   "write %zu lower-case hex digits, as the phone's attest "
                   "answer gives them",
                   2U * out.capacity);
    return dg_text_get_hex(text, out) ||
           refuse(problem, field, "is not of that form", remedy);
}

static bool key_of(const json_t *object,
                   const char *field,
                   struct dg_public_key *key,
                   struct dg_request_problem *problem)
{
    uint8_t both[2U * DG_P256_SIZE];

    if (!hex_of(object, field, DG_BUF_OF(both), problem)) {
        return false;
    }
    memcpy(key->x, both, DG_P256_SIZE);
    memcpy(key->y, &both[DG_P256_SIZE], DG_P256_SIZE);
    return true;
}

static bool base64_of(struct dg_ticket_request *request,
                      const char *text,
                      const char *field,
                      size_t max,
                      dg_span *bytes,
                      struct dg_request_problem *problem)
{
    const size_t left = sizeof(request->room) - request->used;
    const dg_buf room = {&request->room[request->used],
                         (left < max) ? left : max};
    char remedy[DG_REQUEST_TEXT_MAX];

    (void)snprintf(remedy,
                   sizeof(remedy),
                   "write base64 with its padding and no blanks, at most %zu "
                   "bytes",
                   max);
    if (!dg_text_get_base64(text, room, bytes)) {
        return refuse(problem, field, "is no base64, or is too large", remedy);
    }
    request->used += bytes->size;
    return true;
}

static bool take_evidence(const json_t *item,
                          struct dg_ticket_request *request,
                          struct dg_request_problem *problem)
{
    const size_t at = request->evidences;
    const char *kind = NULL;
    const char *bytes = NULL;

    if (!json_is_object(item) || (json_object_size(item) != 2U) ||
        !text_of(item, "kind", &kind, problem) ||
        !text_of(item, "bytes", &bytes, problem)) {
        return refuse(problem,
                      "evidence",
                      "an item is no object of kind and bytes",
                      "write {\"kind\": \"android-key\", \"bytes\": BASE64}");
    }
    request->kind[at] = dg_evidence_kind_named(kind);
    if (request->kind[at] == DG_KIND_NONE) {
        return refuse(problem,
                      "evidence.kind",
                      "is none that we know",
                      "write android-key, apple-attestation, apple-assertion, "
                      "tpm-quote or psa-token");
    }
    if (!base64_of(request,
                   bytes,
                   "evidence.bytes",
                   DG_EVIDENCE_SIZE_MAX,
                   &request->evidence[at],
                   problem)) {
        return false;
    }
    request->evidences++;
    return true;
}

static bool take_evidences(const json_t *object,
                           struct dg_ticket_request *request,
                           struct dg_request_problem *problem)
{
    const json_t *list = json_object_get(object, "evidence");
    const size_t count = json_array_size(list);

    if (!json_is_array(list) || (count == 0U) ||
        (count > DG_REQUEST_EVIDENCES)) {
        return refuse(problem,
                      "evidence",
                      "is no list of one or two pieces",
                      "write the evidence of the controller's key first, that "
                      "of the presence key second");
    }
    for (size_t i = 0; i < count; i++) {
        if (!take_evidence(json_array_get(list, i), request, problem)) {
            return false;
        }
    }
    return true;
}

/* What may be left out. */
static bool take_rest(const json_t *object,
                      struct dg_ticket_request *request,
                      struct dg_request_problem *problem)
{
    const char *text = NULL;

    if (json_object_get(object, "key_id") != NULL) {
        if (!hex_of(
                object, "key_id", DG_BUF_OF(request->key_id.byte), problem)) {
            return false;
        }
        request->has_key_id = true;
    }
    if (json_object_get(object, "requalification") == NULL) {
        return true;
    }
    return text_of(object, "requalification", &text, problem) &&
           base64_of(request,
                     text,
                     "requalification",
                     DG_REQUALIFICATION_SIZE_MAX,
                     &request->requalification,
                     problem);
}

/* A name that we do not know may be one that matters. */
static bool has_known_only(const json_t *object,
                           struct dg_request_problem *problem)
{
    static const char *const known[] = {"device",
                                        "nonce",
                                        "key",
                                        "presence",
                                        "evidence",
                                        "key_id",
                                        "requalification"};
    size_t found = 0;

    for (size_t i = 0; i < (sizeof(known) / sizeof(known[0])); i++) {
        found += (json_object_get(object, known[i]) != NULL) ? 1U : 0U;
    }
    return (found == json_object_size(object)) ||
           refuse(problem,
                  "request",
                  "has a field that we do not know",
                  "write device, nonce, key, presence, evidence and where "
                  "needed key_id, requalification");
}

static bool read_object(const json_t *object,
                        struct dg_ticket_request *request,
                        struct dg_request_problem *problem)
{
    return has_known_only(object, problem) &&
           hex_of(object, "device", DG_BUF_OF(request->device.byte), problem) &&
           hex_of(object, "nonce", DG_BUF_OF(request->nonce.byte), problem) &&
           key_of(object, "key", &request->key, problem) &&
           key_of(object, "presence", &request->presence, problem) &&
           take_evidences(object, request, problem) &&
           take_rest(object, request, problem);
}

/* @satisfies{FDP_ATTEST.1@1} */
enum dg_status dg_ticket_request_read(dg_span json,
                                      struct dg_ticket_request *request,
                                      struct dg_request_problem *problem)
{
    json_error_t error;
    bool is_good = false;

    memset(request, 0, offsetof(struct dg_ticket_request, room));
    memset(problem, 0, sizeof(*problem));
    if ((json.size == 0U) || (json.size > DG_REQUEST_SIZE_MAX)) {
        (void)refuse(problem,
                     "request",
                     "is empty or too large",
                     "send one JSON object of at most 176 KB");
        return DG_E_MALFORMED;
    }

    json_t *object = json_loadb(
        (const char *)json.at, json.size, JSON_REJECT_DUPLICATES, &error);

    if (json_is_object(object)) {
        is_good = read_object(object, request, problem);
    } else {
        (void)refuse(problem,
                     "request",
                     "is not one JSON object without duplicates",
                     "send an object as in docs/attestd.md");
    }
    json_decref(object);
    return is_good ? DG_OK : DG_E_MALFORMED;
}
