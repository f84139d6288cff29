/* SPDX-License-Identifier: Apache-2.0 */
#include "attest/service/issuer.h"

#include <stdio.h>
#include <string.h>

#define HOUR_S 3600

/* What one request is about, while it is judged. */
struct work {
    const struct dg_issuer *issuer;
    const struct dg_ticket_request *request;
    int64_t now_s;
    struct dg_issue *issue;
    struct dg_hash challenge;
    struct dg_appraisal appraisal[DG_REQUEST_EVIDENCES];
    char build[DG_STORE_BUILD_MAX];
};

const char *dg_issue_name(enum dg_issue_result result)
{
    static const char *const names[DG_ISSUE_RESULTS] = {
        [DG_ISSUE_NONE] = "none",
        [DG_ISSUE_TICKET] = "ticket",
        [DG_ISSUE_BAD_REQUEST] = "bad-request",
        [DG_ISSUE_REJECTED] = "rejected",
        [DG_ISSUE_UNSUPPORTED] = "unsupported",
        [DG_ISSUE_UNDECIDED] = "undecided",
        [DG_ISSUE_REPLAY] = "replay",
        [DG_ISSUE_TOO_MANY] = "too-many",
        [DG_ISSUE_FAILED] = "failed",
    };

    return ((unsigned)result < DG_ISSUE_RESULTS) ? names[result] : "none";
}

/* Always false, so that a refusal is one line. */
static bool refuse(struct work *work,
                   enum dg_issue_result result,
                   const char *field,
                   const char *what,
                   const char *remedy)
{
    work->issue->result = result;
    dg_request_problem_set(&work->issue->problem, field, what, remedy);
    return false;
}

static bool store_failed(struct work *work)
{
    return refuse(work,
                  DG_ISSUE_FAILED,
                  "service",
                  "the store does not answer",
                  "try again later; its operator finds the reason in the log");
}

static bool crypto_failed(struct work *work)
{
    return refuse(work,
                  DG_ISSUE_FAILED,
                  "service",
                  "the crypto library failed",
                  "try again later");
}

/* evidence ----------------------------------------------------------------- */

static bool prepare(struct work *work)
{
    const struct dg_ticket_request *request = work->request;
    const struct dg_crypto *crypto = work->issuer->crypto;

    if (work->now_s >= work->issuer->list->expires_s) {
        return refuse(work,
                      DG_ISSUE_UNDECIDED,
                      "service",
                      "its platform policy has expired",
                      "its operator has to bring the maker's newer policy");
    }
    return ((dg_attestation_subject(crypto,
                                    &request->device,
                                    &request->key,
                                    &request->presence,
                                    &work->issue->subject) == DG_OK) &&
            (dg_appraisal_challenge(crypto,
                                    &request->nonce,
                                    &work->issue->subject,
                                    &work->challenge) == DG_OK)) ||
           crypto_failed(work);
}

/* What an assertion is held against. */
static bool find_apple_key(struct work *work,
                           struct dg_store_apple_key *key,
                           struct dg_apple_reference *apple)
{
    const struct dg_ticket_request *request = work->request;

    if (!request->has_key_id) {
        return refuse(work,
                      DG_ISSUE_BAD_REQUEST,
                      "key_id",
                      "is missing",
                      "send the identifier of the App Attest key with it");
    }

    const enum dg_status status =
        dg_store_apple_find(work->issuer->store, &request->key_id, key);

    if (status == DG_E_STATE) {
        return refuse(work,
                      DG_ISSUE_REJECTED,
                      "key_id",
                      "names no key that was attested here",
                      "send an apple-attestation of this key first");
    }
    if (status != DG_OK) {
        return store_failed(work);
    }
    apple->key = &key->key;
    apple->counter = key->counter;
    return true;
}

/* The machine or chip that a quote or a token is of. */
static bool find_enrolled(struct work *work,
                          enum dg_evidence_kind kind,
                          const struct dg_policy_enrolled **enrolled)
{
    const struct dg_ticket_request *request = work->request;

    if (!request->has_key_id) {
        return refuse(work,
                      DG_ISSUE_BAD_REQUEST,
                      "key_id",
                      "is missing",
                      "send SHA-256 of the TPM's TPMT_PUBLIC, or the PSA "
                      "instance id without its first byte");
    }
    *enrolled =
        dg_policy_list_enrolled(work->issuer->list, kind, &request->key_id);
    return (*enrolled != NULL) ||
           refuse(work,
                  DG_ISSUE_REJECTED,
                  "key_id",
                  "names no machine or chip that the policy takes in",
                  "have its operator enrol the key");
}

static bool tell_appraisal(struct work *work,
                           const struct dg_appraisal *appraisal)
{
    static const enum dg_issue_result results[] = {
        [DG_APPRAISAL_UNDECIDED] = DG_ISSUE_UNDECIDED,
        [DG_APPRAISAL_ACCEPTED] = DG_ISSUE_NONE,
        [DG_APPRAISAL_REJECTED] = DG_ISSUE_REJECTED,
        [DG_APPRAISAL_UNSUPPORTED] = DG_ISSUE_UNSUPPORTED,
    };
    char what[DG_REQUEST_TEXT_MAX];

    if (appraisal->result == DG_APPRAISAL_ACCEPTED) {
        return true;
    }
    (void)snprintf(what,
                   sizeof(what),
                   "%s: %.120s",
                   dg_appraisal_step_name(appraisal->failed),
                   appraisal->reason);
    return refuse(work,
                  results[appraisal->result],
                  "evidence",
                  what,
                  (appraisal->result == DG_APPRAISAL_UNDECIDED)
                      ? "the service lacks something: its operator has to "
                        "bring newer anchors"
                      : "ask the pump for a new nonce and the platform for new "
                        "evidence over its challenge");
}

static bool appraise(struct work *work, size_t at)
{
    const struct dg_issuer *issuer = work->issuer;
    const struct dg_ticket_request *request = work->request;
    const enum dg_evidence_kind kind = request->kind[at];
    const struct dg_policy_enrolled *enrolled = NULL;
    struct dg_store_apple_key apple_key;
    struct dg_appraisal_context context = {
        .crypto = issuer->crypto,
        .at_s = work->now_s,
        .challenge = DG_SPAN_OF(work->challenge.byte),
        .anchors = issuer->anchors,
        .controller = &request->key,
        .presence = &request->presence,
        .app = issuer->list->app,
        .apps = issuer->list->apps,
    };

    memset(&apple_key, 0, sizeof(apple_key));
    if (request->has_key_id) {
        context.apple.key_id = DG_SPAN_OF(request->key_id.byte);
    }
    if ((kind == DG_KIND_APPLE_ASSERTION) &&
        !find_apple_key(work, &apple_key, &context.apple)) {
        return false;
    }
    if (((kind == DG_KIND_TPM_QUOTE) || (kind == DG_KIND_PSA_TOKEN)) &&
        !find_enrolled(work, kind, &enrolled)) {
        return false;
    }

    const enum dg_status status =
        (enrolled != NULL)
            ? dg_policy_list_appraise(issuer->list,
                                      &context,
                                      enrolled,
                                      request->evidence[at],
                                      &work->appraisal[at])
            : dg_appraise(
                  &context, kind, request->evidence[at], &work->appraisal[at]);

    if (status != DG_OK) {
        return crypto_failed(work);
    }
    return tell_appraisal(work, &work->appraisal[at]);
}

/* Counters and pins move only with evidence that holds. */
static bool remember(struct work *work)
{
    struct dg_store *store = work->issuer->store;
    const struct dg_ticket_request *request = work->request;
    const struct dg_appraisal *first = &work->appraisal[0];
    enum dg_status status = DG_OK;

    if (first->kind == DG_KIND_APPLE_ASSERTION) {
        status = dg_store_apple_count(store, &request->key_id, first->counter);
        if (status == DG_E_REPLAY) {
            return refuse(work,
                          DG_ISSUE_REJECTED,
                          "evidence",
                          "counter: an assertion as new as this one was taken",
                          "ask the platform for a new assertion");
        }
    }
    if ((status == DG_OK) && (first->kind == DG_KIND_APPLE_ATTESTATION) &&
        request->has_key_id && first->has_key) {
        status = dg_store_apple_keep(
            store, &request->key_id, &first->key, work->now_s);
    }
    if (status == DG_OK) {
        status = dg_store_pin(store,
                              &work->issue->subject,
                              first->os_version,
                              first->os_patch,
                              first->app.version,
                              work->now_s);
    }
    if (status == DG_E_REPLAY) {
        return refuse(work,
                      DG_ISSUE_REJECTED,
                      "evidence",
                      "system or app is older than this phone showed before",
                      "bring the phone up to date again, or pair it anew");
    }
    return (status == DG_OK) || store_failed(work);
}

static bool within_rate(struct work *work)
{
    char bucket[DG_DB_TEXT_MAX] = "subject ";
    int64_t count = 0;
    size_t used = strlen(bucket);

    for (size_t i = 0; i < DG_HASH_SIZE; i++) {
        used += (size_t)snprintf(&bucket[used],
                                 sizeof(bucket) - used,
                                 "%02x",
                                 work->issue->subject.byte[i]);
    }
    if (dg_store_count(
            work->issuer->store, bucket, work->now_s, HOUR_S, &count) !=
        DG_OK) {
        return store_failed(work);
    }
    return (count <= (int64_t)work->issuer->subject_per_h) ||
           refuse(work,
                  DG_ISSUE_TOO_MANY,
                  "request",
                  "this phone asked too often in this hour",
                  "use the ticket that the pump has; try again next hour");
}

/* requalification ---------------------------------------------------------- */

enum dg_status dg_issuer_stage(const struct dg_crypto *crypto,
                               const struct dg_hash *subject,
                               const char *build,
                               uint8_t percent,
                               bool *is_in)
{
    static const uint8_t text[] = "dosegate stage 1";
    const dg_span parts[] = {DG_SPAN_OF(text),
                             DG_SPAN_OF(subject->byte),
                             {(const uint8_t *)build, strlen(build)}};
    struct dg_hash hash;
    const enum dg_status status =
        crypto->sha256(crypto->context, parts, 3U, &hash);

    if (status != DG_OK) {
        return status;
    }

    const uint32_t drawn =
        ((uint32_t)hash.byte[0] << 24) | ((uint32_t)hash.byte[1] << 16) |
        ((uint32_t)hash.byte[2] << 8) | (uint32_t)hash.byte[3];

    *is_in = (drawn % 100U) < percent;
    return DG_OK;
}

static void note(struct work *work, const char *text)
{
    (void)snprintf(work->issue->note, sizeof(work->issue->note), "%s", text);
}

/* A run counts only where the policy has the build on trial, this phone is in
 * the stage, and nobody stopped it. */
static bool is_admitted(struct work *work, int row, bool *is_in)
{
    const struct dg_issuer *issuer = work->issuer;
    struct dg_store_trial trial;

    if (dg_store_trial(issuer->store, work->build, &trial) != DG_OK) {
        return store_failed(work);
    }
    if (trial.is_stopped) {
        note(work,
             "requalification of this build was stopped: it failed on too "
             "many phones");
        *is_in = false;
        return true;
    }
    if (dg_issuer_stage(issuer->crypto,
                        &work->issue->subject,
                        work->build,
                        issuer->list->trial[row].percent,
                        is_in) != DG_OK) {
        return crypto_failed(work);
    }
    if (!*is_in) {
        note(work,
             "this build is not open to this phone yet: it is given out in "
             "stages");
    }
    return true;
}

static bool take_run(struct work *work)
{
    const struct dg_issuer *issuer = work->issuer;
    const struct dg_hash *subject = &work->issue->subject;
    struct dg_requalification run;
    enum dg_status status = dg_requalification_verify(
        issuer->crypto, work->request->requalification, &run);

    if (status != DG_OK) {
        return refuse(work,
                      DG_ISSUE_REJECTED,
                      "requalification",
                      "is no record that its key signed",
                      "run dosegate requalify again");
    }
    if ((memcmp(&run.nonce, &work->request->nonce, sizeof(run.nonce)) != 0) ||
        (memcmp(&run.subject, subject, sizeof(run.subject)) != 0)) {
        return refuse(work,
                      DG_ISSUE_REJECTED,
                      "requalification",
                      "is about another nonce or another phone",
                      "run dosegate requalify again");
    }
    status = dg_store_runner(issuer->store, subject, &run.key, work->now_s);
    if (status == DG_E_AUTH) {
        return refuse(work,
                      DG_ISSUE_REJECTED,
                      "requalification",
                      "is signed by another key than this phone's runs before",
                      "bring that key back, or pair the phone anew");
    }
    if (status == DG_OK) {
        status = dg_store_trial_add(issuer->store,
                                    work->build,
                                    subject,
                                    dg_requalification_passed(&run),
                                    issuer->list->stop_runs,
                                    issuer->list->stop_percent,
                                    work->now_s);
    }
    return (status == DG_OK) || store_failed(work);
}

static bool has_passed(struct work *work, bool *is_passed)
{
    return (dg_store_trial_passed(work->issuer->store,
                                  work->build,
                                  &work->issue->subject,
                                  is_passed) == DG_OK) ||
           store_failed(work);
}

/* @satisfies{FDP_ATTEST.5@1} */
static bool requalify(struct work *work, uint32_t *claims)
{
    const struct dg_issuer *issuer = work->issuer;
    const int row = dg_policy_list_row(issuer->list, &work->appraisal[0]);
    bool is_in = false;
    bool is_passed = false;

    if (dg_attestation_claim(*claims, DG_CLAIM_PLATFORM) != DG_CLAIM_YES) {
        note(work,
             "the policy does not know this build or patch level: doses need "
             "the pump's button");
        return true;
    }
    if ((dg_attestation_claim(*claims, DG_CLAIM_QUALIFIED) == DG_CLAIM_YES) ||
        (row < 0) || !issuer->list->trial[row].is_on_trial) {
        return true;
    }
    if (!is_admitted(work, row, &is_in) || !has_passed(work, &is_passed)) {
        return false;
    }
    /* Who passed before is heard again even where the trial is closed: the
     * next run may fail. */
    if ((is_in || is_passed) && (work->request->requalification.size > 0U) &&
        !(take_run(work) && has_passed(work, &is_passed))) {
        return false;
    }
    if (is_passed) {
        *claims =
            dg_attestation_state(*claims, DG_CLAIM_QUALIFIED, DG_CLAIM_YES);
        note(work, "");
    } else if (is_in) {
        note(work,
             "this build is on trial: run dosegate requalify on this phone");
    }
    return true;
}

/* ticket ------------------------------------------------------------------- */

static bool grade(struct work *work, uint32_t claims)
{
    struct dg_attestation *to = &work->issue->attestation;
    const struct dg_policy_list *list = work->issuer->list;

    *to = (struct dg_attestation){.nonce = work->request->nonce,
                                  .subject = work->issue->subject,
                                  .claims = claims,
                                  .level = dg_policy_list_level(list, claims),
                                  .policy = list->version,
                                  .life_s = list->life_s,
                                  .epoch = list->epoch};
    if (to->level != DG_PACKAGE_NONE) {
        return true;
    }

    char what[DG_REQUEST_TEXT_MAX] = "level low lacks";
    size_t used = strlen(what);

    for (unsigned i = 0; i < DG_CLAIMS; i++) {
        const bool is_asked =
            ((list->level_yes[DG_PACKAGE_LOW] >> i) & 1U) != 0U;

        if (is_asked &&
            (dg_attestation_claim(claims, (enum dg_claim)i) != DG_CLAIM_YES) &&
            (used < sizeof(what))) {
            used += (size_t)snprintf(&what[used],
                                     sizeof(what) - used,
                                     " %s",
                                     dg_claim_name((enum dg_claim)i));
        }
    }
    return refuse(work,
                  DG_ISSUE_REJECTED,
                  "evidence",
                  what,
                  "use a phone, system and app that the policy names");
}

static bool sign(struct work *work)
{
    struct dg_issue *issue = work->issue;
    struct dg_store_ticket entry = {.nonce = work->request->nonce,
                                    .subject = issue->subject,
                                    .claims = issue->attestation.claims,
                                    .level = issue->attestation.level,
                                    .policy = issue->attestation.policy};
    dg_span ticket = {NULL, 0U};

    memcpy(entry.build, work->build, sizeof(entry.build));

    const enum dg_status status = dg_store_ticket(
        work->issuer->store, &entry, work->now_s, &issue->attestation.serial);

    if (status == DG_E_REPLAY) {
        return refuse(work,
                      DG_ISSUE_REPLAY,
                      "nonce",
                      "bought a ticket before",
                      "ask the pump for a new nonce");
    }
    if (status != DG_OK) {
        return store_failed(work);
    }
    if (dg_attestation_sign(work->issuer->crypto,
                            work->issuer->secret,
                            &issue->attestation,
                            DG_BUF_OF(issue->ticket),
                            &ticket) != DG_OK) {
        return crypto_failed(work);
    }
    memmove(issue->ticket, ticket.at, ticket.size);
    issue->size = ticket.size;
    issue->result = DG_ISSUE_TICKET;
    return true;
}

/* What a build on trial goes by. */
static void name_build(struct work *work)
{
    const struct dg_appraisal *first = &work->appraisal[0];
    const char *kind = dg_evidence_kind_name(first->kind);

    if (first->measured[0] != '\0') {
        (void)snprintf(work->build,
                       sizeof(work->build),
                       "%.24s %s",
                       kind,
                       first->measured);
        return;
    }
    (void)snprintf(work->build,
                   sizeof(work->build),
                   "%.24s %lu %lu",
                   kind,
                   (unsigned long)first->os_version,
                   (unsigned long)first->os_patch);
}

static bool judge(struct work *work)
{
    const struct dg_issuer *issuer = work->issuer;
    const struct dg_ticket_request *request = work->request;
    const struct dg_platform_policy policy = {.rule = issuer->list->build,
                                              .rules = issuer->list->builds,
                                              .app = issuer->list->app,
                                              .apps = issuer->list->apps};
    const bool has_second = request->evidences > 1U;

    if (!prepare(work) || !appraise(work, 0U) ||
        (has_second && !appraise(work, 1U)) || !within_rate(work) ||
        !remember(work)) {
        return false;
    }
    name_build(work);

    uint32_t claims = dg_ticket_claims(
        &work->appraisal[0], has_second ? &work->appraisal[1] : NULL, &policy);

    return requalify(work, &claims) && grade(work, claims) && sign(work);
}

/* @satisfies{FDP_ATTEST.1@1} */
void dg_issuer_run(const struct dg_issuer *issuer,
                   const struct dg_ticket_request *request,
                   int64_t now_s,
                   struct dg_issue *issue)
{
    struct work work = {
        .issuer = issuer, .request = request, .now_s = now_s, .issue = issue};

    memset(issue, 0, sizeof(*issue));
    if (!judge(&work)) {
        issue->size = 0;
        memset(issue->ticket, 0, sizeof(issue->ticket));
    }
}
