/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "token.h"
#include "token_wire.h"

/* Between one role and its TPM or token: one question of fixed size, one answer
 * of fixed size.  It holds no key and stores nothing. */
static const char help[] =
    "usage: dosegate-token tpm:TCTI | pkcs11:URI\n"
    "\n"
    "Started by the roles keys and confirm of dosegate-domain, which talk to "
    "it\n"
    "over a socket on standard input; nothing for people to run.\n";

static void no_answer(const char *why, struct dg_token_answer *answer)
{
    const size_t size = strlen(why);

    answer->blob.size = (uint16_t)(size + 1U);
    memcpy(answer->blob.byte, why, size + 1U);
}

static enum dg_status agree(const struct dg_token_row *row,
                            const struct dg_token_request *request,
                            struct dg_token_answer *answer)
{
    struct dg_public_key peer;
    struct dg_secret shared;
    enum dg_status status = dg_token_lift(request->data, &peer);

    if (status == DG_OK) {
        status = row->agree(&request->blob, &peer, &shared);
    }
    if (status == DG_OK) {
        memcpy(answer->data, shared.byte, sizeof(shared.byte));
    }
    explicit_bzero(&shared, sizeof(shared));
    return status;
}

static enum dg_status sign(const struct dg_token_row *row,
                           const struct dg_token_request *request,
                           struct dg_token_answer *answer)
{
    struct dg_hash hash;
    struct dg_signature signature;

    memcpy(hash.byte, request->data, sizeof(hash.byte));

    const enum dg_status status = row->sign(&request->blob, &hash, &signature);

    if (status == DG_OK) {
        memcpy(answer->data, signature.byte, sizeof(signature.byte));
    }
    return status;
}

static enum dg_status obey(const struct dg_token_row *row,
                           const struct dg_token_request *request,
                           struct dg_token_answer *answer)
{
    switch (request->op) {
    case DG_TOKEN_HELLO:
        answer->value = (row->count != NULL) ? 1U : 0U;
        return DG_OK;
    case DG_TOKEN_MAKE:
        return row->make(
            (enum dg_key_use)request->use, &answer->public_key, &answer->blob);
    case DG_TOKEN_AGREE:
        return agree(row, request, answer);
    case DG_TOKEN_SIGN:
        return sign(row, request, answer);
    case DG_TOKEN_DESTROY:
        return row->destroy(&request->blob);
    case DG_TOKEN_COUNT:
        return (row->count == NULL)
                   ? DG_E_STATE
                   : row->count(request->use != 0U, &answer->value);
    default:
        return DG_E_PORT;
    }
}

/* The first question waits until the hardware is open, or has failed. */
static int serve(const struct dg_token_row *row, const char *wrong)
{
    for (;;) {
        uint8_t in[DG_TOKEN_REQUEST_SIZE];
        uint8_t out[DG_TOKEN_ANSWER_SIZE];
        struct dg_token_request request;
        struct dg_token_answer answer = {.status = DG_E_PORT};
        const ssize_t got = read(STDIN_FILENO, in, sizeof(in));

        if (got == 0) { /* the role has gone */
            if (wrong == NULL) {
                row->close();
            }
            return 0;
        }
        if ((got != (ssize_t)sizeof(in)) ||
            !dg_token_request_read(in, &request)) {
            return 1;
        }
        if (wrong != NULL) {
            no_answer(wrong, &answer);
        } else {
            answer.status = obey(row, &request, &answer);
        }
        dg_token_answer_write(&answer, out);

        const bool told =
            write(STDIN_FILENO, out, sizeof(out)) == (ssize_t)sizeof(out);

        explicit_bzero(&answer, sizeof(answer));
        explicit_bzero(out, sizeof(out));
        if (!told || (wrong != NULL)) {
            return 1;
        }
    }
}

int main(int argc, char **argv)
{
    static const struct dg_token_row *const rows[] = {
#ifdef DG_HAS_TPM
        &dg_token_tpm,
#endif
#ifdef DG_HAS_PKCS11
        &dg_token_pkcs11,
#endif
        NULL};
    const struct rlimit nothing = {0, 0};
    char why[DG_KEYSTORE_WHY_MAX] =
        "this build has no such kind: it was built without its library";
    int type = 0;
    socklen_t size = sizeof(type);

    if ((argc == 2) && (strcmp(argv[1], "--help") == 0)) {
        (void)fputs(help, stdout);
        return 0;
    }
    if ((argc != 2) ||
        (getsockopt(STDIN_FILENO, SOL_SOCKET, SO_TYPE, &type, &size) != 0)) {
        (void)fputs(help, stderr);
        return 1;
    }
    /* We say ourselves what is wrong, once. */
    (void)setenv("TSS2_LOG", "all+none", 1);
    if ((prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) ||
        (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) ||
        (setrlimit(RLIMIT_CORE, &nothing) != 0)) {
        return 1;
    }
    for (size_t i = 0; rows[i] != NULL; i++) {
        const size_t length = strlen(rows[i]->scheme);

        if ((strncmp(argv[1], rows[i]->scheme, length) == 0) &&
            (argv[1][length] == ':')) {
            const bool is_open =
                rows[i]->open(&argv[1][length + 1U], why) == DG_OK;

            _exit(serve(rows[i], is_open ? NULL : why));
        }
    }
    _exit(serve(NULL, why));
}
