/* SPDX-License-Identifier: Apache-2.0 */
#include "page.h"

#include <stdio.h>
#include <string.h>

#include "page_files.h"

#define HEADERS_MAX 40U
#define VALUE_MAX   160U

/* The headers that matter, each at most once. */
struct headers {
    char host[VALUE_MAX];
    char origin[VALUE_MAX];
    char cookie[VALUE_MAX];
    char length[VALUE_MAX];
    char site[VALUE_MAX]; /* Sec-Fetch-Site */
    char dest[VALUE_MAX]; /* Sec-Fetch-Dest */
    bool is_bad;
};

static enum dg_status make_secret(const struct dg_crypto *crypto,
                                  char hex[DG_PAGE_SECRET_HEX])
{
    uint8_t bytes[16];

    if (crypto->random(crypto->context, DG_BUF_OF(bytes)) != DG_OK) {
        return DG_E_PORT;
    }
    for (size_t i = 0; i < sizeof(bytes); i++) {
        (void)snprintf(&hex[2U * i], 3, "%02x", bytes[i]);
    }
    return DG_OK;
}

enum dg_status dg_page_invite(struct dg_page *page,
                              const struct dg_crypto *crypto)
{
    page->is_open = false;
    page->token[0] = '\0';
    if ((make_secret(crypto, page->cookie) != DG_OK) ||
        (make_secret(crypto, page->token) != DG_OK)) {
        page->token[0] = '\0';
        return DG_E_PORT;
    }
    return DG_OK;
}

/* Takes as long for any text of that length. */
static bool is_secret(const char *secret, const char *text, size_t size)
{
    unsigned differs = 0;

    if ((secret[0] == '\0') || (size != DG_PAGE_SECRET_HEX - 1U)) {
        return false;
    }
    for (size_t i = 0; i < size; i++) {
        differs |=
            (unsigned)((unsigned char)secret[i] ^ (unsigned char)text[i]);
    }
    return differs == 0U;
}

static char lower(char c)
{
    return ((c >= 'A') && (c <= 'Z')) ? (char)(c - 'A' + 'a') : c;
}

static bool is_named(const char *line, size_t size, const char *name)
{
    if (size != strlen(name)) {
        return false;
    }
    for (size_t i = 0; i < size; i++) {
        if (lower(line[i]) != name[i]) {
            return false;
        }
    }
    return true;
}

static void keep(struct headers *headers,
                 char to[VALUE_MAX],
                 const char *value,
                 size_t size)
{
    if ((to[0] != '\0') || (size == 0U) || (size >= VALUE_MAX)) {
        headers->is_bad = true;
        return;
    }
    memcpy(to, value, size);
    to[size] = '\0';
}

static void take_header(struct headers *headers, const char *line, size_t size)
{
    const char *colon = memchr(line, ':', size);

    if ((colon == NULL) || (colon == line)) {
        headers->is_bad = true;
        return;
    }

    const size_t name = (size_t)(colon - line);
    size_t at = name + 1U;

    while ((at < size) && (line[at] == ' ')) {
        at++;
    }

    const struct {
        const char *name;
        char *to;
    } known[] = {{"host", headers->host},
                 {"origin", headers->origin},
                 {"cookie", headers->cookie},
                 {"content-length", headers->length},
                 {"sec-fetch-site", headers->site},
                 {"sec-fetch-dest", headers->dest}};

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (is_named(line, name, known[i].name)) {
            keep(headers, known[i].to, &line[at], size - at);
        }
    }
    /* A body in pieces is nothing that our page sends. */
    headers->is_bad =
        headers->is_bad || is_named(line, name, "transfer-encoding");
}

/* Lines that end with CR LF, up to the empty one; NULL while it is missing. */
static const char *read_headers(const char *at,
                                const char *end,
                                struct headers *headers)
{
    for (unsigned i = 0; i < HEADERS_MAX; i++) {
        const char *line = memchr(at, '\n', (size_t)(end - at));

        if (line == NULL) {
            return NULL;
        }
        if ((line == at) || (line[-1] != '\r')) {
            headers->is_bad = true;
            return line + 1;
        }
        if (line - 1 == at) {
            return line + 1;
        }
        take_header(headers, at, (size_t)(line - 1 - at));
        at = line + 1;
    }
    headers->is_bad = true;
    return at;
}

/* Ours in every respect, and not a frame's or another site's. */
static bool is_from_here(const struct dg_page *page,
                         const struct headers *headers,
                         bool is_post)
{
    char host[40];
    char origin[48];

    (void)snprintf(host, sizeof(host), "127.0.0.1:%u", page->port);
    (void)snprintf(origin, sizeof(origin), "http://%s", host);
    if (headers->is_bad || (strcmp(headers->host, host) != 0)) {
        return false;
    }
    if ((headers->origin[0] != '\0') || is_post) {
        if (strcmp(headers->origin, origin) != 0) {
            return false;
        }
    }
    if ((headers->site[0] != '\0') &&
        (strcmp(headers->site, "same-origin") != 0) &&
        (strcmp(headers->site, "none") != 0)) {
        return false;
    }
    return (strstr(headers->dest, "frame") == NULL) &&
           (strcmp(headers->dest, "embed") != 0) &&
           (strcmp(headers->dest, "object") != 0);
}

/* "dosegate=HEX", alone: cookies know no ports, and others may have set some. */
static bool has_cookie(const struct dg_page *page, const char *cookies)
{
    static const char name[] = "dosegate=";
    const char *at = strstr(cookies, name);

    if (!page->is_open || (at == NULL)) {
        return false;
    }
    at = &at[sizeof(name) - 1U];
    return is_secret(page->cookie, at, strcspn(at, "; "));
}

static void refuse(struct dg_page_result *result, unsigned status)
{
    *result =
        (struct dg_page_result){.answer = DG_PAGE_REFUSED, .status = status};
}

static void take_get(struct dg_page *page,
                     const char *path,
                     size_t size,
                     const struct headers *headers,
                     struct dg_page_result *result)
{
    static const char door[] = "/?t=";
    const size_t skip = sizeof(door) - 1U;

    if ((size > skip) && (memcmp(path, door, skip) == 0)) {
        if (!is_secret(page->token, &path[skip], size - skip)) {
            refuse(result, 403);
            return;
        }
        page->token[0] = '\0'; /* once */
        page->is_open = true;
        result->answer = DG_PAGE_ENTER;
        result->status = 303;
        return;
    }
    if (!has_cookie(page, headers->cookie)) {
        refuse(result, 403);
        return;
    }
    if ((size == 6U) && (memcmp(path, "/state", 6) == 0)) {
        result->answer = DG_PAGE_STATE;
        return;
    }
    for (size_t i = 0; i < DG_PAGE_FILES; i++) {
        if ((strlen(dg_page_files[i].path) == size) &&
            (memcmp(path, dg_page_files[i].path, size) == 0)) {
            result->answer = DG_PAGE_FILE;
            result->file = &dg_page_files[i];
            return;
        }
    }
    refuse(result, 404);
}

/* The body of a POST, once it is all there. */
static void take_post(const struct dg_page *page,
                      dg_span body,
                      const struct headers *headers,
                      struct dg_page_result *result)
{
    size_t size = 0;

    if (!has_cookie(page, headers->cookie)) {
        refuse(result, 403);
        return;
    }
    for (const char *at = headers->length; *at != '\0'; at++) {
        if ((*at < '0') || (*at > '9') || (size > DG_PAGE_LINE_MAX)) {
            refuse(result, 400);
            return;
        }
        size = (size * 10U) + (size_t)(*at - '0');
    }
    if ((size == 0U) || (size >= DG_PAGE_LINE_MAX) || (body.size > size)) {
        refuse(result, 400);
        return;
    }
    if (body.size < size) {
        result->answer = DG_PAGE_MORE;
        return;
    }
    for (size_t i = 0; i < size; i++) {
        if ((body.at[i] < 0x20U) || (body.at[i] > 0x7EU)) {
            refuse(result, 400);
            return;
        }
    }
    result->answer = DG_PAGE_ACT;
    memcpy(result->line, body.at, size);
    result->line[size] = '\0';
}

/* @satisfies{FTA_PAGE.1@1} */
void dg_page_take(struct dg_page *page,
                  dg_span request,
                  struct dg_page_result *result)
{
    static const char version[] = " HTTP/1.1\r";
    const char *text = (const char *)request.at;
    const char *end = &text[request.size];
    const char *line =
        (request.size == 0U) ? NULL : memchr(text, '\n', request.size);
    struct headers headers = {.is_bad = false};

    *result = (struct dg_page_result){.answer = DG_PAGE_MORE, .status = 200};
    if (line == NULL) {
        if (request.size >= DG_PAGE_REQUEST_MAX) {
            refuse(result, 400);
        }
        return;
    }

    const bool is_long = line - text >= 15;
    const bool is_get = is_long && (memcmp(text, "GET /", 5) == 0);
    const bool is_act = is_long && (memcmp(text, "POST /act ", 10) == 0);
    const char *path = is_get ? &text[4] : text;
    const size_t rest = (size_t)(line - path);
    const size_t tail = sizeof(version) - 1U;
    const char *body = read_headers(line + 1, end, &headers);

    if ((!is_get && !is_act) || (rest < tail) ||
        (memcmp(line - tail, version, tail) != 0)) {
        refuse(result, 405);
    } else if (body == NULL) {
        if (request.size >= DG_PAGE_REQUEST_MAX) {
            refuse(result, 400);
        }
    } else if (!is_from_here(page, &headers, is_act)) {
        refuse(result, 403);
    } else if (is_get) {
        take_get(page, path, rest - tail, &headers, result);
    } else {
        take_post(page,
                  (dg_span){(const uint8_t *)body, (size_t)(end - body)},
                  &headers,
                  result);
    }
}

size_t dg_page_head(const struct dg_page *page,
                    const struct dg_page_result *result,
                    size_t size,
                    char head[DG_PAGE_HEAD_MAX])
{
    static const char guard[] =
        "Content-Security-Policy: default-src 'none'; script-src 'self'; "
        "style-src 'self'; connect-src 'self'; base-uri 'none'; form-action "
        "'none'; frame-ancestors 'none'\r\n"
        "X-Frame-Options: DENY\r\n"
        "X-Content-Type-Options: nosniff\r\n"
        "Referrer-Policy: no-referrer\r\n"
        "Cross-Origin-Opener-Policy: same-origin\r\n"
        "Cross-Origin-Resource-Policy: same-origin\r\n"
        "Cache-Control: no-store\r\n"
        "Connection: close\r\n";
    const char *type = (result->answer == DG_PAGE_FILE) ? result->file->type
                                                        : "application/json";
    char more[160] = "";

    if (result->answer == DG_PAGE_ENTER) {
        (void)snprintf(more,
                       sizeof(more),
                       "Location: /\r\nSet-Cookie: dosegate=%s; HttpOnly; "
                       "SameSite=Strict; Path=/\r\n",
                       page->cookie);
    }

    const int wrote = snprintf(head,
                               DG_PAGE_HEAD_MAX,
                               "HTTP/1.1 %u %s\r\n%s%s"
                               "Content-Type: %s; charset=utf-8\r\n"
                               "Content-Length: %zu\r\n\r\n",
                               result->status,
                               (result->status < 400U) ? "OK" : "Refused",
                               guard,
                               more,
                               type,
                               size);

    return ((wrote > 0) && ((size_t)wrote < DG_PAGE_HEAD_MAX)) ? (size_t)wrote
                                                               : 0U;
}
