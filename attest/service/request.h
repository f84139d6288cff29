/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_ATTEST_REQUEST_H
#define DG_ATTEST_REQUEST_H

#include "attest/evidence.h"
#include "attest/requalification.h"
#include "dosegate/approval.h"

/* What a phone asks for: hostile JSON in, one checked structure out.
 *
 *   {"device": HEX8, "nonce": HEX16, "key": HEX64, "presence": HEX64,
 *    "evidence": [{"kind": "android-key", "bytes": BASE64}, ... up to 2],
 *    ? "key_id": HEX32, ? "requalification": BASE64}
 *
 * The first piece speaks of the platform and, on Android, of the controller's
 * key; the second of the presence key.  key_id names an App Attest key. */
#define DG_REQUEST_EVIDENCES 2U
/* Two pieces of evidence in base64, and the rest. */
#define DG_REQUEST_SIZE_MAX  180224U
#define DG_REQUEST_FIELD_MAX 32U
#define DG_REQUEST_TEXT_MAX  160U

/* Which field is wrong, what is wrong, and what to do. */
struct dg_request_problem {
    char field[DG_REQUEST_FIELD_MAX];
    char problem[DG_REQUEST_TEXT_MAX];
    char remedy[DG_REQUEST_TEXT_MAX];
};

struct dg_ticket_request {
    struct dg_device_id device;
    struct dg_attest_nonce nonce;
    struct dg_public_key key;
    struct dg_public_key presence;
    size_t evidences; /* 1 .. DG_REQUEST_EVIDENCES */
    enum dg_evidence_kind kind[DG_REQUEST_EVIDENCES];
    dg_span evidence[DG_REQUEST_EVIDENCES]; /* inside room */
    bool has_key_id;
    struct dg_hash key_id;
    dg_span requalification; /* inside room; {NULL, 0}: none */
    size_t used;
    uint8_t room[DG_REQUEST_EVIDENCES * DG_EVIDENCE_SIZE_MAX +
                 DG_REQUALIFICATION_SIZE_MAX];
};

/**
 * Read a request.
 *
 * @param[out] request  Points into itself: do not copy it.
 * @param[out] problem  Filled unless DG_OK; printable ASCII, nothing of the
 *                      request's values in it.
 *
 * @retval DG_OK           Every field is there and in range.
 * @retval DG_E_MALFORMED  Not so.
 */
DG_NODISCARD enum dg_status dg_ticket_request_read(
    dg_span json,
    struct dg_ticket_request *request,
    struct dg_request_problem *problem);

/** Fill a problem. */
void dg_request_problem_set(struct dg_request_problem *problem,
                            const char *field,
                            const char *what,
                            const char *remedy);

#endif
