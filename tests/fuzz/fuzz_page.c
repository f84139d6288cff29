/* SPDX-License-Identifier: Apache-2.0 */
/* Target: dg_page_take(), what a browser or anybody on this machine may send.
 * Oracle: without the cookie in the bytes nothing but a refusal or a wait comes
 * of them, and an act is always a printable line that the bytes hold. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "domain/page.h"
#include "domain/page_files.h"

const struct dg_page_file dg_page_files[DG_PAGE_FILES] = {
    {"/", "text/html", (const unsigned char *)""},
    {"/confirm.css", "text/css", (const unsigned char *)""},
    {"/confirm.mjs", "text/javascript", (const unsigned char *)""},
    {"/decimal.mjs", "text/javascript", (const unsigned char *)""},
};

static const char secret[] = "0123456789abcdef0123456789abcdef";
static const char token[] = "fedcba9876543210fedcba9876543210";

static int holds(const uint8_t *data, size_t size, const char *what)
{
    const size_t length = strlen(what);

    for (size_t i = 0; i + length <= size; i++) {
        if (memcmp(&data[i], what, length) == 0) {
            return 1;
        }
    }
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct dg_page page = {.port = 8080, .is_open = true};
    struct dg_page_result result;
    char head[DG_PAGE_HEAD_MAX];

    if (size > DG_PAGE_REQUEST_MAX) {
        return 0;
    }
    memcpy(page.cookie, secret, sizeof(secret));
    memcpy(page.token, token, sizeof(token));
    dg_page_take(&page, (dg_span){data, size}, &result);
    if ((result.answer != DG_PAGE_MORE) && (result.answer != DG_PAGE_REFUSED)) {
        const int has_secret = holds(
            data, size, (result.answer == DG_PAGE_ENTER) ? token : secret);

        if (!has_secret || !holds(data, size, "127.0.0.1:8080")) {
            abort();
        }
    }
    if ((result.answer == DG_PAGE_ACT) &&
        ((result.line[0] == '\0') || !holds(data, size, result.line))) {
        abort();
    }
    if ((result.answer != DG_PAGE_MORE) &&
        (dg_page_head(&page, &result, size, head) == 0U)) {
        abort();
    }
    return 0;
}
