/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto_openssl.h"
#include "dosegate/cbor.h"
#include "dosegate/message.h"
#include "eval/file.h"
#include "eval/hex.h"
#include "journal_file.h"
#include "journal_key.h"
#include "journal_verify.h"
#include "place.h"
#include "talk.h"
#include "verbs.h"

#define ANSWER_MS 20000
#define TRIES     3 /* the ring may turn while it is read */

static const char help[] =
    "usage: dosegate journal FILE [--dir DIR]\n"
    "       dosegate journal show FILE [--key KEY] [--dir DIR]\n"
    "\n"
    "Export the pump's journal: a head that the pump signed, and every entry\n"
    "below it that is still in the pump.  The file is checked before it is\n"
    "written, and the pump is told that it is held.  dosegate verify FILE "
    "says\n"
    "later, offline, whether anyone changed it.\n"
    "\n"
    "With show, the entries of an exported FILE as text, oldest first: time on "
    "the\n"
    "pump's own clock, who, what, and the pump's verdict.  The file is "
    "verified "
    "as\n"
    "dosegate verify does; of one that does not hold nothing is shown.\n";

/* What is being fetched. */
struct fetch {
    struct dg_cli_talk gateway;
    struct dg_crypto crypto;
    struct dg_journal_file file;
    uint8_t head[DG_JOURNAL_BYTES_MAX];
    uint8_t *entries; /* DG_JOURNAL_FILE_MAX */
    uint8_t *whole;   /* as much */
    struct dg_cbor_writer writer;
};

/* One answer of the pump. */
struct page {
    long long first;
    long long total;
    size_t size;
    uint8_t byte[DG_JOURNAL_BYTES_MAX];
};

static bool ask(struct fetch *fetch, const char *request, struct page *page)
{
    json_t *reply = dg_cli_talk_ask(&fetch->gateway, request, ANSWER_MS);
    const char *hex = dg_cli_text(reply, "bytes");
    const size_t digits = strlen(hex);
    bool is_ok = json_is_true(json_object_get(reply, "ok"));

    if (!is_ok) {
        dg_cli_complain(reply);
    } else {
        page->first = dg_cli_int(reply, "first");
        page->total = dg_cli_int(reply, "total");
        page->size = digits / 2U;
        is_ok = (page->size <= sizeof(page->byte)) && (page->first >= 0) &&
                (page->first <= UINT32_MAX) && (page->total >= 0) &&
                (page->total <= UINT32_MAX) &&
                dg_hex_get(hex, (dg_buf){page->byte, page->size});
        if (!is_ok) {
            (void)fprintf(stderr, "dosegate journal: no answer of a journal\n");
        }
    }
    json_decref(reply);
    return is_ok;
}

static bool fetch_key(struct fetch *fetch)
{
    struct page page;

    if (!ask(fetch, "{\"op\":\"journal\",\"ask\":\"key\"}", &page)) {
        return false;
    }
    if (page.size != DG_JOURNAL_KEY_BYTES) {
        (void)fprintf(stderr, "dosegate journal: the pump has no such key\n");
        return false;
    }
    memcpy(fetch->file.key.x, &page.byte[0], DG_P256_SIZE);
    memcpy(fetch->file.key.y, &page.byte[DG_P256_SIZE], DG_P256_SIZE);
    memcpy(fetch->file.device.byte,
           &page.byte[2U * DG_P256_SIZE],
           DG_DEVICE_ID_SIZE);
    return true;
}

/* The first export learns the key, from a pump that proved to be the paired
 * one; every later one wants the same. */
static bool know_key(const struct fetch *fetch, const char *dir)
{
    char path[DG_CLI_PATH_MAX];
    struct dg_journal_key known;
    struct dg_problem problem = {{0}};
    bool is_there = false;

    if (!dg_cli_join(dir, "journal.key", path)) {
        return false;
    }
    if (dg_journal_key_read(path, &known, &is_there, &problem)) {
        if (dg_journal_key_is(&known, &fetch->file.device, &fetch->file.key)) {
            return true;
        }
        (void)fprintf(stderr,
                      "dosegate journal: this is not the pump, or not the key, "
                      "of %s: move that file away if you have a new pump\n",
                      path);
        return false;
    }
    known.device = fetch->file.device;
    known.key = fetch->file.key;
    if (is_there || !dg_journal_key_write(path, &known, &problem)) {
        (void)fprintf(stderr, "dosegate journal: %s\n", problem.text);
        return false;
    }
    return true;
}

static bool fetch_head(struct fetch *fetch)
{
    struct dg_journal_file *file = &fetch->file;
    struct dg_hash hash;
    struct page page;

    if (!ask(fetch, "{\"op\":\"journal\",\"ask\":\"head\"}", &page)) {
        return false;
    }
    memcpy(fetch->head, page.byte, page.size);
    file->head = (dg_span){fetch->head, page.size};
    if (dg_journal_head_verify(&fetch->crypto,
                               &file->key,
                               &file->device,
                               file->head,
                               &file->claim,
                               &hash) != DG_OK) {
        (void)fprintf(stderr, "dosegate journal: the head is not the pump's\n");
        return false;
    }
    file->first = (uint32_t)page.first;
    return true;
}

static bool fetch_peaks(struct fetch *fetch)
{
    struct dg_journal_file *file = &fetch->file;
    struct page page = {.total = 1};
    char text[128];

    file->peak_count = 0;
    do {
        (void)snprintf(text,
                       sizeof(text),
                       "{\"op\":\"journal\",\"ask\":\"peaks\",\"from\":%u,"
                       "\"skip\":%zu}",
                       file->first,
                       file->peak_count);
        if (!ask(fetch, text, &page)) {
            return false;
        }

        const size_t count = page.size / DG_HASH_SIZE;

        if (((page.size % DG_HASH_SIZE) != 0U) ||
            ((file->peak_count + count) > DG_JOURNAL_FILE_PEAKS) ||
            ((count == 0U) && (page.total > (long long)file->peak_count))) {
            (void)fprintf(stderr, "dosegate journal: no peaks of a tree\n");
            return false;
        }
        memcpy(&file->peak[file->peak_count], page.byte, page.size);
        file->peak_count += count;
    } while ((long long)file->peak_count < page.total);
    return true;
}

/* The shortest beginning of @page that is an entry. */
static size_t entry_of(const struct page *page, size_t from)
{
    struct dg_journal_entry entry;

    for (size_t size = 1; size <= (page->size - from); size++) {
        if (dg_journal_entry_decode((dg_span){&page->byte[from], size},
                                    &entry) == DG_OK) {
            return size;
        }
    }
    return 0;
}

/* @again: entries left the pump while we read. */
static bool fetch_entries(struct fetch *fetch, bool *again)
{
    struct dg_journal_file *file = &fetch->file;
    struct page page;
    char text[96];

    *again = false;
    file->count = 0;
    dg_cbor_writer_init(&fetch->writer,
                        (dg_buf){fetch->entries, DG_JOURNAL_FILE_MAX});
    while ((file->first + file->count) < file->claim.size) {
        const uint32_t from = file->first + file->count;
        size_t used = 0;

        (void)snprintf(text,
                       sizeof(text),
                       "{\"op\":\"journal\",\"ask\":\"range\",\"from\":%u}",
                       from);
        if (!ask(fetch, text, &page)) {
            return false;
        }
        if (page.first != from) {
            *again = page.first > from;
            return *again;
        }
        while ((used < page.size) &&
               ((file->first + file->count) < file->claim.size)) {
            const size_t size = entry_of(&page, used);

            if (size == 0U) {
                break;
            }
            dg_cbor_write_bstr(&fetch->writer,
                               (dg_span){&page.byte[used], size});
            used += size;
            file->count++;
        }
        if (used == 0U) {
            (void)fprintf(
                stderr, "dosegate journal: entry %u cannot be read\n", from);
            return false;
        }
    }
    return dg_cbor_writer_end(&fetch->writer, &file->entries) == DG_OK;
}

static bool fetch_all(struct fetch *fetch)
{
    bool again = true;

    for (int i = 0; (i < TRIES) && again; i++) {
        if (!fetch_head(fetch) || !fetch_peaks(fetch) ||
            !fetch_entries(fetch, &again)) {
            return false;
        }
    }
    if (again) {
        (void)fprintf(stderr,
                      "dosegate journal: the pump writes faster than it can be "
                      "read: try again\n");
    }
    return !again;
}

/* Checked as anyone would check it, before it is called an export. */
static int save(struct fetch *fetch, const char *path)
{
    char why[DG_JOURNAL_FILE_WHY];
    struct dg_journal_file back;
    struct dg_problem problem = {{0}};
    dg_span bytes = {NULL, 0};

    if (dg_journal_file_write(&fetch->file,
                              (dg_buf){fetch->whole, DG_JOURNAL_FILE_MAX},
                              &bytes) != DG_OK) {
        (void)fprintf(stderr, "dosegate journal: too large\n");
        return DG_CLI_FAILED;
    }
    if (dg_journal_file_check(&fetch->crypto, bytes, &back, why) !=
        DG_JOURNAL_SOUND) {
        (void)fprintf(stderr,
                      "dosegate journal: what the pump sent does not hold: "
                      "%s; nothing was written\n",
                      why);
        return 2;
    }
    if (dg_file_write(path, bytes, 0600, &problem) != DG_OK) {
        (void)fprintf(stderr, "dosegate journal: %s\n", problem.text);
        return DG_CLI_FAILED;
    }
    (void)printf("%s: %s\n", path, why);
    return DG_CLI_OK;
}

/* The pump learns that it is held.  A refusal is a fork, or a phone that may
 * only look on; the file stays either way. */
static bool tell_held(struct fetch *fetch)
{
    char hex[(2U * DG_JOURNAL_BYTES_MAX) + 1U];
    char text[sizeof(hex) + 64U];
    struct page page;

    dg_hex_put(fetch->file.head, hex);
    (void)snprintf(text,
                   sizeof(text),
                   "{\"op\":\"journal\",\"ask\":\"exported\",\"head\":\"%s\"}",
                   hex);
    return ask(fetch, text, &page);
}

static int run(struct fetch *fetch, const char *dir, const char *path)
{
    if (!fetch_key(fetch) || !know_key(fetch, dir) || !fetch_all(fetch)) {
        return DG_CLI_FAILED;
    }

    const int code = save(fetch, path);

    return ((code == DG_CLI_OK) && !tell_held(fetch)) ? DG_CLI_FAILED : code;
}

static int show(int argc, char **argv)
{
    const char *asked = NULL;
    const char *key = NULL;
    const char *path = NULL;
    const struct dg_cli_option options[] = {{"--dir", &asked, NULL},
                                            {"--key", &key, NULL}};
    struct dg_crypto crypto;
    const int read = dg_cli_options(argc, argv, help, options, 2, &path);

    if (read != 0) {
        return (read == 2) ? DG_CLI_OK : DG_CLI_FAILED;
    }
    if (path == NULL) {
        (void)fprintf(stderr, "dosegate journal show: name the file\n");
        return DG_CLI_FAILED;
    }
    if (dg_crypto_openssl_init(&crypto) != DG_OK) {
        (void)fprintf(stderr, "dosegate journal: no usable OpenSSL 3\n");
        return DG_CLI_FAILED;
    }

    const int code =
        dg_cli_verify_journal(&crypto, path, key, asked, NULL, true);

    dg_crypto_openssl_free(&crypto);
    return code;
}

int dg_cli_journal(int argc, char **argv)
{
    if ((argc > 1) && (strcmp(argv[1], "show") == 0)) {
        return show(argc - 1, argv + 1);
    }

    const char *asked = NULL;
    const char *path = NULL;
    const struct dg_cli_option options[] = {{"--dir", &asked, NULL}};
    char dir[DG_CLI_PATH_MAX];
    static struct fetch fetch;
    int code = DG_CLI_FAILED;
    const int read = dg_cli_options(argc, argv, help, options, 1, &path);

    if (read != 0) {
        return (read == 2) ? DG_CLI_OK : DG_CLI_FAILED;
    }
    if (path == NULL) {
        (void)fprintf(stderr, "dosegate journal: name the file; see --help\n");
        return DG_CLI_FAILED;
    }
    if (!dg_cli_place(asked, dir) || !dg_cli_gateway(&fetch.gateway, dir)) {
        return DG_CLI_FAILED;
    }
    if (dg_crypto_openssl_init(&fetch.crypto) != DG_OK) {
        (void)fprintf(stderr, "dosegate journal: no usable OpenSSL 3\n");
        dg_cli_talk_close(&fetch.gateway);
        return DG_CLI_FAILED;
    }
    fetch.entries = malloc(DG_JOURNAL_FILE_MAX);
    fetch.whole = malloc(DG_JOURNAL_FILE_MAX);
    if ((fetch.entries != NULL) && (fetch.whole != NULL)) {
        code = run(&fetch, dir, path);
    }
    free(fetch.entries);
    free(fetch.whole);
    dg_crypto_openssl_free(&fetch.crypto);
    dg_cli_talk_close(&fetch.gateway);
    return code;
}
