/* SPDX-License-Identifier: Apache-2.0 */
#include "web.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "talk.h"

#define CONNECT_S  10L
#define WHOLE_S    30L
#define ANSWER_MAX 65536U
#define URL_MAX    512U

struct heard {
    size_t size;
    char text[ANSWER_MAX];
};

static size_t hear(char *data, size_t one, size_t count, void *context)
{
    struct heard *heard = context;
    const size_t size = one * count;

    if (size > sizeof(heard->text) - heard->size) {
        return 0U; /* ends the transfer */
    }
    memcpy(&heard->text[heard->size], data, size);
    heard->size += size;
    return size;
}

/* Every option must be taken, or the answer is not what it seems. */
static bool prepare(CURL *curl,
                    const char *url,
                    const char *body,
                    struct curl_slist *headers,
                    struct heard *heard)
{
    bool is_good =
        (curl_easy_setopt(curl, CURLOPT_URL, url) == CURLE_OK) &&
        (curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https") ==
         CURLE_OK) &&
        (curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK) &&
        (curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L) == CURLE_OK) &&
        (curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, CONNECT_S) ==
         CURLE_OK) &&
        (curl_easy_setopt(curl, CURLOPT_TIMEOUT, WHOLE_S) == CURLE_OK) &&
        (curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, hear) == CURLE_OK) &&
        (curl_easy_setopt(curl, CURLOPT_WRITEDATA, heard) == CURLE_OK);

    if (body != NULL) {
        is_good =
            is_good &&
            (curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers) == CURLE_OK) &&
            (curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body) == CURLE_OK);
    }
    return is_good;
}

static json_t *run(const char *url, const char *body, long *code)
{
    CURL *curl = curl_easy_init();
    struct curl_slist *headers =
        curl_slist_append(NULL, "Content-Type: application/json");
    struct heard *heard = calloc(1, sizeof(*heard));
    json_t *answer = NULL;
    CURLcode result = CURLE_FAILED_INIT;

    if ((curl != NULL) && (headers != NULL) && (heard != NULL) &&
        prepare(curl, url, body, headers, heard)) {
        result = curl_easy_perform(curl);
    }
    if (result != CURLE_OK) {
        (void)fprintf(stderr,
                      "dosegate: %s: %s: is the service there?\n",
                      url,
                      curl_easy_strerror(result));
    } else {
        json_error_t error;

        (void)curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, code);
        answer = json_loadb(
            heard->text, heard->size, JSON_REJECT_DUPLICATES, &error);
        if (!json_is_object(answer)) {
            (void)fprintf(stderr,
                          "dosegate: %s: answered no JSON (HTTP %ld): is it an "
                          "attestation service?\n",
                          url,
                          *code);
            json_decref(answer);
            answer = NULL;
        }
    }
    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
    free(heard);
    return answer;
}

json_t *dg_cli_web_ask(const char *url,
                       const char *path,
                       const json_t *body,
                       long *code)
{
    char whole[URL_MAX];
    const size_t size = strlen(url);
    const int is_slashed = ((size > 0U) && (url[size - 1U] == '/')) ? 1 : 0;
    const int used = snprintf(
        whole, sizeof(whole), "%.*s%s", (int)size - is_slashed, url, path);
    char *text = (body == NULL) ? NULL : json_dumps(body, JSON_COMPACT);
    json_t *answer = NULL;

    *code = 0;
    if ((used < 0) || ((size_t)used >= sizeof(whole))) {
        (void)fprintf(stderr, "dosegate: the service's name is too long\n");
    } else if ((body == NULL) || (text != NULL)) {
        answer = run(whole, text, code);
    }
    free(text);
    return answer;
}

void dg_cli_web_complain(const char *verb, const json_t *answer)
{
    const json_t *error = json_object_get(answer, "error");

    if (answer != NULL) {
        (void)fprintf(stderr,
                      "dosegate %s: %s %s: %s\n",
                      verb,
                      dg_cli_text(error, "field"),
                      dg_cli_text(error, "problem"),
                      dg_cli_text(error, "remedy"));
    }
}
